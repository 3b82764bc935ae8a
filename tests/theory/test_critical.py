"""Critical points that are known, that have closed forms, and that others have calculated."""

import math

import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.theory import chi, critical, edge_of_chaos, variance_map


def sine(x):
    return jnp.sin(x)


def sign(x):
    return jnp.where(x > 0, 1.0, -1.0).astype(x.dtype)


def flat(x):
    return 0 * x + 1


@pytest.mark.parametrize(
    ("f", "sigma_w2"), [("relu", 2.0), ("leaky_relu", 2 / (1 + 0.1**2)), ("identity", 1.0)]
)
def test_what_scales_is_critical_without_biases_at_any_variance(f, sigma_w2):
    (point,) = critical(f).points
    assert (point.sigma_b, point.q, point.stable) == (0, None, True)
    assert point.sigma_w**2 == pytest.approx(sigma_w2, rel=1e-12)
    assert point.slope == pytest.approx(1, rel=1e-12)
    with_biases = critical(f, 0.1)
    assert not with_biases.points
    assert "only σ_b = 0" in with_biases.reason


@pytest.mark.heavy
def test_tanh():
    """Pennington, Schoenholz and Ganguli 2017: the edge starts at σ_w = 1."""
    (start,) = critical("tanh").points
    assert (start.sigma_w, start.q, start.stable, start.slope) == (1, 0, True, 1)
    (point,) = critical("tanh", math.sqrt(0.05)).points
    assert point.sigma_w**2 == pytest.approx(1.760955, abs=5e-7)
    assert point.q == pytest.approx(0.570048, abs=5e-7)
    assert point.stable


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("f", "sigma_b2", "sigma_w2"),
    [("swish", 0.55514317, 1.98800468), ("gelu", 0.17292239, 1.98305826)],
)
def test_half_stable_points(f, sigma_b2, sigma_w2):
    """Roberts, Yaida and Hanin 2022, section 5.3.4: V' is 1 as well. Below it none is stable."""
    (point,) = critical(f, math.sqrt(sigma_b2)).points
    assert point.sigma_w**2 == pytest.approx(sigma_w2, abs=5e-9)
    assert point.slope == pytest.approx(1, abs=1e-8)
    assert not point.stable
    (below,) = critical(f, 0.9 * math.sqrt(sigma_b2)).points
    (above,) = critical(f, 1.1 * math.sqrt(sigma_b2)).points
    assert below.slope > 1 > above.slope
    assert (below.stable, above.stable) == (False, True)


@pytest.mark.parametrize("f", ["swish", "gelu"])
def test_small_biases_make_unstable_points(f):
    points = [one for found in edge_of_chaos(f, (0.1, 0.2)) for one in found.points]
    assert len(points) == 2
    for point in points:
        assert not point.stable
        assert 1.07 < point.slope < 1.10


def test_sigmoid():
    (point,) = critical("sigmoid").points
    assert point.sigma_w**2 == pytest.approx(103, abs=0.5)
    assert point.q == pytest.approx(46, abs=0.5)
    assert point.stable


@pytest.mark.parametrize("sigma_b", [0.1, 1.0, 5.0])
def test_sine_has_a_closed_form(sigma_b):
    """E[f²]/E[f'²] = tanh q, so q - tanh q = σ_b²."""
    (point,) = critical(sine, sigma_b).points
    assert point.q is not None
    assert point.q - math.tanh(point.q) == pytest.approx(sigma_b**2, rel=1e-9)
    assert point.sigma_w**2 == pytest.approx(2 / (1 + math.exp(-2 * point.q)), rel=1e-10)


def test_squared_relu_has_unstable_points_alone():
    """E[f²] = 3q²/2 and E[f'²] = 2q: q = 4σ_b², σ_w² = 1/8σ_b², V' = 3/2."""
    (point,) = critical("squared_relu", 0.5).points
    assert point.q == pytest.approx(1, rel=1e-10)
    assert point.sigma_w**2 == pytest.approx(0.5, rel=1e-10)
    assert point.slope == pytest.approx(1.5, rel=1e-10)
    assert not point.stable
    assert "smaller" in critical("squared_relu").reason


@pytest.mark.heavy
def test_tanh_against_mpmath():
    """Its own equation, solved at 20 digits."""
    mpmath.mp.dps = 20

    def mean(g, q):
        return mpmath.quad(lambda u: g(u * mpmath.sqrt(q)) * mpmath.npdf(u), [-12, -4, 0, 4, 12])

    def excess(q):
        ratio = mean(lambda z: mpmath.tanh(z) ** 2, q) / mean(lambda z: mpmath.sech(z) ** 4, q)
        return ratio + mpmath.mpf(0.3) ** 2 - q

    q = mpmath.findroot(excess, (0.7, 0.8))
    (point,) = critical("tanh", 0.3).points
    assert point.q == pytest.approx(float(q), rel=1e-10)
    sigma_w2 = 1 / mean(lambda z: mpmath.sech(z) ** 4, q)
    assert point.sigma_w**2 == pytest.approx(float(sigma_w2), rel=1e-10)


@pytest.mark.parametrize(("f", "sigma_b"), [("tanh", 0.2), ("gelu", 0.2), ("gelu", 0.5)])
def test_signals_come_to_stable_points_and_leave_others(f, sigma_b):
    (point,) = critical(f, sigma_b).points
    assert point.q is not None
    q = [0.9 * point.q, 1.1 * point.q]
    for _ in range(10):
        q = [variance_map(f, at, point.sigma_w, sigma_b) for at in q]
    nearer = np.abs(np.array(q) - point.q) < 0.1 * point.q
    assert nearer.tolist() == [point.stable] * 2


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("f", "reason"),
    [
        ("softplus", "V(q) > q"),
        (sign, "f jumps"),
        (flat, "f is constant"),
        (lambda x: jnp.exp(x**2), "does not exist"),
    ],
)
def test_why_there_is_none(f, reason):
    for sigma_b in (0.0, 0.3):
        found = critical(f, sigma_b)
        assert not found.points
        assert reason in found.reason


@pytest.mark.slow
@pytest.mark.parametrize("name", activations.names())
def test_every_function(name):
    activation = activations.get(name)
    if not activation.elementwise or activation.random:
        with pytest.raises(ActscopeError):
            critical(name)
        return
    for found in edge_of_chaos(name, (0.0, 0.1, 0.2, 1.0)):
        assert bool(found.points) != bool(found.reason)
        for point in found.points:
            q = 1.0 if point.q is None else point.q
            assert chi(name, q, point.sigma_w) == pytest.approx(1, abs=1e-9)
            made = variance_map(name, q, point.sigma_w, point.sigma_b)
            assert made == pytest.approx(q, rel=1e-8)
            assert point.slope < 1 or not point.stable or not point.q


def test_a_standard_deviation_that_is_none():
    with pytest.raises(ActscopeError, match="sigma_b = -1"):
        critical("tanh", -1.0)
