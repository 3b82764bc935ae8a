"""Smooth functions whose scales a network learns."""

import math

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation, Facts, require_positive
from actscope.activations._elu import expm1
from actscope.activations._floating import Numbers
from actscope.activations._precise import derivative_is, in_float32

Setting = jax.typing.ArrayLike

_FARTHEST = 2000.0  # beyond it e^-|z|/2 is 0 in float64 too


@in_float32
def pelu(x: Numbers, a: Setting = 1.0, b: Setting = 1.0) -> jax.Array:
    """X · a / b where x > 0, else a · (e^(x/b) - 1), for a and b above 0.

    The slope at 0 is a / b on either side. The second derivative jumps there; at 0 it is a / b²,
    that on the left.
    """
    x = jnp.asarray(x)
    # The branch that is not taken must not overflow: its gradient, 0 · ∞, would be NaN.
    return jnp.where(x > 0, a / b * x, a * expm1(jnp.where(x > 0, 0, x) / b))


@in_float32
def trainable_swish(x: Numbers, beta: Setting = 1.0) -> jax.Array:
    """X · sigmoid(beta x).

    With beta = 1 it is `swish`, but for products that come out right also where the sigmoid
    itself underflows.
    """
    return _swish(jnp.asarray(x), beta)


def _parts(x: jax.Array, beta: Setting) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Beta x as z, u = e^(-|z|/2) and the larger of sigmoid(z) and sigmoid(-z), 1 / (1 + u²).

    The smaller is u² times that; a factor with u for each does not underflow before the product.
    """
    z = jnp.clip(beta * x, -_FARTHEST, _FARTHEST)
    u = jnp.exp(-jnp.abs(z) / 2)
    return z, u, 1 / (1 + u * u)


def _swish_curvature(x: jax.Array, beta: Setting) -> jax.Array:
    z, u, larger = _parts(x, beta)
    return u * beta * (u * larger * larger * (2 - z * jnp.tanh(z / 2)))


@derivative_is(_swish_curvature)
def _swish_slope(x: jax.Array, beta: Setting) -> jax.Array:
    z, u, larger = _parts(x, beta)
    right = larger * (1 + z * u * u * larger)
    return jnp.where(z < 0, u * (1 + z * larger) * (u * larger), right)


@derivative_is(_swish_slope)
def _swish(x: jax.Array, beta: Setting) -> jax.Array:
    return _gate(beta * x, x)


def _gate_slope(z: jax.Array, x: jax.Array) -> jax.Array:
    _, u, larger = _parts(z, 1.0)
    return x * u * (u * larger * larger)


@derivative_is(_gate_slope)
def _gate(z: jax.Array, x: jax.Array) -> jax.Array:
    """X · sigmoid(z)."""
    z, u, larger = _parts(z, 1.0)
    passed = jnp.where(z < 0, u, 1)
    return x * passed * (passed * larger)


def _pelu_facts(a: float, b: float) -> Facts:
    for setting, value in (("a", a), ("b", b)):
        require_positive("pelu", setting, value)
    return Facts(range=(-a, math.inf), largest_slope=a / b, knots=(0.0,), smoothness=1)


def _swish_facts(beta: float) -> Facts:
    if not beta:
        return Facts(largest_slope=0.5, symmetry="odd")
    # The least value is -W(1/e) / beta, W Lambert's function; the greatest slope stands where
    # z tanh(z/2) = 2. With -beta it is -f(-x).
    end = -0.2784645427610738 / beta
    return Facts(
        range=(end, math.inf) if beta > 0 else (-math.inf, end),
        monotone=False,
        largest_slope=1.0998393201288669,
    )


LEARNED = (
    Activation(
        name="pelu",
        function=pelu,
        settings=(("a", 1.0), ("b", 1.0)),
        trainable=("a", "b"),
        formula="a / b · x if x > 0 else a · (e^(x/b) - 1)",
        latex=r"\begin{cases} \frac{a}{b} x & x > 0 \\ a (e^{x/b} - 1) & x \le 0 \end{cases}",
        source="Trottier, Giguère and Chaib-draa 2017, eq. 3",
        facts=_pelu_facts,
        family="trainable",
        why=(("a", "elu's, with which it starts"), ("b", "elu's, with which it starts")),
    ),
    Activation(
        name="trainable_swish",
        function=trainable_swish,
        settings=(("beta", 1.0),),
        trainable=("beta",),
        formula="x / (1 + e^(-beta · x))",
        latex=r"x\,\sigma(\beta x)",
        source="Ramachandran, Zoph and Le 2017, eq. 1",
        facts=_swish_facts,
        family="trainable",
        aliases=("swish_beta",),
        why=(("beta", "swish's, with which it starts"),),
    ),
)
