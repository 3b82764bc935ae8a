"""The Gaussian error linear unit, its two approximations, and phish, which is made of it."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers
from actscope.activations._precise import derivative_is, in_float32
from actscope.activations._self_gated import half_sech, lifted, self_gated
from actscope.activations._twofold import (
    Twofold,
    constant,
    exactly,
    exp_of_square,
    plus,
    times,
)

_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the normal distribution at 0

# Chebyshev coefficients of (1 + t) e^(t²/2) Φ(-t) in (t - 3.75) / (t + 3.75), t from 0 to ∞, found
# at 60 digits; Φ is the normal distribution function. After Shepherd and Laframboise 1981, who did
# so for erfc. Float32 has enough of the first 13.
_CHEBYSHEV = (
    0.46661999723324027,
    -0.0638504802020599,
    -0.012814666454403156,
    0.012543747334158301,
    -0.004294057702829546,
    0.0007925764501669274,
    -4.2780037587795114e-05,
    -1.4969955080721861e-05,
    2.749334971880012e-06,
    2.734720733734543e-07,
    -1.0612693012733255e-07,
    -7.219504619224256e-09,
    4.1128590708686674e-09,
    3.4184223204774675e-10,
    -1.6473475994134149e-10,
    -2.2301723619308838e-11,
    6.318029229517579e-12,
    1.5126482470048497e-12,
    -1.8800780401772003e-13,
    -9.512930883407483e-14,
    -8.378293863502165e-17,
    5.153009862627012e-15,
    6.50469223684883e-16,
    -2.0700111190470479e-16,
    -6.783805413223209e-17,
)
_POWERS = {
    width: tuple(np.polynomial.chebyshev.cheb2poly(_CHEBYSHEV[:terms])[::-1].tolist())
    for width, terms in ((32, 13), (64, len(_CHEBYSHEV)))
}


@in_float32
def gelu(x: Numbers) -> jax.Array:
    """GELU: x Φ(x), Φ the normal distribution function; not the approximation by tanh."""
    return _gelu(x)


@in_float32
def gelu_tanh(x: Numbers) -> jax.Array:
    """GELU by tanh: x / 2 · (1 + tanh(√(2/π) (x + 0.044715 x³))).

    It is within 0.00048 of `gelu`.
    """
    return _gelu_tanh(x)


@in_float32
def quick_gelu(x: Numbers) -> jax.Array:
    """GELU by the sigmoid: x · sigmoid(1.702 x), within 0.021 of `gelu`."""
    return _quick_gelu(x)


@in_float32
def phish(x: Numbers) -> jax.Array:
    """Phish: x · tanh(gelu(x))."""
    return _phish(x)


def _tail(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(t, m, q) with Φ(-t) = m q²; t is |x|, but 60 beyond it, where q is 0."""
    t = jnp.minimum(jnp.abs(x), 60)
    y = (t - 3.75) / (t + 3.75)
    m = jnp.zeros_like(t)
    for coefficient in _POWERS[jnp.finfo(x.dtype).bits]:
        m = m * y + coefficient
    return t, m / (1 + t), exp_of_square(t, -0.25)


def _gelu_curvature(x: jax.Array) -> jax.Array:
    t, _, q = _tail(x)
    return _DENSITY * ((2 - t * t) * q) * q


@derivative_is(_gelu_curvature)
def _gelu_slope(x: jax.Array) -> jax.Array:
    t, m, q = _tail(x)
    left = (m - _DENSITY * t) * q * q
    return jnp.where(x < 0, left, 1 - left)


@derivative_is(_gelu_slope)
def _gelu(x: jax.Array) -> jax.Array:
    t, m, q = _tail(x)
    return jnp.maximum(x, 0) - t * m * q * q


def _sigmoid(exponent: Twofold) -> jax.Array:
    y, rest = exponent
    return lax.logistic(y) * (1 + lax.logistic(-y) * rest)


def _half_sech(exponent: Twofold) -> jax.Array:
    y, rest = exponent
    return half_sech(y) * (1 - 0.5 * jnp.tanh(0.5 * y) * rest)


def _product(x: jax.Array, exponent: Twofold) -> jax.Array:
    y, rest = exponent
    scaled, at = lifted(x, y)
    return scaled * _sigmoid((at, rest))


def _quick_exponent(x: jax.Array) -> Twofold:
    near = jnp.clip(x, -1000, 1000)  # beyond, the sigmoid is 0 or 1, and its slope 0
    # 1.702 is not a number of float64: the second one is the rest.
    return times(exactly(near), constant(1.702, 4.263256414560601e-17, x))


