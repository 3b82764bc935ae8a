import math

import pytest

from actscope import activations, figures
from actscope.figures import GainRow

SMALL = ["--hidden", "8,8", "--inputs", "20"]


@pytest.fixture
def undrawn(monkeypatch):
    """No figures: their own tests draw them. What was to be drawn."""
    asked = []

    def gallery(wanted, foresights):
        asked.append(([each.label for each in wanted], foresights))
        return iter(())

    monkeypatch.setattr("actscope.report.theory_gallery", gallery)
    return asked


@pytest.mark.heavy
def test_tables_of_two_functions(call, place, undrawn):
    said = call("theory", "relu", "tanh")
    assert (said.status, said.err) == (0, "")
    rows = [line.split() for line in said.out.splitlines()]
    # By hand: 1/√(2π), 1/2 and 1/2; f' jumps; √2 twice; 1/√(1/2 - 1/(2π)).
    assert ["relu", "0.3989", "0.5", "0.5", "–", "1.414", "1.414", "1.713"] in rows
    assert ["relu", "0", "1.414", "2", "any", "1", "1", "yes"] in rows
    assert ["tanh", "0", "1", "1", "0", "1", "1", "yes"] in rows
    assert ["relu", "1.414", "0", "any"] in rows
    assert ["relu", "pytorch", "0", "0.1667", "ordered", "1", "0.5581", "0.5581"] in rows
    assert "relu, σ_b = 0.1, 0.2: none; E[f²] is proportional to q" in said.out
    assert said.out.index("PyTorch's gain of relu is 1.414.") < said.out.index(
        "PyTorch's gain of tanh is 1.667."
    )
    assert said.out.endswith("\ndrawn in actscope-runs/theory\n")
    assert undrawn == [(["relu", "tanh"], [])]


@pytest.mark.heavy
def test_json_alone_on_standard_output(call, place, read, undrawn):
    said = call("theory", "tanh", "relu", "--sigma-b", f"0,{math.sqrt(0.05)}", "--json", "-")
    assert (said.status, said.err) == (0, "")
    found = read(said.out, "theory")["activations"]
    assert list(found) == ["tanh", "relu"]
    origin, point = found["tanh"]["critical"]
    assert (origin["sigma_w"], origin["q"]) == (pytest.approx(1), 0)
    assert point["sigma_w"] ** 2 == pytest.approx(1.760955)  # published: see CONVENTIONS
    assert point["q"] == pytest.approx(0.570048)
    assert point["stable"]
    assert found["relu"]["forward_gain"] == pytest.approx(math.sqrt(2))
    assert found["relu"]["critical"][0]["q"] is None
    assert found["relu"]["usual"]["he"][0]["depth_c"] is None  # infinite
    assert "forecast" not in found["relu"]
    assert not undrawn
    assert not list(place.iterdir())


@pytest.mark.heavy
def test_a_forecast_beside_networks_that_were_drawn(call, place, read, undrawn):
    said = call("theory", "relu", *SMALL, "--seeds", "2", "--out", "o", "--json", "new/t.json")
    assert (said.status, said.err) == (0, "")
    found = read((place / "new/t.json").read_text(), "theory")["activations"]["relu"]["forecast"]
    assert [layer["layer"] for layer in found] == [1, 2]
    assert [layer["width"] for layer in found] == [8, 8]
    # Inputs of mean square 1; the second layer's are half of the first's, and biases of 1/(3 · 8).
    first = 1 / 3 + 1 / 60
    assert found[0]["second_moment"] == pytest.approx(first, rel=1e-6)
    assert found[1]["second_moment"] == pytest.approx(first / 6 + 1 / 24, rel=1e-6)
    assert [layer["gradient_norm"] for layer in found] == pytest.approx([math.sqrt(1 / 6), 1])
    assert all(0 < layer["measured"]["second_moment"] < 1 for layer in found)
    assert all(set(layer["measured"]) == set(layer["scatter"]) for layer in found)
    rows = [line.split() for line in said.out.splitlines()]
    expected = f"1 8 expected {first:.3g} ± 0.2"
    assert [" ".join(row[:6]) for row in rows if row[:3] == ["1", "8", "expected"]] == [expected]
    assert sum(row[:1] == ["measured"] for row in rows) == 2
    assert "measured: the average of 2, and how many standard errors it is off" in said.out
    assert undrawn[0][1][0].networks == 2


