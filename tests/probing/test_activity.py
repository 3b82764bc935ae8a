import math
import operator
from functools import reduce

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope import activations
from actscope.activations import Activation, Facts
from actscope.probing._activity import Activity
from actscope.probing._opened import local_derivative
from actscope.probing._response import respond, response

# ½ is the derivative at 0 here, where jax.nn.relu has 0; its facts are found by calculation.
MAXIMUM = Activation("maximum", lambda x: jnp.maximum(x, 0))


def seen(activation, *units):
    """The activity of units, each given by its inputs in all examples."""
    if isinstance(activation, str):
        activation = activations.get(activation)
    return activity(activation, jnp.asarray(units, jnp.float32).T)


def activity(activation, pre):
    found = respond(response(activation), pre, local_derivative(activation, pre, {}))
    return Activity.of(jax.device_get(found))


@pytest.mark.heavy
@pytest.mark.parametrize("activation", ["relu", MAXIMUM, Activation("jax_relu", jax.nn.relu)])
def test_relu_is_dead_where_no_example_is_positive(activation):
    found = seen(activation, [-1000, -1], [0, 0], [-0.0, -2], [-1, 1e-30], [3, 4])
    np.testing.assert_array_equal(found.dead, [True, True, True, False, False])
    np.testing.assert_array_equal(found.structural, found.dead)


def test_leaky_relu_never_dies():
    found = seen("leaky_relu", [-1e30, -1], [0, 0])
    assert not found.dead.any()
    assert not found.structural.any()


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "elu", "swish"])
def test_a_slope_that_only_rounding_makes_0_is_not_structural(name):
    # All have f' > 0 at -200 in truth (swish: f' < 0), far below what float32 can hold.
    found = seen(name, [-200, -300], [-200, 0.5])
    np.testing.assert_array_equal(found.dead, [True, False])
    assert not found.structural.any()


@pytest.mark.heavy
def test_a_unit_that_dies_in_both_ways_is_not_structural():
    half = Activation("half_tanh", lambda x: jnp.where(x > 0, jnp.tanh(x), 0))
    found = seen(half, [-1, -2], [-1, 500], [-1, 1])
    np.testing.assert_array_equal(found.dead, [True, True, False])
    np.testing.assert_array_equal(found.structural, [True, False, False])


def test_an_input_that_is_nan_says_nothing():
    found = seen("relu", [-1, math.nan], [math.nan, math.nan], [-math.inf, -1])
    np.testing.assert_array_equal(found.dead, [False, False, True])
    np.testing.assert_array_equal(found.sloping, [0, 0, 0])


@pytest.mark.parametrize(
    ("name", "threshold"),
    [
        # s(1-s) < 0.05/4, and 1 - t² < 0.05
        ("sigmoid", math.log((1 + math.sqrt(0.95)) / (1 - math.sqrt(0.95)))),
        ("tanh", math.atanh(math.sqrt(0.95))),
    ],
)
def test_saturated_begins_at_5_percent_of_the_largest_slope(name, threshold):
    inside, outside = 0.999 * threshold, 1.001 * threshold
    found = seen(name, [inside, -inside, outside, -outside, outside])
    np.testing.assert_array_equal(found.saturated, [3])
    assert found.saturated_fraction == 3 / 5


def test_half_lines_that_are_flat_by_design_are_left_out():
    found = seen("relu", [-3, -1, 0, 2])
    assert (found.sloping.tolist(), found.saturated_fraction) == ([1], 0.0)


def test_a_flat_interval_that_ends_is_saturated():
    facts = Facts(kinks=(-1.0, 1.0), flat=((-1.0, 1.0),))
    shrink = Activation("shrink", lambda x: jnp.where(jnp.abs(x) > 1, x, 0.0), facts=lambda: facts)
    found = seen(shrink, [-3, -1, 0, 2], [0.5, 0.5, 0.5, 0.5])
    np.testing.assert_array_equal(found.dead, [False, True])
    np.testing.assert_array_equal(found.structural, [False, True])
    assert found.saturated_fraction == 2 / 4


def test_where_the_slope_has_no_bound_its_root_mean_square_is_the_measure():
    # f' = 2z, and E[4z²] = 4: below 0.1, so where |z| < 0.05.
    square = Activation("square", jnp.square, facts=lambda: Facts(largest_slope=math.inf))
    found = seen(square, [0.0499, -0.0499, 0.0501, 1])
    assert found.saturated_fraction == 2 / 4


def test_dead_units_do_not_count_as_saturated():
    found = seen("tanh", [50, 60, 70, 80], [0, 0, 0, 3])
    np.testing.assert_array_equal(found.dead, [True, False])
    assert found.saturated_fraction == 1 / 4


@pytest.mark.heavy
def test_without_an_example_left_there_is_no_share():
    assert math.isnan(seen("relu", [-1, -2]).saturated_fraction)
    assert math.isnan(seen("tanh", [500, 500]).saturated_fraction)


@pytest.mark.heavy
def test_positions_count_as_examples():
    pre = np.random.default_rng(0).normal(size=(6, 2, 3, 4)).astype(np.float32)
    image = activity(activations.get("relu"), jnp.asarray(pre))
    rows = activity(activations.get("relu"), jnp.asarray(pre.reshape(36, 4)))
    for name in ("dead", "structural", "sloping", "saturated"):
        np.testing.assert_array_equal(getattr(image, name), getattr(rows, name))
    np.testing.assert_array_equal(image.sloping, (pre > 0).sum(axis=(0, 1, 2)))


@pytest.mark.heavy
@settings(max_examples=30)
@given(cuts=st.sets(st.sampled_from([5, 10, 15])), name=st.sampled_from(["relu", "tanh", "swish"]))
def test_how_the_examples_are_cut_does_not_matter(cuts, name):
    pre = np.random.default_rng(1).normal(-2, 3, (20, 5)).astype(np.float32)
    pre[:, 0] = -500
    parts = np.split(pre, sorted(cuts))
    found = reduce(operator.add, (seen(name, *part.T) for part in parts))
    whole = seen(name, *pre.T)
    for field in ("dead", "structural", "sloping", "saturated"):
        np.testing.assert_array_equal(getattr(found, field), getattr(whole, field))
        assert getattr(found, field).dtype == getattr(whole, field).dtype
    assert whole.sloping.dtype == np.int64
