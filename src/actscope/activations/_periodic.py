"""Waves, and the two that die away from 0."""

import math

import jax
import jax.numpy as jnp

from actscope._errors import ActscopeError
from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers, floating
from actscope.activations._precise import derivative_is, in_float32
from actscope.activations._twofold import exp_of_square

Setting = jax.typing.ArrayLike


@in_float32
def sine(x: Numbers) -> jax.Array:
    """sin(x), right to the last digit however large x is."""
    return jnp.sin(floating(x))


@in_float32
def snake(x: Numbers, alpha: Setting = 1.0) -> jax.Array:
    """Snake: x + sin²(alpha x) / alpha. It climbs, and keeps a wave of period π / alpha.

    Where |x| is so large that alpha · x is rounded by as much as a period, so is the place in the
    wave.
    """
    return _snake(floating(x), alpha)


@in_float32
def sinc(x: Numbers) -> jax.Array:
    """sin(x) / x, and 1 at 0.

    This is the unnormalised one, as tables of activations have it; `jnp.sinc`, of signal
    processing, is sin(π x) / (π x), and its steeper slope would only be a scale of the weights.
    """
    return _sinc(x)


@in_float32
def gaussian(x: Numbers) -> jax.Array:
    """e^(-x²)."""
    return _gaussian(x)


def _snake(x: jax.Array, alpha: Setting) -> jax.Array:
    phase = alpha * x
    wave = jnp.sin(jnp.where(jnp.isinf(phase), 0, phase))  # infinity has no place in the wave
    return x + wave * wave / alpha


# Coefficients of x^2k, for |x| < 1, in f'(x) / x and in f''(x); the last are below 1e-17.
_SLOPE = tuple((-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(1, 11))
_CURVATURE = tuple((2 * k + 1) * c for k, c in enumerate(_SLOPE))


def _series(coefficients: tuple[float, ...], x: jax.Array) -> jax.Array:
    square = jnp.minimum(x * x, 1)
    total = jnp.zeros_like(x)
    for coefficient in reversed(coefficients):
        total = total * square + coefficient
    return total


def _far(x: jax.Array) -> jax.Array:
    """`x` where nothing cancels, or 1 in its place."""
    return jnp.where(jnp.abs(x) < 1, 1, x)


def _sinc_curvature(x: jax.Array) -> jax.Array:
    far = _far(x)
    beyond = -_sinc(far) - 2 * _sinc_slope(far) / far
    return jnp.where(jnp.abs(x) < 1, _series(_CURVATURE, x), beyond)


@derivative_is(_sinc_curvature)
def _sinc_slope(x: jax.Array) -> jax.Array:
    far = _far(x)
    return jnp.where(jnp.abs(x) < 1, x * _series(_SLOPE, x), (jnp.cos(far) - _sinc(far)) / far)


@derivative_is(_sinc_slope)
def _sinc(x: jax.Array) -> jax.Array:
    largest = float(jnp.finfo(x.dtype).max)
    wave = jnp.sin(jnp.clip(x, -largest, largest))  # infinity has no sine, but a limit
    return jnp.where(x == 0, 1, wave / jnp.where(x == 0, 1, x))


def _gaussian_curvature(x: jax.Array) -> jax.Array:
    near, root = jnp.clip(x, -60, 60), exp_of_square(x, -0.5)
    return ((4 * near * near - 2) * root) * root


@derivative_is(_gaussian_curvature)
def _gaussian_slope(x: jax.Array) -> jax.Array:
    near, root = jnp.clip(x, -60, 60), exp_of_square(x, -0.5)
    return (-2 * near * root) * root


@derivative_is(_gaussian_slope)
def _gaussian(x: jax.Array) -> jax.Array:
    return exp_of_square(x, -1.0)


def _snake_facts(alpha: float) -> Facts:
    if alpha == 0:
        raise ActscopeError(f"snake: alpha = {alpha:g}", expected="a number other than 0")
    # The slope is 1 + sin(2 alpha x): 0 in places, never below.
    return Facts(largest_slope=2.0)


PERIODIC = (
    Activation(
        name="gaussian",
        function=gaussian,
        formula="e^(-x²)",
        latex=r"e^{-x^2}",
        source="Broomhead and Lowe 1988, radial basis functions",
        # The slope is greatest at -1/√2: √(2/e).
        facts=lambda: Facts(
            range=(0.0, 1.0),
            monotone=False,
            largest_slope=math.sqrt(2 / math.e),
            symmetry="even",
        ),
        family="smooth",
    ),
    Activation(
        name="sine",
        function=sine,
        formula="sin(x)",
        latex=r"\sin x",
        source="Parascandolo, Huttunen and Virtanen 2017; Sitzmann et al. 2020 (SIREN)",
        facts=lambda: Facts(range=(-1.0, 1.0), monotone=False, symmetry="odd"),
        family="smooth",
        aliases=("sin",),
    ),
    Activation(
        name="snake",
        function=snake,
        settings=(("alpha", 1.0),),
        formula="x + sin²(alpha · x) / alpha",
        latex=r"x + \frac{1}{\alpha} \sin^2(\alpha x)",
        source="Ziyin, Hartwig and Ueda 2020 (arXiv 2006.08195)",
        facts=_snake_facts,
        family="smooth",
        why=(("alpha", "the paper's function without a subscript, x + sin²(x)"),),
    ),
    Activation(
        name="sinc",
        function=sinc,
        formula="sin(x) / x, and 1 at 0",
        latex=r"\frac{\sin x}{x}",
        source="without a paper that we know of; Wikipedia, Activation function",
        # It is least where tan(x) = x, at ±4.4934, and steepest at ±2.0816, where f'' is 0:
        # bisected at 60 digits.
        facts=lambda: Facts(
            range=(-0.21723362821122166, 1.0),
            monotone=False,
            largest_slope=0.4361818172714585,
            symmetry="even",
        ),
        family="smooth",
    ),
)