def test_a_forecast_alone_of_the_critical_start(call, place, read, undrawn):
    said = call("theory", "tanh", *SMALL, "--seeds", "0", "--init", "critical", "--json", "-")
    found = read(said.out, "theory")["activations"]["tanh"]
    assert all(layer["measured"] is None for layer in found["forecast"])
    assert all("dead" not in layer for layer in found["forecast"])
    for layer in found["forecast"]:
        assert layer["second_moment"] == pytest.approx(found["start"]["q"], rel=1e-6)
        assert layer["gradient_norm"] == pytest.approx(1)
    out = call("theory", "tanh", *SMALL, "--seeds", "0").out
    assert "measured" not in out
    assert "e-1" not in out.rpartition("tanh, pytorch:")[2]  # what is rounding is shown as 0


def test_inputs_of_a_data_set(call, place, read, digits):
    small = ["--hidden", "8", "--seeds", "0", "--dataset", "digits"]
    said = call("theory", "relu", *small, "--json", "-")
    (layer,) = read(said.out, "theory")["activations"]["relu"]["forecast"]
    # Of 8 × 8 pixels from 0 to 16, as networks get them; the first 256 images.
    scale = digits.normalization
    square = ((digits.train.images[:256] / scale.scale - scale.mean) / scale.std) ** 2
    assert layer["second_moment"] == pytest.approx(square.mean() / 3 + 1 / 192, rel=1e-6)


@pytest.mark.heavy
def test_a_function_of_ones_own(call, place, read):
    (place / "cli_steep.py").write_text(
        "import jax.numpy as jnp\ndef steep(x): return jnp.tanh(2 * x)\n"
    )
    said = call("theory", "cli_steep:steep", "--sigma-b", "0", "--json", "-")
    (point,) = read(said.out, "theory")["activations"]["cli_steep:steep"]["critical"]
    assert (point["sigma_w"], point["q"]) == (pytest.approx(0.5), 0)  # σ_w f'(0) = 1


OWN = """
import jax.numpy as jnp
def nothing(x): return jnp.nan * x
def log(x): return jnp.log(x)
def twice(x): return jnp.concatenate([x, x], -1)
number = 3
"""


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["relu", "--sigma-b", "x"], "--sigma-b 'x'; expected numbers of at least 0"),
        (["relu", "--sigma-b", "0,-1"], "--sigma-b '0,-1'; expected numbers of at least 0"),
        (["relu", "--sigma-b", "nan"], "--sigma-b 'nan'; expected numbers of at least 0"),
        (["relu", "--sigma-b", ""], "--sigma-b ''; expected numbers of at least 0"),
        (["relux"], "unknown activation 'relux'; expected one of"),
        (["cli_own:nothing"], "cli_own:nothing makes NaN"),
        (["cli_own:log"], "cli_own:log makes NaN"),
        (["cli_own:twice"], "activation 'cli_own:twice' made float32[2, 6] of float32[2, 3]"),
        (["cli_own:number"], "'cli_own:number' is a int; expected a callable"),
        (["rrelu"], "rrelu draws at random in training; expected a function"),
        (["glu"], "glu makes 1 of 2 numbers; expected a function of one number"),
        (["relu", "--hidden", "0"], "--hidden '0'; expected whole numbers above 0"),
        (["relu", *SMALL, "--init", "hee_normal"], "unknown initialisation 'hee_normal'"),
        (["relu", *SMALL, "--init", "lsuv"], "theory says nothing about initialisation 'lsuv'"),
        (["relu", *SMALL, "--dataset", "digit"], "unknown data set 'digit'"),
        ([], "missing argument 'NAME'"),
    ],
)
def test_what_is_refused(call, place, undrawn, arguments, error):
    (place / "cli_own.py").write_text(OWN)
    said = call("theory", *arguments, "--json", "-")
    assert (said.status, said.out) == (2, "")
    assert said.error.startswith(error)
    assert not undrawn


@pytest.mark.slow
def test_the_whole_table_follows_the_schema(call, place, read):
    wanted = [
        name
        for name in activations.names()
        if (each := activations.get(name)).elementwise and not each.random
    ]
    said = call("theory", *wanted, "--sigma-b", "0,0.1,0.5", "--json", "-")
    assert (said.status, said.err) == (0, "")
    found = read(said.out, "theory")["activations"]
    assert list(found) == wanted
    for entry in found.values():
        assert all(point["chi"] == pytest.approx(1) for point in entry["critical"])
        assert entry["start"]["sigma_w"] > 0


def test_figures_in_the_format_that_is_asked_for(call, place, monkeypatch):
    def gallery(wanted, foresights):
        yield "gains", figures.gain_table({each.label: GainRow(1.0, 2.0) for each in wanted})

    monkeypatch.setattr("actscope.report.theory_gallery", gallery)
    said = call("theory", "relu", "--sigma-b", "0", "--out", "o", "--format", "SVG")
    assert (said.status, said.err) == (0, "")
    assert [path.name for path in (place / "o").iterdir()] == ["gains.svg"]
    assert ">relu</text>" in (place / "o" / "gains.svg").read_text("utf-8")
