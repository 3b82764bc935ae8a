"""Where functions are constant and where hardly sloping, against what is known of them."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope.probing._response import Response, calculated, respond, response, silent

KNOWN = {
    "relu": (((-math.inf, 0),), 0.05),
    "hard_tanh": (((-math.inf, -1), (1, math.inf)), 0.05),
    "relu6": (((-math.inf, 0), (6, math.inf)), 0.05),
    "tanh": ((), 0.05),
    "sigmoid": ((), 0.0125),
    "leaky_relu": ((), 0.05),
}
CURVES = {
    "relu": lambda z: np.maximum(z, 0),
    "hard_tanh": lambda z: np.clip(z, -1, 1),
    "relu6": lambda z: np.clip(z, 0, 6),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.1 * z),
}


@pytest.mark.parametrize("name", KNOWN)
def test_of_a_known_function(name):
    flat, least = KNOWN[name]
    found = response(activations.get(name))
    assert found.flat == flat
    assert found.least_slope == pytest.approx(least, rel=1e-4)


@pytest.mark.parametrize("name", KNOWN)
def test_of_its_curve_alone_it_is_found_again(name):
    flat, least = KNOWN[name]
    found = calculated(lambda z: CURVES[name](z)[:, None])
    np.testing.assert_allclose(found.flat or np.empty((0, 2)), np.reshape(flat, (-1, 2)), atol=1e-9)
    assert found.least_slope == pytest.approx(least, rel=1e-4)


def test_a_curve_with_a_dead_zone_and_one_with_steps():
    shrunk = calculated(lambda z: (z - np.clip(z, -0.5, 0.5))[:, None])
    np.testing.assert_allclose(shrunk.flat, [(-0.5, 0.5)], atol=1e-9)
    stairs = calculated(lambda z: np.floor(np.clip(z / 4, -1, 1))[:, None])
    assert len(stairs.flat) == 3
    units = calculated(lambda z: np.maximum(z[:, None], [0, -1]))  # one shifted by 1
    np.testing.assert_allclose(units.flat, [(-math.inf, -1)], atol=1e-9)


@pytest.mark.parametrize("curve", [lambda _: None, lambda z: 1 / np.maximum(z, 0)[:, None]])
def test_of_what_cannot_be_calculated_nothing_is_said(curve):
    with np.errstate(all="ignore"):
        assert calculated(curve) == Response((), 0.0, elementwise=False)


RELU = response(activations.get("relu"))
PRE = jnp.array([[-1.0, -1, 0, 2], [0, 1, math.nan, -math.inf], [-2, -3, -1, math.inf]])
SLOPE = jnp.array([[0, 0, 0.5, 1], [0, 0.01, math.nan, 0], [0, 0, 0, 1.0]])


def test_no_gradient_passes_on_closed_intervals_and_where_the_slope_is_0():
    expected = [[True, True, True, False], [True, False, False, True], [True, True, True, False]]
    np.testing.assert_array_equal(silent(RELU, PRE, SLOPE), expected)
    nowhere_known = Response((), 0.0, elementwise=False)
    np.testing.assert_array_equal(silent(nowhere_known, PRE, SLOPE), SLOPE == 0)


def test_what_a_batch_says_of_each_unit():
    dead, structural, sloping, saturated = respond(RELU, PRE, SLOPE)
    np.testing.assert_array_equal(dead, [True, False, False, False])
    np.testing.assert_array_equal(structural, [True, False, False, False])
    np.testing.assert_array_equal(sloping, [0, 1, 0, 2])
    np.testing.assert_array_equal(saturated, [0, 1, 0, 0])


def test_positions_are_examples_too():
    one = respond(RELU, PRE, SLOPE)
    other = respond(RELU, PRE.reshape(3, 1, 4), SLOPE.reshape(3, 1, 4))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_flat_zone_between_slopes_is_no_design_to_be_quiet():
    shrink = Response(((-0.5, 0.5),), 0.05)
    pre, slope = jnp.array([[0.1], [0.2]]), jnp.zeros((2, 1))
    dead, structural, sloping, saturated = respond(shrink, pre, slope)
    assert (dead, structural, sloping, saturated) == (True, True, 2, 2)
