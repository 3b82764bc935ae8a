"""Sigmoid and tanh against mpmath, jax.nn and central differences."""

import jax
import jax.numpy as jnp
import pytest

from actscope import activations

DTYPES = ("float16", "bfloat16", "float32", "float64")


@pytest.mark.parametrize("jitted", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_value_and_gradient_are_right_wherever_the_dtype_reaches(name, dtype, jitted, assert_right):
    assert_right(name, dtype, jitted)


@pytest.mark.parametrize(("name", "peer"), [("sigmoid", jax.nn.sigmoid), ("tanh", jnp.tanh)])
def test_they_agree_with_jax_nn_and_with_differences(name, peer, assert_like_peer):
    assert_like_peer(name, peer)


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_whole_numbers_become_floating_point(name):
    f = activations.get(name)
    assert jnp.array_equal(f([-1, 0, 2]), f(jnp.asarray([-1.0, 0.0, 2.0])))


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_infinity_has_its_limits(name):
    low, high = activations.describe(activations.get(name)).range
    assert activations.get(name)(jnp.inf) == high
    assert activations.get(name)(-jnp.inf) == low
