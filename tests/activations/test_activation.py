"""The record: names that are safe, settings that are checked, specs that come back."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from hypothesis import given
from hypothesis import strategies as st

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation


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