def _quick_bell(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    exponent = _quick_exponent(x)
    return math.sqrt(1.702) * _half_sech(exponent), -1.702 * jnp.tanh(0.5 * exponent[0])


_quick_gelu = self_gated(
    lambda x: _sigmoid(_quick_exponent(x)),
    _quick_bell,
    lambda x: _product(x, _quick_exponent(x)),
)

# Twice √(2/π), and 0.044715 times that, each with the rest that float64 leaves.
_LINEAR = (1.5957691216057308, -9.96930880911092e-17)
_CUBIC = (0.07135481627260025, -6.175149918155315e-19)


def _near(x: jax.Array) -> jax.Array:
    return jnp.clip(x, -30, 30)  # beyond, the sigmoid of the cubic is 0 or 1


def _cubic(x: jax.Array) -> Twofold:
    near = exactly(_near(x))
    cube = times(constant(*_CUBIC, x), times(near, near))
    return times(near, plus(constant(*_LINEAR, x), cube))


def _cubic_bell(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    near, exponent = _near(x), _cubic(x)
    slope = _LINEAR[0] + 3 * _CUBIC[0] * near * near
    r = 6 * _CUBIC[0] * near / slope - slope * jnp.tanh(0.5 * exponent[0])
    return jnp.sqrt(slope) * _half_sech(exponent), r


_gelu_tanh = self_gated(
    lambda x: _sigmoid(_cubic(x)), _cubic_bell, lambda x: _product(x, _cubic(x))
)


def _phish_curvature(x: jax.Array) -> jax.Array:
    value, slope = _gelu(x), _gelu_slope(x)
    t = jnp.exp(-jnp.abs(value))
    sech = 2 * t / (1 + t * t)
    bend = _gelu_curvature(x) - 2 * jnp.tanh(value) * slope * slope
    inner = sech * (2 * slope + x * bend)
    return jnp.where(sech > 0, inner, 0) * sech


@derivative_is(_phish_curvature)
def _phish_slope(x: jax.Array) -> jax.Array:
    value = _gelu(x)
    t = jnp.exp(-jnp.abs(value))
    sech = 2 * t / (1 + t * t)
    return jnp.tanh(value) + x * sech * sech * _gelu_slope(x)


@derivative_is(_phish_slope)
def _phish(x: jax.Array) -> jax.Array:
    return jnp.maximum(x, float(jnp.finfo(x.dtype).min)) * jnp.tanh(_gelu(x))


# Least values and greatest slopes are those at the roots of f' and f'', bisected at 60 digits.
# GELU's slope is greatest at √2, quick_gelu has those of swish, the least value over 1.702.
_HENDRYCKS = "Hendrycks and Gimpel 2016 (arXiv 1606.08415), section 2"

GELU = (
    Activation(
        name="gelu",
        function=gelu,
        formula="x Φ(x), Φ(x) = (1 + erf(x / √2)) / 2",
        latex=r"\frac{x}{2}\left(1 + \operatorname{erf}\frac{x}{\sqrt{2}}\right)",
        source=_HENDRYCKS,
        facts=lambda: Facts(
            range=(-0.1699712074799037, math.inf),
            monotone=False,
            largest_slope=1.1289041451851548,
        ),
        family="smooth",
    ),
    Activation(
        name="gelu_tanh",
        function=gelu_tanh,
        formula="x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))",
        latex=r"\frac{x}{2}\left(1 + \tanh\left(\sqrt{\tfrac{2}{\pi}}"
        r"\left(x + 0.044715\,x^3\right)\right)\right)",
        source=_HENDRYCKS,
        facts=lambda: Facts(
            range=(-0.17004075057125405, math.inf),
            monotone=False,
            largest_slope=1.1289930686587718,
        ),
        family="smooth",
    ),
    Activation(
        name="quick_gelu",
        function=quick_gelu,
        formula="x / (1 + e^(-1.702 · x))",
        latex=r"\frac{x}{1 + e^{-1.702\,x}}",
        source=f"{_HENDRYCKS}; QuickGELU: Radford et al. 2021 (CLIP), their code",
        facts=lambda: Facts(
            range=(-0.16361018963635358, math.inf),
            monotone=False,
            largest_slope=1.099839320128867,
        ),
        family="smooth",
    ),
    Activation(
        name="phish",
        function=phish,
        formula="x · tanh(x Φ(x)), Φ(x) = (1 + erf(x / √2)) / 2",
        latex=r"x \tanh\left(\frac{x}{2}"
        r"\left(1 + \operatorname{erf}\frac{x}{\sqrt{2}}\right)\right)",
        source="Naveen 2022 (Phish: A Novel Hyper-Optimizable Activation Function)",
        # It has its least value, 0, at 0.
        facts=lambda: Facts(range=(0.0, math.inf), monotone=False, largest_slope=1.298306673305812),
        family="smooth",
    ),
)
