"""Maps against closed forms, differences, mpmath and a wide random network."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.theory import (
    chi,
    correlation_map,
    correlation_slope,
    variance_map,
    variance_slope,
)

CORRELATIONS = (-0.7, 0.3, 1 - 1e-6, 1.0)
HE = math.sqrt(2)


def sine(x):
    return jnp.sin(x)


def sign(x):
    return jnp.where(x > 0, 1.0, -1.0).astype(x.dtype)


def beyond(x):
    """It jumps away from 0, and has a slope: the whole of V' is more than that of its slope."""
    return jnp.where(x > 0.5, x, 0)


@pytest.mark.parametrize("c", CORRELATIONS)
@pytest.mark.parametrize("q", [1e-3, 5.0])
def test_relu_is_the_arc_cosine_kernel(c, q):
    """Cho and Saul 2009, eq. 6, at σ_w² = 2."""
    angle = math.acos(c)
    value = (math.sin(angle) + (math.pi - angle) * c) / math.pi
    assert correlation_map("relu", c, q, HE) == pytest.approx(value, abs=1e-9)
    slope = (math.pi - angle) / math.pi
    assert correlation_slope("relu", c, q, HE) == pytest.approx(slope, abs=1e-9)


@pytest.mark.heavy
@pytest.mark.parametrize("c", CORRELATIONS)
@pytest.mark.parametrize("q", [1e-3, 5.0])
def test_sine_has_closed_forms(c, q):
    """E[sin u sin v] = (e^(-q(1 - c)) - e^(-q(1 + c)))/2, from the characteristic function."""
    variance = 2.25 * -math.expm1(-2 * q) / 2 + 0.04
    assert variance_map(sine, q, 1.5, 0.2) == pytest.approx(variance, rel=1e-12)
    assert variance_slope(sine, q, 1.5) == pytest.approx(2.25 * math.exp(-2 * q), abs=1e-12)
    assert chi(sine, q, 1.5) == pytest.approx(2.25 * (1 + math.exp(-2 * q)) / 2, rel=1e-12)
    product = (math.exp(-q * (1 - c)) - math.exp(-q * (1 + c))) / 2
    value = (2.25 * product + 0.04) / variance
    assert correlation_map(sine, c, q, 1.5, 0.2) == pytest.approx(value, abs=1e-9)
    slopes = (math.exp(-q * (1 - c)) + math.exp(-q * (1 + c))) / 2
    slope = 2.25 * q * slopes / variance
    # The error is a part of E[f'²], before q and 1/V(q) come to it.
    assert correlation_slope(sine, c, q, 1.5, 0.2) == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("c", [-0.7, 0.0, 0.3, 0.999])
def test_erf_is_an_arc_sine(c):
    """Williams 1997, eq. 11, without its bias."""
    q = 0.8
    value = math.asin(2 * q * c / (1 + 2 * q)) / math.asin(2 * q / (1 + 2 * q))
    assert correlation_map("erf", c, q, 1.3) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("f", "kernel", "tangent"),
    [
        ("relu", (1.3075, 0.8987915421440549), (2.575, 1.434816859697746)),
        ("erf", (0.9524193181703585, 0.5421869541797899), (2.1723609779951056, 1.08433012999271)),
        ("gelu", (1.175450197698925, 0.7501880143951024), (2.3865487292862158, 1.3114850939007696)),
        (sine, (0.842929927229155, 0.42708916196989877), (2.173535036385423, 0.9134514146960042)),
    ],
)
def test_as_neural_tangents_has_it(f, kernel, tangent):
    """Dense(σ_w² = 1.5), f, Dense(1.3, 0.2) on inputs of mean square 1 and correlation 0.6.

    By neural-tangents 0.6.5 in float64 under jax 0.4.30; with today's jax it cannot be imported.
    The tangent kernel of the second layer adds σ_w² E[f'(u) f'(v)] times that of the first.
    """
    q, c, scales = 1.5, 0.6, (1.3, 0.2)
    variance = variance_map(f, q, *scales)
    assert variance == pytest.approx(kernel[0], rel=1e-9)
    assert correlation_map(f, c, q, *scales) * variance == pytest.approx(kernel[1], rel=1e-8)
    assert chi(f, q, 1.3) * q == pytest.approx(tangent[0] - kernel[0], rel=1e-8)
    slope = correlation_slope(f, c, q, *scales) * variance
    assert slope * c == pytest.approx(tangent[1] - kernel[1], rel=1e-8)


@pytest.mark.heavy
@pytest.mark.parametrize("c", [-0.9, 0.0, 0.99])
def test_what_jumps_has_slopes_without_a_derivative(c):
    """Grothendieck's identity: E[sign u sign v] = 2/π asin c."""
    assert correlation_map(sign, c, 3.0, 0.7) == pytest.approx(2 / math.pi * math.asin(c), abs=1e-9)
    slope = 2 / math.pi / math.sqrt(1 - c**2)
    assert correlation_slope(sign, c, 3.0, 0.7) == pytest.approx(slope, abs=1e-6)
    assert correlation_slope(sign, 1.0, 3.0, 0.7) == math.inf
    assert chi(sign, 3.0, 0.7) == math.inf
    assert chi(sign, 3.0, 0.0) == 0
    assert variance_slope(sign, 3.0, 0.7) == pytest.approx(0, abs=1e-12)


