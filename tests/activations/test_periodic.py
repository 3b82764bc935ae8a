"""Sine, snake, sinc and the Gaussian against mpmath and differences."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from truth import DTYPES, Truth


def _zero(x):
    return 0 * x


def _gaussian(x):
    return mpmath.exp(-(x**2))


def _snake(alpha):
    return Truth([lambda x: x + mpmath.sin(alpha * x) ** 2 / alpha], rough=True)


# Products with powers of two are exact; others lose their place in the wave, far out.
TRUTH = {
    "gaussian": (
        "gaussian",
        {},
        Truth([_zero, _gaussian, _zero], breaks=(-60.0, 60.0), roots=((), (), (-0.71, 0.71))),
    ),
    "sine": ("sine", {}, Truth([mpmath.sin], rough=True)),
    "snake": ("snake", {}, _snake(1)),
    "snake, alpha ½": ("snake", {"alpha": 0.5}, _snake(mpmath.mpf(0.5))),
    "snake, alpha -¼": ("snake", {"alpha": -0.25}, _snake(mpmath.mpf(-0.25))),
    "sinc": ("sinc", {}, Truth([mpmath.sinc], rough=True)),
}
PLAIN = [name for name, (_, settings, _) in TRUTH.items() if not settings]


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(case, dtype, assert_right):
    name, settings, truth = TRUTH[case]
    assert_right(activations.get(name, **settings), truth, dtype)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("gaussian", lambda x: jnp.exp(-x * x)),
        ("sine", jnp.sin),
        ("snake", lambda x: x + jnp.sin(x) ** 2),
        ("sinc", lambda x: jnp.sinc(x / jnp.pi)),
    ],
)
def test_they_agree_with_jax_numpy(name, peer, assert_like_peer):
    # Not around 0, where the peer's derivative of sinc cancels.
    assert_like_peer(activations.get(name), peer, x=jnp.linspace(0.5, 8, 751))


@pytest.mark.heavy
@pytest.mark.parametrize("name", PLAIN)
def test_the_curvature_is_that_of_differences(name, assert_differences):
    assert_differences(activations.get(name))


@pytest.mark.heavy
def test_sinc_near_zero_has_the_digits_of_its_derivatives():
    x = np.asarray([1e-30, 1e-5, 0.01, 0.3, 0.999])
    f = activations.get("sinc")
    with jax.enable_x64(True):
        first = jax.vmap(jax.grad(f))(jnp.asarray(x))
        second = jax.vmap(jax.grad(jax.grad(f)))(jnp.asarray(x))
    truth = TRUTH["sinc"][2]
    np.testing.assert_allclose(first, [float(truth(at, 1)) for at in x], rtol=1e-15)
    np.testing.assert_allclose(second, [float(truth(at, 2)) for at in x], rtol=1e-15)


def test_snake_is_differentiable_along_alpha():
    """Its derivative along alpha is x sin(2 alpha x) / alpha - sin²(alpha x) / alpha²."""
    x, alpha = np.asarray([-2.0, 0.3, 5.0]), 1.7
    f = activations.get("snake")
    with jax.enable_x64(True):
        got = jax.jacobian(lambda alpha: f(jnp.asarray(x), alpha=alpha))(alpha)
    wave = np.sin(alpha * x)
    expected = x * np.sin(2 * alpha * x) / alpha - wave**2 / alpha**2
    np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_snake_stays_finite_where_alpha_x_overflows():
    top = jnp.finfo("float32").max
    f = activations.get("snake", alpha=3)
    assert f(top) == top
    assert jnp.isfinite(activations.gradient(f, top))


def test_snake_without_a_wave_is_refused():
    with pytest.raises(ActscopeError, match="snake: alpha = 0"):
        activations.describe(activations.get("snake", alpha=0))


def test_infinity_has_its_limits():
    ends = jnp.asarray([-jnp.inf, jnp.inf])
    assert activations.get("gaussian")(ends).tolist() == [0, 0]
    assert activations.get("sinc")(ends).tolist() == [0, 0]
    assert activations.get("snake")(ends).tolist() == [-jnp.inf, jnp.inf]


def test_the_facts_of_sinc_and_the_gaussian():
    sinc, bell = activations.get("sinc").facts(), activations.get("gaussian").facts()
    with mpmath.workdps(40):
        lowest = mpmath.findroot(lambda x: mpmath.tan(x) - x, 4.4934)
        steepest = mpmath.findroot(lambda x: mpmath.diff(mpmath.sinc, x, 2), 2.08)
        assert sinc.range[0] == pytest.approx(float(mpmath.sinc(lowest)), rel=1e-15)
        assert sinc.largest_slope == pytest.approx(
            float(-mpmath.diff(mpmath.sinc, steepest)), rel=1e-15
        )
        slope = float(mpmath.diff(_gaussian, -mpmath.sqrt(0.5)))
        assert bell.largest_slope == pytest.approx(slope, rel=1e-15)
