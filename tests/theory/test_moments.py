"""Moments against mpmath at 30 digits, closed forms, SciPy's quadrature and Monte Carlo."""

import math
import runpy
from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy import integrate, stats

from actscope import activations
from actscope._errors import ActscopeError
from actscope.theory import hosted, moments
from truth import Truth

FILES = sorted((Path(__file__).parents[1] / "activations").glob("test_*.py"))
QUICK = ("tanh", "relu", "erf", "hard_tanh", "squared_relu")
SURROGATE = ("step",)  # whose program has another derivative than mathematics


@cache
def truths():
    """What mathematics says of each function at its default settings, by name."""
    found = {}
    for file in (file for file in FILES if "TRUTH = {" in file.read_text("utf-8")):
        for name, entry in runpy.run_path(str(file)).get("TRUTH", {}).items():
            entries = entry if isinstance(entry, tuple) else (entry,)
            found[name] = next(part for part in entries if isinstance(part, Truth))
    return found


def _fixed(name):
    f = activations.get(name) if name in activations.names() else None
    return f is not None and f.elementwise and not f.random and name not in SURROGATE


def exact(truth, q, orders):
    """E[f], E[f²], and E[d²] of derivatives d, by Gauss–Legendre quadrature at 30 digits."""
    with mpmath.workdps(30):
        deviation = mpmath.sqrt(mpmath.mpf(q))
        breaks = [mpmath.mpf(at) / deviation for at in truth.breaks]
        ends = sorted({mpmath.mpf(at) for at in (-16, -6, -2, 0, 2, 6, 16)} | set(breaks))

        def average(power, order):
            def integrand(t):
                z = deviation * t
                piece = truth.pieces[sum(z >= at for at in truth.breaks)]
                value = piece(z) if not order else mpmath.diff(piece, z, order)
                return value**power * mpmath.npdf(t)

            return float(
                mpmath.quad(
                    integrand, [at for at in ends if abs(at) <= 16], method="gauss-legendre"
                )
            )

        return {(power, order): average(power, order) for power, order in orders}


def assert_exact(name, q):
    found, truth = moments(name, q), truths()[name]
    parts = {
        (1, 0): found.mean,
        (2, 0): found.second,
        (1, 1): found.slope_mean,
        (2, 1): found.slope_second,
    }
    if found.curvature_second is not None:
        parts[2, 2] = found.curvature_second
    true = exact(truth, q, parts)
    for part, value in parts.items():
        # Where the true value is 0, mpmath's is too, to about 1e-30.
        assert value == pytest.approx(true[part], rel=1e-10, abs=1e-12), (name, q, part)


def assert_like_scipy(name, q):
    f, found = hosted(name), moments(name, q)
    law = stats.norm(scale=math.sqrt(q))
    inner = [at for at in (*f.breaks, -2, 2) if abs(at) < 9 * math.sqrt(q)]
    for curve, power, value in (
        (f.value, 1, found.mean),
        (f.value, 2, found.second),
        (f.slope, 1, found.slope_mean),
        (f.slope, 2, found.slope_second),
    ):
        other, _ = integrate.quad(
            lambda z, c=curve, p=power: float(c(np.array([z]))[0]) ** p * law.pdf(z),
            *(-9 * math.sqrt(q), 9 * math.sqrt(q)),
            points=inner or None,
            epsabs=1e-13,
            epsrel=1e-12,
            limit=200,
        )
        assert value == pytest.approx(other, rel=1e-10, abs=1e-12), (name, q, power)


