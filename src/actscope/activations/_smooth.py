"""Smooth relatives of the rectifier: x times a gate of x."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers
from actscope.activations._gelu import GELU
from actscope.activations._periodic import PERIODIC
from actscope.activations._precise import derivative_is, in_float32
from actscope.activations._self_gated import half_sech, lifted, self_gated
from actscope.activations._straight import STRAIGHT
from actscope.activations._twofold import exp_of_square


@in_float32
def swish(x: Numbers) -> jax.Array:
    """Swish, also called SiLU: x · sigmoid(x)."""
    return _swish(x)


@in_float32
def mish(x: Numbers) -> jax.Array:
    """Mish: x · tanh(log(1 + e^x)), the tanh as n / (n + 2) with n = e^x (e^x + 2)."""
    return _mish(x)


@in_float32
def logish(x: Numbers) -> jax.Array:
    """Logish: x · log(1 + sigmoid(x)). Its slope goes to log 2."""
    return _logish(x)


@in_float32
def telu(x: Numbers) -> jax.Array:
    """TeLU: x · tanh(e^x)."""
    return _telu(x)


@in_float32
def smish(x: Numbers) -> jax.Array:
    """Smish: x · tanh(log(1 + s)), s = sigmoid(x), the tanh as n / (2 + n) with n = s (2 + s).

    Its slope goes to 3/5.
    """
    return _smish(x)


@in_float32
def serf(x: Numbers) -> jax.Array:
    """SERF: x · erf(log(1 + e^x))."""
    return _serf(x)


def _swish_curvature(x: jax.Array) -> jax.Array:
    p = half_sech(x)
    return jnp.where(p > 0, p * (2 - x * jnp.tanh(0.5 * x)), 0) * p


@derivative_is(_swish_curvature)
def _first_part(x: jax.Array) -> jax.Array:
    """The sigmoid, in swish's slope, whose whole derivative it stands for."""
    return lax.logistic(x)


@jax.custom_jvp
def _swish(x: jax.Array) -> jax.Array:
    scaled, at = lifted(x, x)
    return scaled * lax.logistic(at)


@_swish.defjvp
def _swish_jvp(primals: tuple[Any], tangents: tuple[Any]) -> tuple[jax.Array, jax.Array]:
    # Added up in the order of the product rule: published results hold to the last bit.
    (x,), (tangent,) = primals, tangents
    scaled, at = lifted(lax.stop_gradient(x), lax.stop_gradient(x))
    second = lax.logistic(at) * lax.logistic(-at) * tangent
    return _swish(x), tangent * _first_part(x) + scaled * second


def _mish_gate(x: jax.Array) -> jax.Array:
    e = jnp.exp(jnp.minimum(x, 40))  # where the gate is 1, and e² no overflow
    n = e * (e + 2)
    return n / (n + 2)


