"""Sigmoid and its relatives against mpmath, jax.nn, scipy and differences."""

import jax
import jax.numpy as jnp
import mpmath
import pytest

from actscope import activations
from truth import DTYPES, Truth


def _sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def _lecun_tanh(x):
    return mpmath.mpf("1.7159") * mpmath.tanh(2 * x / 3)


def _log_sigmoid(x):
    # In mpmath's floating point as well the textbook form is 0 far to the right.
    return -mpmath.log1p(mpmath.exp(-x)) if x > 0 else x - mpmath.log1p(mpmath.exp(x))


def _bell(x):
    return 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-(x**2))


TRUTH = {
    "sigmoid": Truth([_sigmoid]),
    "tanh": Truth([mpmath.tanh]),
    "lecun_tanh": Truth([_lecun_tanh]),
    "log_sigmoid": Truth([_log_sigmoid]),
    "arctan": Truth([mpmath.atan]),
    "erf": Truth([mpmath.erf], slope=_bell),
}
PEERS = {
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "log_sigmoid": jax.nn.log_sigmoid,
    "arctan": jnp.arctan,
    "erf": jax.scipy.special.erf,
}


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)


@pytest.mark.heavy
@pytest.mark.parametrize("name", PEERS)
def test_they_agree_with_jax(name, assert_like_peer):
    assert_like_peer(activations.get(name), PEERS[name])


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_the_curvature_is_that_of_differences(name, assert_differences):
    assert_differences(activations.get(name))


@pytest.mark.parametrize("name", TRUTH)
def test_whole_numbers_become_floating_point(name):
    f = activations.get(name)
    assert jnp.array_equal(f([-1, 0, 2]), f(jnp.asarray([-1.0, 0.0, 2.0])))


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_infinity_has_its_limits(name):
    f = activations.get(name)
    low, high = activations.describe(f).range
    assert (f(-jnp.inf), f(jnp.inf)) == pytest.approx((low, high), rel=1e-7)
    assert jnp.isnan(f(jnp.nan))
    # Each levels off, but for the logarithm on the left.
    left = 1 if name == "log_sigmoid" else 0
    assert activations.gradient(f, [-jnp.inf, jnp.inf]).tolist() == [left, 0]
