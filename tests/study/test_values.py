"""Two ways to write a value are one value; what is none is refused."""

import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.study import _values as values


@pytest.mark.parametrize("value", [1, 7, 2**31 - 1, np.int64(7)])
def test_whole_numbers(value):
    found = values.whole()(value)
    assert (found, type(found)) == (int(value), int)


@pytest.mark.parametrize("value", [0, -1, 2**31, 1.0, True, "1", None, [1], float("nan")])
def test_what_is_no_whole_number(value):
    with pytest.raises(ActscopeError, match="expected a whole number from 1 to 2147483647"):
        values.whole()(value)


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (values.positive, 1, "1.0"),
        (values.positive, np.float64(0.1), "0.1"),
        (values.not_negative, -0.0, "0.0"),
        (values.not_negative, 0, "0.0"),
        (values.share, 0.5, "0.5"),
    ],
)
def test_numbers_have_one_form(read, value, expected):
    assert repr(read(value)) == expected


@pytest.mark.parametrize(
    ("read", "value"),
    [
        *((values.positive, bad) for bad in (0, -1.0, True, "0.1", None, [0.1], 1 + 0j)),
        *((values.positive, bad) for bad in (float("inf"), float("nan"), 10**400)),
        *((values.not_negative, bad) for bad in (-1e-9, False)),
        *((values.share, bad) for bad in (1, -0.1, 1.0)),
    ],
)
def test_numbers_outside_their_range(read, value):
    with pytest.raises(ActscopeError, match=r"got .*; expected a "):
        read(value)


def test_names_aliases_and_the_nearest_of_an_unknown_one():
    read = values.named("layer", lambda: ("dense", "residual"), {"linear": "dense"})
    assert (read("residual"), read("linear")) == ("residual", "dense")
    with pytest.raises(ActscopeError, match=r"unknown layer 'dens'.*did you mean 'dense'"):
        read("dens")
    with pytest.raises(ActscopeError, match="expected a name"):
        read(["dense"])


def test_none_is_a_word_in_toml():
    read = values.or_none(values.positive)
    assert (read("none"), read(None), read(2)) == (None, None, 2.0)
    with pytest.raises(ActscopeError, match="above 0"):
        read("no")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("silu", "swish"),
        ("LeakyReLU", "leaky_relu"),
        ({"name": "leaky_relu", "negative_slope": 0.1}, "leaky_relu"),
        (
            {"name": "leaky_relu", "negative_slope": 1},
            {"name": "leaky_relu", "negative_slope": 1.0},
        ),
        ("jax.numpy:tanh", "jax.numpy:tanh"),
    ],
)
def test_an_activation_is_its_spec(written, expected):
    assert values.activation(written) == expected
    assert values.activation(activations.get(written)) == expected


def test_an_activation_that_the_table_has_not():
    with pytest.raises(ActscopeError, match="expected a name, package"):
        values.activation(3)
    with pytest.raises(ActscopeError, match="unknown activation 'cube'"):
        values.activation(activations.Activation("cube", lambda x: x**3))
    with pytest.raises(ActscopeError, match="another function than the table's"):
        values.activation(activations.Activation("tanh", lambda x: x**3))


def test_hidden_sizes():
    assert values.hidden_sizes((256, np.int32(3))) == [256, 3]
    for bad in ([], 256, "256", [0], [256.0], [1_000_001], [1] * 10_001):
        with pytest.raises(ActscopeError, match="expected a"):
            values.hidden_sizes(bad)


def test_data_sets(tmp_path):
    path = tmp_path / "rows.npz"
    with pytest.raises(ActscopeError, match="there is no file"):
        values.dataset(str(path))
    path.touch()
    assert values.dataset(path) == str(path)
    assert values.dataset("digits") == "digits"
    with pytest.raises(ActscopeError, match=r"unknown data set 'minst'.*FILE\.npz.*'mnist'"):
        values.dataset("minst")
    with pytest.raises(ActscopeError, match="the name of a data set"):
        values.dataset(3)


def test_a_target_can_be_imported():
    assert values.target("math:sqrt") == "math:sqrt"
    with pytest.raises(ActscopeError, match="expected package"):
        values.target(3)
    with pytest.raises(ActscopeError, match="is not a target"):
        values.target("mlp")
    with pytest.raises(ActscopeError, match="importing 'no_such_module' raised"):
        values.target("no_such_module:net")