@pytest.mark.heavy
@pytest.mark.parametrize("name", QUICK)
def test_moments_are_right_to_ten_digits(name):
    assert_exact(name, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("q", [0.05, 1.0, 20.0])
@pytest.mark.parametrize("name", [name for name in activations.names() if _fixed(name)])
def test_moments_of_every_function_are_right_to_ten_digits(name, q):
    if name in truths():
        assert_exact(name, q)
    else:  # those that learn have no formula there
        assert_like_scipy(name, q)


@pytest.mark.parametrize("q", [0.1, 1.0, 25.0])
def test_closed_forms(q):
    relu, sine, squared = (moments(name, q) for name in ("relu", "sine", "squared_relu"))
    assert relu.mean == pytest.approx(math.sqrt(q / (2 * math.pi)), rel=1e-12)
    assert (relu.second, relu.slope_mean, relu.slope_second) == pytest.approx(
        (q / 2, 1 / 2, 1 / 2), rel=1e-12
    )
    assert relu.variance == pytest.approx(q / 2 * (1 - 1 / math.pi), rel=1e-12)
    assert sine.second == pytest.approx(-math.expm1(-2 * q) / 2, rel=1e-12)
    assert sine.slope_second == pytest.approx((1 + math.exp(-2 * q)) / 2, rel=1e-12)
    assert sine.curvature_second == pytest.approx(sine.second, rel=1e-12)
    assert squared.second == pytest.approx(1.5 * q**2, rel=1e-12)
    assert squared.curvature_second == pytest.approx(2, rel=1e-12)
    erf = moments("erf", q)
    assert erf.second == pytest.approx(2 / math.pi * math.asin(2 * q / (1 + 2 * q)), rel=1e-12)
    assert erf.slope_second == pytest.approx(4 / math.pi / math.sqrt(1 + 4 * q), rel=1e-12)


def test_they_are_those_of_another_quadrature():
    assert_like_scipy("hard_swish", 2.0)


@pytest.mark.heavy
def test_a_callable_with_kinks_that_nobody_declared():
    def bent(x):
        return jnp.where(x < 0.7, jnp.sin(x), jnp.sin(0.7) + 0.2 * (x - 0.7))

    found = moments(bent)
    law, top = stats.norm(), math.sin(0.7)
    below, _ = integrate.quad(lambda z: math.sin(z) ** 2 * law.pdf(z), -12, 0.7, epsabs=1e-14)
    above, _ = integrate.quad(
        lambda z: (top + 0.2 * (z - 0.7)) ** 2 * law.pdf(z), 0.7, 12, epsabs=1e-14
    )
    assert found.second == pytest.approx(below + above, rel=1e-10)
    assert (found.curvature_second, found.reason) == (None, "infinite, since f' jumps at 0.7")


def test_moments_are_within_the_standard_error_of_simulation():
    z = np.random.default_rng(1).normal(0, 1.5, 1_000_000)
    f, found = hosted("gelu"), moments("gelu", 2.25)
    value, slope, curvature = (np.asarray(curve(z)) for curve in (f.value, f.slope, f.curvature))
    for draws, mean in (
        (value, found.mean),
        (value**2, found.second),
        ((value - found.mean) ** 2, found.variance),
        (slope, found.slope_mean),
        (slope**2, found.slope_second),
        (curvature**2, found.curvature_second),
    ):
        assert abs(draws.mean() - mean) < 4 * draws.std() / 1000


def test_a_small_variance_keeps_its_digits():
    # σ(z) is ½ + z/4 - z³/48 + …, so Var σ = q/16 - q²/32 + O(q³); E[σ²] - ¼ cancels.
    q = 1e-8
    assert moments("sigmoid", q).variance == pytest.approx(q / 16 - q**2 / 32, rel=1e-10)


def test_the_two_derivatives_of_a_step_are_kept_apart():
    found = moments("step", 4.0)
    f = hosted("step")
    z = np.random.default_rng(2).normal(0, 2, 100_000)
    draws = f.slope(z)
    assert abs(found.slope_mean - draws.mean()) < 4 * draws.std() / math.sqrt(z.size)
    # Of the step itself, E[f'] is the density at the jump.
    assert found.true_slope_mean == pytest.approx(1 / math.sqrt(2 * math.pi * 4), rel=1e-12)
    assert found.true_slope_second == math.inf
    assert found.curvature_second is None
    assert "surrogate" in found.reason


def test_a_jump_is_no_part_of_the_slope_that_a_gradient_meets():
    found = moments(lambda x: jnp.where(x > 0.5, x, 0.0))
    tail = stats.norm.sf(0.5)
    assert (found.slope_mean, found.slope_second) == pytest.approx((tail, tail), rel=1e-10)
    jump = 0.5 * stats.norm.pdf(0.5)
    assert found.true_slope_mean == pytest.approx(tail + jump, rel=1e-8)
    assert found.true_slope_second == math.inf
    assert found.reason == "infinite, since f jumps at 0.5"


def test_a_curvature_that_exists_despite_a_kink_in_the_slope():
    found = moments("elu")  # f'' jumps at 0, f' does not
    # f'' = e^z where z < 0: E[e^(2z); z < 0] = e² Φ(-2).
    assert found.curvature_second == pytest.approx(math.e**2 * stats.norm.cdf(-2), rel=1e-12)
    assert found.reason == ""


def test_moments_are_kept():
    assert moments("tanh", 1) is moments(activations.get("tanh"), 1.0)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: jnp.exp(x**2), r"E\[f\] of function at q = 1: .*infinite"),
        (lambda x: jnp.sqrt(jnp.abs(x)), r"E\[f'²\] of function"),
        (jax.nn.softmax, "stands alone"),
    ],
)
def test_what_has_no_moments_is_told_so(f, message):
    with pytest.raises(ActscopeError, match=message):
        moments(f)
