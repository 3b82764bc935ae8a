"""The record: names that are safe, settings that are checked, specs that come back."""

import json
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from hypothesis import given
from hypothesis import strategies as st

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation, _table


@pytest.mark.parametrize(
    "name", ["", "a/b", "../x", "a b", "<b>", "Relu", "x\n", "é", "_x", "a" * 65, "a.b", "$x$"]
)
def test_names_that_would_break_a_file_or_a_page_are_refused(name):
    with pytest.raises(ActscopeError, match="small letter"):
        Activation(name, jnp.sin)


@pytest.mark.usefixtures("unchecked")
def test_what_cannot_be_called_is_refused():
    with pytest.raises(ActscopeError, match="callable"):
        Activation("three", 3)


@given(slope=st.floats(-10, 10))
def test_a_spec_survives_json_and_comes_back_equal(slope):
    activation = activations.get("leaky_relu", negative_slope=slope)
    assert activations.get(json.loads(json.dumps(activation.spec))) == activation


def test_labels_name_only_what_differs_from_the_table():
    assert activations.get("leaky_relu").label == "leaky_relu"
    assert activations.get("leaky_relu", negative_slope=0.1).label == "leaky_relu"
    assert activations.get("elu", alpha=2).label == "elu(alpha=2)"
    assert activations.get("elu", alpha=2).slug == "elu-alpha-2"
    assert activations.get("jax.nn:leaky_relu").slug == "jax.nn-leaky_relu"


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"slope": 1}, "unknown parameter of leaky_relu 'slope'"),
        ({"negative_slope": "steep"}, "expected a number"),
        ({"negative_slope": True}, "expected a number"),
        ({"negative_slope": float("nan")}, "expected a finite number"),
    ],
)
def test_wrong_settings_are_refused(parameters, message):
    with pytest.raises(ActscopeError, match=message):
        activations.get("leaky_relu", **parameters)
    with pytest.raises(ActscopeError, match="relu has no parameter 'alpha'"):
        activations.get("relu", alpha=1)


@pytest.mark.heavy
def test_it_is_a_plain_callable_for_other_frameworks():
    net = nn.Sequential([nn.Dense(3), activations.get("elu"), nn.Dense(1)])
    x = jnp.ones((2, 4))
    params = net.init(jax.random.key(0), x)
    assert net.apply(params, x).shape == (2, 1)


def test_equal_activations_share_a_hash():
    assert (
        len({activations.get("elu"), activations.get("ELU"), activations.get("elu", alpha=1)}) == 1
    )
    np.testing.assert_array_equal(jax.jit(activations.get("relu"))(jnp.arange(-1.0, 2)), [0, 0, 1])


TRAINABLE = [("leaky_relu", "negative_slope", 0.25), ("elu", "alpha", 1.5)]


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "setting", "value"), TRAINABLE)
def test_the_gradient_in_a_learned_setting_is_that_of_finite_differences(name, setting, value):
    activation = activations.get({"name": name, setting: value, "trainable": [setting]})
    x = np.random.default_rng(0).normal(scale=2, size=50)
    with jax.enable_x64(True):

        def total(learned):
            return (activation(jnp.asarray(x), **{setting: learned}) ** 2).sum()

        slope = (total(value + 1e-6) - total(value - 1e-6)) / 2e-6
        np.testing.assert_allclose(jax.grad(total)(value), slope, rtol=1e-8)
    # At the value that it starts from it is the function with that setting.
    np.testing.assert_array_equal(
        activation(x, **{setting: value}), activations.get(name, **{setting: value})(x)
    )


def test_what_a_network_learns_takes_the_place_of_the_setting():
    prelu = activations.get("leaky_relu", negative_slope=0.25, trainable=["negative_slope"])
    assert prelu(-4.0) == -1
    assert prelu(-4.0, negative_slope=jnp.float32(0.5)) == -2


def test_a_trainable_activation_is_told_from_an_ordinary_one():
    ordinary = activations.get("leaky_relu", negative_slope=0.25)
    prelu = activations.get(ordinary, trainable=("negative_slope",))
    assert prelu != ordinary
    assert prelu.label == "leaky_relu(negative_slope=0.25 learned)"
    assert prelu.slug == "leaky_relu-negative_slope-0.25-learned"
    assert prelu.spec == {
        "name": "leaky_relu",
        "negative_slope": 0.25,
        "trainable": ["negative_slope"],
    }
    assert activations.get(prelu, trainable=[]) == ordinary
    # Also where the setting's value is the table's.
    assert activations.get("elu", trainable=["alpha"]).label == "elu(alpha=1 learned)"


@pytest.mark.parametrize("trainable", [[], ["a"], ["b", "a"], ["a", "b", "a"]])
@pytest.mark.parametrize("default", [(), ("b",)])
def test_what_is_trainable_comes_back_from_json(monkeypatch, trainable, default):
    two = Activation("two", lambda x, a, b: a * x + b, (("a", 1.0), ("b", 2.0)), trainable=default)
    monkeypatch.setitem(_table._TABLE, "two", two)
    assert activations.get("two").trainable == default
    found = activations.get("two", trainable=trainable)
    assert found.trainable == tuple(sorted(set(trainable)))
    again = activations.get(json.loads(json.dumps(found.spec)))
    assert (again, hash(again)) == (found, hash(found))
    assert (found.label == "two") is (found.trainable == default)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("trainable", "message"),
    [
        (["slope"], "unknown parameter of leaky_relu 'slope'"),
        ("negative_slope", "leaky_relu: trainable = 'negative_slope'; expected a list of names"),
        ([1], r"leaky_relu: trainable = \[1\]; expected a list of names"),
        (True, "leaky_relu: trainable = True; expected a list of names"),
    ],
)
def test_wrong_names_of_what_is_trainable_are_refused(trainable, message):
    with pytest.raises(ActscopeError, match=message):
        activations.get({"name": "leaky_relu", "trainable": trainable})
    with pytest.raises(ActscopeError, match="relu has no parameter 'alpha'"):
        activations.get("relu", trainable=["alpha"])


@pytest.mark.parametrize("value", [10**400, -(10**400), 16**5000], ids=["1", "2", "3"])
def test_a_number_too_large_for_a_float_is_refused(value):
    with pytest.raises(ActscopeError, match=r"alpha = .*expected a finite number"):
        activations.get("elu", alpha=value)


def test_a_setting_is_finite_in_float32():
    least = 2.0**128 - 2.0**103
    below = math.nextafter(least, 0)
    with np.errstate(over="ignore"):
        assert np.isfinite(np.float32(below))
        assert np.isinf(np.float32(least))
    assert activations.get("elu", alpha=-below).parameters == {"alpha": -below}
    for value in (least, -least):
        with pytest.raises(ActscopeError, match=r"alpha = .*e\+38; expected a finite number"):
            activations.get("elu", alpha=value)