def _mish_bell(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    # With e = e^x the slope is 4 e (e + 1) / (e² + 2e + 2)²; on the right in powers of t = 1 / e.
    h = jnp.exp(-0.5 * jnp.abs(x))
    t = h * h
    left, right = t * t + 2 * t + 2, 2 * t * t + 2 * t + 1
    p = 2 * jnp.sqrt(1 + t) * jnp.where(x < 0, h / left, t / right)
    ascending = (2 + t * (2 - t * (3 + 2 * t))) / left
    descending = (t * (t * (2 + 2 * t) - 3) - 2) / right
    return p, jnp.where(x < 0, ascending, descending) / (1 + t)


def _logish_gate(x: jax.Array) -> jax.Array:
    return jnp.log1p(lax.logistic(x))


def _logish_bell(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    s = lax.logistic(x)
    p = half_sech(x) / jnp.sqrt(1 + s)
    return p, -jnp.tanh(0.5 * x) - p * p


def _telu_gate(x: jax.Array) -> jax.Array:
    return jnp.tanh(jnp.exp(x))


def _telu_bell(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    x = jnp.minimum(x, 8)  # where p is 0
    u = jnp.exp(x)
    t = jnp.exp(-u)
    return 2 * jnp.exp(0.5 * x) * t / (1 + t * t), 1 - 2 * u * jnp.tanh(u)


def _smish_gate(x: jax.Array) -> jax.Array:
    s = lax.logistic(x)
    n = s * (2 + s)
    return n / (2 + n)


def _smish_bell(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    # In w = 1 + s the gate is (w² - 1) / (w² + 1), of slope 4 w / (w² + 1)².
    w = 1 + lax.logistic(x)
    root, p = w * w + 1, half_sech(x)
    r = -jnp.tanh(0.5 * x) + p * p * (1 / w - 4 * w / root)
    return 2 * p * jnp.sqrt(w) / root, r


def _softplus(x: jax.Array) -> jax.Array:
    return jnp.maximum(x, 0) + jnp.log1p(jnp.exp(-jnp.abs(x)))


def _serf_gate(x: jax.Array) -> jax.Array:
    return jax.scipy.special.erf(_softplus(x))


def _serf_bell(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    # The slope is 2/√π e^(-s²) sigmoid(x), s = max(x, 0) + more. Squaring the rounded s would cost
    # digits; x itself is not rounded.
    more = jnp.log1p(jnp.exp(-jnp.abs(x)))
    near = jnp.clip(x, 0, 60)  # beyond, p is 0
    bell = exp_of_square(near, -0.5) * jnp.exp(-more * (near + 0.5 * more))
    p = math.sqrt(2 / math.sqrt(math.pi)) * bell * jnp.exp(0.5 * (jnp.minimum(x, 0) - more))
    return p, lax.logistic(-x) - 2 * (near + more) * lax.logistic(x)


_mish = self_gated(_mish_gate, _mish_bell)
_logish = self_gated(_logish_gate, _logish_bell)
_telu = self_gated(_telu_gate, _telu_bell)
_smish = self_gated(_smish_gate, _smish_bell)
_serf = self_gated(_serf_gate, _serf_bell)


def _record(
    function: Callable[[Numbers], jax.Array],
    formula: str,
    latex: str,
    source: str,
    extremes: tuple[float, float],
    aliases: tuple[str, ...] = (),
) -> Activation:
    """A record of one that falls to a least value, then rises without end; and its steepest."""
    least, steepest = extremes
    facts = Facts(range=(least, math.inf), monotone=False, largest_slope=steepest)
    return Activation(
        name=function.__name__,
        function=function,
        formula=formula,
        latex=latex,
        source=source,
        facts=lambda: facts,
        family="smooth",
        aliases=aliases,
    )


# Least values and greatest slopes are those at the roots of f' and f'', bisected at 60 digits.
# Swish's are also -W(1/e), W Lambert's function, and the slope where x tanh(x/2) = 2.
_GATED = (
    _record(
        swish,
        "x / (1 + e^-x)",
        r"\frac{x}{1 + e^{-x}}",
        "Ramachandran, Zoph and Le 2017, eq. 1; SiLU: Elfwing, Uchibe and Doya 2018",
        (-0.2784645427610738, 1.099839320128867),
        aliases=("silu",),
    ),
    _record(
        mish,
        "x · tanh(log(1 + e^x))",
        r"x \tanh\left(\ln\left(1 + e^x\right)\right)",
        "Misra 2020 (arXiv 1908.08681), abstract",
        (-0.3088434130172504, 1.0884981612517279),
    ),
    _record(
        logish,
        "x · log(1 + 1 / (1 + e^-x))",
        r"x \ln\left(1 + \frac{1}{1 + e^{-x}}\right)",
        "Zhu, Zeng, Liu and Zhang 2021 (Neurocomputing 458), abstract",
        (-0.2527688167894403, 0.7463111804127397),
    ),
    _record(
        telu,
        "x · tanh(e^x)",
        r"x \tanh\left(e^x\right)",
        "Fernandez and Mali 2024 (arXiv 2402.02790), abstract",
        (-0.35328577784821127, 1.061975308717916),
    ),
    _record(
        smish,
        "x · tanh(log(1 + 1 / (1 + e^-x)))",
        r"x \tanh\left(\ln\left(1 + \frac{1}{1 + e^{-x}}\right)\right)",
        "Wang, Ren and Wang 2022 (Electronics 11, 540), with both of its factors 1",
        (-0.2499936636601295, 0.6368842228812262),
    ),
    _record(
        serf,
        "x · erf(log(1 + e^x))",
        r"x \operatorname{erf}\left(\ln\left(1 + e^x\right)\right)",
        "Nag, Bhattacharyya, Mukherjee and Kundu 2023 (arXiv 2108.09598), abstract",
        (-0.3484374587596064, 1.0861254441509971),
    ),
)

SMOOTH = (*_GATED, *GELU, *STRAIGHT, *PERIODIC)
