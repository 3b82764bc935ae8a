"""Sigmoid and its relatives against mpmath, jax.nn and differences."""

import jax
import jax.numpy as jnp
import mpmath
import pytest

from actscope import activations
from truth import DTYPES, Truth


def _sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


TRUTH = {
    "sigmoid": Truth([_sigmoid]),
    "tanh": Truth([mpmath.tanh]),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)


@pytest.mark.parametrize(("name", "peer"), [("sigmoid", jax.nn.sigmoid), ("tanh", jnp.tanh)])
def test_they_agree_with_jax_nn(name, peer, assert_like_peer):
    assert_like_peer(activations.get(name), peer)


@pytest.mark.parametrize("name", TRUTH)
def test_the_curvature_is_that_of_differences(name, assert_differences):
    assert_differences(activations.get(name))


@pytest.mark.parametrize("name", TRUTH)
def test_whole_numbers_become_floating_point(name):
    f = activations.get(name)
    assert jnp.array_equal(f([-1, 0, 2]), f(jnp.asarray([-1.0, 0.0, 2.0])))


@pytest.mark.parametrize("name", TRUTH)
def test_infinity_has_its_limits(name):
    low, high = activations.describe(activations.get(name)).range
    assert activations.get(name)(jnp.inf) == high
    assert activations.get(name)(-jnp.inf) == low