@pytest.mark.heavy
@pytest.mark.parametrize("f", ["tanh", "elu", "swish", "sigmoid", beyond])
@pytest.mark.parametrize("q", [0.3, 4.0])
def test_the_slope_of_the_variance_is_its_difference(f, q):
    step = 1e-4 * q
    difference = (variance_map(f, q + step, 1.7) - variance_map(f, q - step, 1.7)) / (2 * step)
    # The difference is off by step²/6 V''', of order 1e-9.
    assert variance_slope(f, q, 1.7) == pytest.approx(difference, rel=1e-7)


@pytest.mark.parametrize("f", ["tanh", "elu", beyond])
def test_the_slope_of_the_correlation_is_its_difference(f):
    step = 1e-4
    ends = [correlation_map(f, 0.4 + side * step, 1.5, 1.2, 0.3) for side in (-1, 1)]
    difference = (ends[1] - ends[0]) / (2 * step)
    assert correlation_slope(f, 0.4, 1.5, 1.2, 0.3) == pytest.approx(difference, rel=1e-6)


def test_tanh_against_mpmath():
    mpmath.mp.dps = 30

    def mean(g):
        ends = [-12, -6, -3, -1, 0, 1, 3, 6, 12]  # in standard deviations, times the largest
        return mpmath.quad(lambda u: g(u * mpmath.sqrt(2)) * mpmath.npdf(u), ends)

    second = mean(lambda z: mpmath.tanh(z) ** 2)
    slope = mean(lambda z: (1 - mpmath.tanh(z) ** 2) ** 2)
    along = mean(lambda z: mpmath.tanh(z) * (1 - mpmath.tanh(z) ** 2) * z) / 2
    assert variance_map("tanh", 2.0, 1.5, 0.2) == pytest.approx(
        float(2.25 * second + 0.04), rel=1e-12
    )
    assert chi("tanh", 2.0, 1.5) == pytest.approx(float(2.25 * slope), rel=1e-12)
    assert variance_slope("tanh", 2.0, 1.5) == pytest.approx(float(2.25 * along), rel=1e-12)


@pytest.mark.heavy
def test_limits_at_zero():
    """V'(0) = σ_w² (f'² + f f''), and at a kink the mean of both sides."""

    def lifted(x):
        return jax.nn.relu(x) + 1

    at = math.log(2)  # softplus(0), with slope 1/2 and curvature 1/4
    assert variance_slope("softplus", 0.0, 2.0) == pytest.approx(4 * (0.25 + at / 4), rel=1e-12)
    assert variance_map("softplus", 0.0, 2.0, 0.5) == pytest.approx(4 * at**2 + 0.25, rel=1e-12)
    assert variance_slope("relu", 0.0, HE) == pytest.approx(1)
    assert chi("relu", 0.0, HE) == pytest.approx(1)
    assert variance_slope(lifted, 0.0, 1.0) == math.inf


@pytest.mark.slow
@pytest.mark.parametrize("f", ["relu", "tanh", "swish"])
def test_a_wide_network_does_it(f):
    """One layer of 256 units on two inputs of 64 numbers, over 400 networks."""
    from actscope import activations

    function = activations.get(f)
    width, networks, q, c = 256, 400, 1.5, 0.6
    rng = np.random.default_rng(0)
    u, w = rng.standard_normal((2, networks, width)) * math.sqrt(q)
    v = c * u + math.sqrt(1 - c**2) * w
    y, z = (np.asarray(function(jnp.asarray(x, jnp.float32)), np.float64) for x in (u, v))
    weights = rng.standard_normal((networks, width, 64)) * 1.4 / math.sqrt(width)
    biases = 0.3 * rng.standard_normal((networks, 64))
    h, g = (np.einsum("nw,nwu->nu", x, weights) + biases for x in (y, z))
    for measured, expected in (
        (h**2, variance_map(f, q, 1.4, 0.3)),
        (h * g, correlation_map(f, c, q, 1.4, 0.3) * variance_map(f, q, 1.4, 0.3)),
    ):
        means = measured.mean(axis=1)  # of a network: independent of the others
        error = means.std(ddof=1) / math.sqrt(networks)
        assert abs(means.mean() - expected) < 3 * error


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: variance_map("tanh", -1.0, 1.0), "q = -1.0; expected a finite number"),
        (lambda: chi("tanh", 1.0, math.nan), "sigma_w = nan"),
        (lambda: variance_map("tanh", 1.0, 1.0, math.inf), "sigma_b = inf"),
        (lambda: correlation_map("tanh", 1.5, 1.0, 1.0), "correlation 1.5"),
        (lambda: correlation_map("tanh", 0.5, 0.0, 1.0), "no correlation"),
        (lambda: correlation_map("relu", 0.5, 1.0, 0.0), "no correlation"),
    ],
)
def test_numbers_that_are_none(call, said):
    with pytest.raises(ActscopeError, match=said):
        call()
