import math

import numpy as np
import pytest

from actscope import activations, figures

COLUMNS = "function range monotone smooth kinks Lipschitz"


@pytest.mark.heavy
def test_the_whole_table_in_80_columns_and_in_a_file(call, place, read, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = call("functions", "--json", "new/folder/f.json")
    assert (said.status, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80
    facts, sources = said.out.split("\n\n")
    # A name is never broken; what is left of a row stands further in.
    rows = [line.split()[0] for line in facts.splitlines()[1:] if line[0] != " "]
    assert rows == list(activations.names())
    rows = [line.split()[0] for line in sources.splitlines()[1:] if line[0] != " "]
    assert rows == list(activations.names())
    found = read((place / "new/folder/f.json").read_text(), "functions")
    assert {*found["functions"], *found["layers"]} == set(activations.names())
    for name, layer in found["layers"].items():
        activation = activations.get(name)
        assert (layer["reads"], layer["makes"]) == (activation.reads, activation.makes)
        assert (layer["reads"], layer["makes"]) != (1, 1)


@pytest.mark.heavy
def test_pictures_of_the_whole_table_stand_in_groups(call, place, monkeypatch):
    monkeypatch.setattr(activations, "names", lambda: ("relu", "glu", "tanh"))
    shown = []
    monkeypatch.setattr("actscope.figures.curves", kept(shown, figures.curves))
    monkeypatch.setattr("actscope.figures.densities", kept(shown, figures.densities))
    said = call("functions")
    assert (said.status, said.err) == (0, "")
    facts, _, drawn = said.out.split("\n\n")
    assert " ".join(facts.splitlines()[0].split()) == COLUMNS
    names = ("functions.png", "functions-distribution.png")
    assert drawn.splitlines() == [f"drawn in actscope-runs/functions/{name}" for name in names]
    for name in names:
        assert (place / "actscope-runs/functions" / name).read_bytes()[1:4] == b"PNG"
    assert [list(each) for each in shown] == [["relu", "tanh"]] * 2  # glu has no curve


def kept(into, draw):
    """The same figure; what it shows is kept."""

    def drawn(shown):
        into.append(shown)
        return draw(shown)

    return drawn


@pytest.mark.heavy
def test_functions_that_are_named_share_their_axes(call, place, monkeypatch):
    monkeypatch.setattr("actscope.figures.curves", lambda _: pytest.fail("not by groups"))
    assert call("functions", "tanh", "relu", "--plot", "o.svg").status == 0
    assert sorted(path.name for path in place.iterdir()) == ["o-distribution.svg", "o.svg"]


def test_a_row_says_what_is_known(call):
    out = call("functions", "swish", "relu", "glu", "--json", "f.json").out
    rows = [" ".join(line.split()) for line in out.splitlines()]
    assert "swish -0.2785 … inf no yes none 1.1" in rows
    assert "relu 0 … inf yes C^0 0 1" in rows
    assert "glu - - - - -" in rows
    assert "relu rectified max(x, 0) Nair and Hinton 2010, section 2; Fukushima 1969" in rows


def test_the_record_in_the_json(call, read):
    said = call("functions", "relu", "silu", "--json", "-")
    relu, swish = read(said.out, "functions")["functions"].values()
    assert (relu["family"], relu["smoothness"], relu["lipschitz"]) == ("rectified", 0, 1)
    assert (relu["bounded"], relu["parameters"], relu["trainable"]) == (False, {}, {})
    assert (relu["value_at_0"], relu["gradient_at_0"], swish["gradient_at_0"]) == (0, 0, 0.5)
    assert "silu" in swish["aliases"]
    assert swish["smoothness"] is None  # smooth
    x = np.array(swish["x"])
    s = 1 / (1 + np.exp(-x))
    curvature = s * (1 - s) * (2 + x * (1 - 2 * s))
    np.testing.assert_allclose(swish["second_derivative"], curvature, atol=1e-6)


def test_the_time_of_each_beside_relu(call, read, monkeypatch):
    # What is measured has its own tests; here it would take seconds.
    measured = {"relu": 1.0, "glu": 2.5}
    monkeypatch.setattr(
        activations, "costs", lambda wanted: ((each, measured[each.name]) for each in wanted)
    )
    said = call("functions", "relu", "glu", "--cost", "--json", "f.json")
    rows = [line.split() for line in said.out.splitlines()]
    assert rows[0][-2:] == ["Lipschitz", "cost"]
    assert [row[-1] for row in rows[1:3]] == ["1.00", "2.50"]
    found = read(call("functions", "relu", "glu", "--cost", "--json", "-").out, "functions")
    assert found["functions"]["relu"]["cost"] == 1
    assert found["layers"]["glu"]["cost"] == 2.5


def test_json_alone_on_standard_output(call, place, read):
    said = call("functions", "silu", "elu", "--range", "-1", "3", "--json", "-")
    assert (said.status, said.err) == (0, "")
    found = read(said.out, "functions")["functions"]
    assert list(found) == ["swish", "elu"]
    x = np.linspace(-1, 3, 1000, dtype=np.float32)
    np.testing.assert_array_equal(found["elu"]["x"], x)
    np.testing.assert_allclose(
        found["swish"]["y"], x / (1 + np.exp(-x.astype(np.float64))), rtol=1e-6
    )
    np.testing.assert_allclose(
        found["elu"]["gradient"], np.where(x > 0, 1, np.exp(x.astype(np.float64))), rtol=1e-6
    )
    assert found["elu"]["range"] == [-1, None]  # infinity
    assert not list(place.iterdir())


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["curves.png", "curves.SVG", "a/b/curves.pdf"])
def test_a_picture_where_it_is_asked_for(call, place, name):
    said = call("functions", "tanh", "--plot", name, "--json", "-")
    assert said.status == 0
    assert (place / name).stat().st_size > 1000


@pytest.mark.heavy
def test_a_function_of_ones_own(call, place, read):
    (place / "cli_bump.py").write_text(
        "import jax.numpy as jnp\ndef bump(x): return jnp.exp(-(x**2))\n"
    )
    said = call("functions", "cli_bump:bump", "relu", "--json", "-")
    found = read(said.out, "functions")["functions"]["cli_bump:bump"]
    x = np.array(found["x"])
    np.testing.assert_allclose(found["y"], np.exp(-(x**2)), atol=1e-6)
    np.testing.assert_allclose(found["gradient"], -2 * x * np.exp(-(x**2)), atol=1e-6)
    assert found["range"] == pytest.approx([0, 1], abs=1e-6)
    assert not found["monotone"]


def test_values_that_are_not_finite_are_null_and_counted(call, place, read):
    (place / "cli_poles.py").write_text("import jax.numpy as jnp\ndef log(x): return jnp.log(x)\n")
    said = call("functions", "cli_poles:log", "--range", "-1", "1", "--json", "-")
    found = read(said.out, "functions")["functions"]["cli_poles:log"]
    assert found["nonfinite"] == sum(v is None for v in found["y"] + found["gradient"])
    assert found["y"].count(None) == 500
    assert found["y"][-1] == pytest.approx(math.log(1))


@pytest.mark.heavy
def test_what_has_no_distribution_has_curves_still(call, place):
    (place / "cli_logs.py").write_text("import jax.numpy as jnp\ndef log(x): return jnp.log(x)\n")
    said = call("functions", "cli_logs:log", "rrelu", "--plot", "o.png")
    assert (said.status, said.err) == (0, "")
    assert said.out.endswith("\ndrawn in o.png\nwithout a distribution: cli_logs:log, rrelu\n")
    assert not (place / "o-distribution.png").exists()


def test_what_has_no_curve_has_no_picture(call, place):
    said = call("functions", "glu")
    assert said.status == 0
    assert "drawn" not in said.out
    assert not list(place.iterdir())


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["sillu"], "unknown activation 'sillu'; expected one of .*; did you mean 'silu'"),
        (["relu", "--range", "5", "-5"], "a range from 5 to -5; expected two ascending numbers"),
        (["relu", "--range", "nan", "1"], "a range from nan to 1; expected two ascending numbers"),
        (["relu", "--range", "1"], "option '--range' requires 2 arguments"),
        (["relu", "--plot", "x.bmp"], "--plot x.bmp; expected a file ending in .png, .svg, .pdf"),
        (["cli_missing:f"], "'cli_missing:f': importing 'cli_missing' raised ModuleNotFoundError"),
        (["os:getcwd"], "'os:getcwd' is part of Python itself"),
    ],
)
def test_what_is_refused(call, place, arguments, error):
    said = call("functions", *arguments)
    assert (said.status, said.out) == (2, "")
    pattern, _, question = error.partition(".*")
    assert said.error.startswith(pattern)
    assert question in said.error
    assert not list(place.iterdir())
