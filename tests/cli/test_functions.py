import math

import numpy as np
import pytest

from actscope import activations

COLUMNS = "function f(x) range monotone kinks largest slope"


def test_the_whole_table_and_its_picture(call, place):
    said = call("functions")
    assert (said.status, said.err) == (0, "")
    facts, sources, drawn = said.out.split("\n\n")
    assert " ".join(facts.splitlines()[0].split()) == COLUMNS
    assert [line.split()[0] for line in facts.splitlines()[1:]] == list(activations.names())
    assert [line.split()[0] for line in sources.splitlines()[1:]] == list(activations.names())
    assert drawn == "drawn in actscope-runs/functions/functions.png\n"
    assert (place / "actscope-runs/functions/functions.png").read_bytes()[1:4] == b"PNG"


def test_a_row_says_what_is_known(call):
    rows = [line.split() for line in call("functions", "swish", "relu").out.splitlines()]
    assert [
        "swish",
        "x",
        "/",
        "(1",
        "+",
        "e^-x)",
        "-0.2785",
        "…",
        "inf",
        "no",
        "none",
        "1.1",
    ] in rows
    assert ["relu", "max(x,", "0)", "0", "…", "inf", "yes", "0", "1"] in rows


def test_it_fits_into_80_columns(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, call("functions").out.splitlines())) <= 80


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


def test_all_of_them_in_a_file(call, place, read):
    assert call("functions", "--json", "new/folder/f.json").status == 0
    found = read((place / "new/folder/f.json").read_text(), "functions")["functions"]
    assert tuple(found) == activations.names()


@pytest.mark.parametrize("name", ["curves.png", "curves.SVG", "a/b/curves.pdf"])
def test_a_picture_where_it_is_asked_for(call, place, name):
    said = call("functions", "tanh", "--plot", name, "--json", "-")
    assert said.status == 0
    assert (place / name).stat().st_size > 1000


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


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["sillu"], "unknown activation 'sillu'; expected one of .*; did you mean 'silu'"),
        (["relu", "--range", "5", "-5"], "a range from 5 to -5; expected two ascending numbers"),
        (["relu", "--range", "nan", "1"], "a range from nan to 1; expected two ascending numbers"),
        (["relu", "--range", "1"], "option '--range' requires 2 arguments"),
        (["relu", "--plot", "x.bmp"], "--plot x.bmp; expected a file ending in .png, .svg, .pdf"),
        (["cli_missing:f"], "'cli_missing:f': importing 'cli_missing' raised ModuleNotFoundError"),
        (["os:getcwd"], "activation 'os:getcwd' raised TypeError"),
    ],
)
def test_what_is_refused(call, place, arguments, error):
    said = call("functions", *arguments)
    assert (said.status, said.out) == (2, "")
    pattern, _, question = error.partition(".*")
    assert said.error.startswith(pattern)
    assert question in said.error
    assert not list(place.iterdir())
