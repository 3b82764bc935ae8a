"""Fixed points against closed forms and against the maps, iterated."""

import math

import jax.numpy as jnp
import pytest

from actscope._errors import ActscopeError
from actscope.theory import correlation_map, fixed_points, variance_map


def sign(x):
    return jnp.where(x > 0, 1.0, -1.0).astype(x.dtype)


def test_relu_below_its_edge():
    """V(q) = q σ_w²/2 + σ_b²; for 1 at σ_w² = 1 and σ_b² = 1/2."""
    (point,) = fixed_points("relu", 1.0, math.sqrt(0.5))
    assert point.q == pytest.approx(1, rel=1e-12)
    assert (point.phase, point.stable, point.correlation) == ("ordered", True, 1)
    assert point.depth_q == pytest.approx(1 / math.log(2), rel=1e-12)
    assert point.depth_c == pytest.approx(1 / math.log(2), rel=1e-12)


def test_relu_at_and_beyond_its_edge():
    (point,) = fixed_points("relu", math.sqrt(2))
    assert (point.q, point.phase, point.stable, point.correlation) == (None, "critical", True, 1)
    assert point.depth_q == point.depth_c == math.inf
    assert fixed_points("relu", math.sqrt(2), 0.1) == ()
    assert fixed_points("relu", 2.0, 0.1) == ()
    (zero,) = fixed_points("relu", 2.0)
    assert (zero.q, zero.stable, zero.phase) == (0, False, "chaotic")
    assert zero.depth_q == pytest.approx(-1 / math.log(2))


@pytest.mark.heavy
@pytest.mark.parametrize(("sigma_w", "sigma_b"), [(2.5, 0.3), (1.0, 0.3), (2.0, 0.0)])
def test_tanh_goes_where_its_maps_go(sigma_w, sigma_b):
    point = fixed_points("tanh", sigma_w, sigma_b)[-1]
    q = qs = 1.0
    for _ in range(60):
        q, qs = variance_map("tanh", q, sigma_w, sigma_b), q
    assert point.q == pytest.approx(q, rel=1e-9)
    assert qs == pytest.approx(q, rel=1e-9)
    # Ten layers from nearby, each nearer by C'(c*), as its depth scale says.
    start = point.correlation + (-0.01 if point.phase == "ordered" else 0.01)
    c = start
    for _ in range(10):
        c = correlation_map("tanh", c, q, sigma_w, sigma_b)
    shrunk = (c - point.correlation) / (start - point.correlation)
    assert shrunk == pytest.approx(math.exp(-10 / point.depth_c), rel=0.05)


def test_odd_functions_without_biases_forget_correlations():
    zero, point = fixed_points("tanh", 2.0)
    assert (zero.q, zero.slope, zero.stable) == (0, 4, False)
    assert (point.phase, point.correlation) == ("chaotic", 0)


@pytest.mark.parametrize(("f", "stable"), [("tanh", True), ("swish", False)])
def test_at_the_edge_zero_is_stable_by_what_comes_next(f, stable):
    sigma_w = {"tanh": 1.0, "swish": 2.0}[f]
    point = fixed_points(f, sigma_w)[0]
    assert (point.q, point.phase, point.stable) == (0, "critical", stable)
    assert (variance_map(f, 0.01, sigma_w) < 0.01) is stable


@pytest.mark.heavy
def test_gelu_has_two_variances_at_once():
    """A signal goes to the lower one, or from the upper one to ever larger variances."""
    lower, upper = fixed_points("gelu", math.sqrt(2.05), 0.3)
    assert (lower.stable, upper.stable) == (True, False)
    assert lower.slope < 1 < upper.slope
    for q, grows in ((0.9 * lower.q, True), (0.9 * upper.q, False), (1.1 * upper.q, True)):
        assert (variance_map("gelu", q, math.sqrt(2.05), 0.3) > q) is grows


@pytest.mark.heavy
def test_what_jumps_is_chaotic():
    """V = σ_w² + σ_b²; c* solves c = (σ_w² 2/π asin c + σ_b²)/q."""
    (point,) = fixed_points(sign, 1.0, 0.3)
    assert point.q == pytest.approx(1.09, rel=1e-12)
    assert (point.chi, point.phase) == (math.inf, "chaotic")
    c = point.correlation
    assert (2 / math.pi * math.asin(c) + 0.09) / 1.09 == pytest.approx(c, abs=1e-9)
    slope = 2 / math.pi / math.sqrt(1 - c**2) / 1.09
    assert point.depth_c == pytest.approx(-1 / math.log(slope), rel=1e-6)


def test_without_weights_the_biases_are_all():
    (point,) = fixed_points("tanh", 0.0, 0.5)
    assert point.q == pytest.approx(0.25, rel=1e-12)
    assert point.depth_q == point.depth_c == 0


def test_numbers_that_are_none():
    with pytest.raises(ActscopeError, match="sigma_w = -1"):
        fixed_points("tanh", -1.0)
