"""Curves: what a table and a figure of functions show."""

import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation


def test_a_curve_holds_the_function_and_its_derivative():
    found = activations.curve(activations.get("tanh"), -2, 3)
    assert (found.x[0], found.x[-1], len(found.x)) == (-2, 3, 1000)
    x = found.x.astype(np.float64)
    np.testing.assert_allclose(found.y, np.tanh(x), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(found.gradient, 1 - np.tanh(x) ** 2, rtol=1e-5)


def test_what_is_not_finite_is_counted():
    found = activations.curve(Activation("root", jnp.sqrt), -1, 1).to_json()
    assert found["nonfinite"] == 2 * 500  # value and slope at each negative point
    assert "nonfinite" not in activations.curve(activations.get("relu")).to_json()


def test_json_names_what_is_trainable():
    assert activations.curve(activations.get("elu")).to_json()["trainable"] == {}
    learned = activations.get("elu", alpha=2, trainable=["alpha"])
    assert activations.curve(learned).to_json()["trainable"] == {"alpha": 2.0}


@pytest.mark.parametrize("interval", [(1, 1), (2, 1), (float("nan"), 1), (0, float("inf"))])
def test_an_interval_needs_two_ascending_finite_numbers(interval):
    with pytest.raises(ActscopeError, match="two ascending numbers"):
        activations.curve(activations.get("relu"), *interval)
