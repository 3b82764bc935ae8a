"""Softplus and its relatives: the rectifier with its corner rounded off."""

import math

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation, Facts, require_positive
from actscope.activations._floating import Numbers
from actscope.activations._precise import derivative_is, in_float32
from actscope.activations._saturating import sigmoid

Setting = jax.typing.ArrayLike


@in_float32
def softplus(x: Numbers, beta: Setting = 1.0) -> jax.Array:
    """The logarithm of 1 + e^(beta · x), divided by beta, for beta > 0.

    The exponential is only ever taken of -beta · |x|, so nothing overflows, and no threshold is
    needed beyond which it would be taken for x.
    """
    return _softplus(x, beta)


@in_float32
def squareplus(x: Numbers, b: Setting = 4.0) -> jax.Array:
    """(x + √(x² + b)) / 2, for b > 0, written as max(x, 0) + (b / 2) / (√(x² + b) + |x|).

    The textbook form cancels on the left side: in float32 it is 0 below -8192, where the true
    value is 1e-4; and it overflows where x² does.
    """
    return _squareplus(x, b)


@in_float32
def sparse_plus(x: jax.Array) -> jax.Array:
    """0 up to -1, x from 1 on, and (x + 1)² / 4 between.

    The second derivative is 0 at -1 and ½ at 1, that of the piece on the left.
    """
    near = jnp.where(jnp.abs(x) <= 1, x, 0)  # the branch that is not taken must not overflow
    return jnp.where(x <= -1, 0.0, jnp.where(x <= 1, (0.5 * (near + 1)) ** 2, x))


def _softplus_slope(x: jax.Array, beta: Setting) -> jax.Array:
    return sigmoid(beta * x)


@derivative_is(_softplus_slope)
def _softplus(x: jax.Array, beta: Setting) -> jax.Array:
    return jnp.maximum(x, 0) + jnp.log1p(jnp.exp(-(beta * jnp.abs(x)))) / beta


def _triangle(x: jax.Array, b: Setting) -> tuple[jax.Array, jax.Array, jax.Array]:
    """√(x² + b) / m, |x| / m, and m = max(1, |x|): none of them overflows."""
    size = jnp.abs(x)
    most, share = jnp.maximum(size, 1), jnp.minimum(size, 1)
    return jnp.sqrt(share * share + b / most / most), share, most


def _excess(x: jax.Array, b: Setting) -> jax.Array:
    """What squareplus is above max(x, 0)."""
    root, share, most = _triangle(x, b)
    return 0.5 / (root + share) * b / most


def _squareplus_curvature(x: jax.Array, b: Setting) -> jax.Array:
    root, _, most = _triangle(x, b)
    side = root * most
    return 0.5 / side * b / side / side


@derivative_is(_squareplus_curvature)
def _squareplus_slope(x: jax.Array, b: Setting) -> jax.Array:
    root, _, most = _triangle(x, b)
    left = _excess(x, b) / most / root
    return jnp.where(x > 0, 1 - left, left)


@derivative_is(_squareplus_slope)
def _squareplus(x: jax.Array, b: Setting) -> jax.Array:
    return jnp.maximum(x, 0) + _excess(x, b)


def _softplus_facts(beta: float) -> Facts:
    require_positive("softplus", "beta", beta)
    return Facts(range=(0.0, math.inf))


def _squareplus_facts(b: float) -> Facts:
    require_positive("squareplus", "b", b)
    return Facts(range=(0.0, math.inf))


SOFTPLUS = (
    Activation(
        name="softplus",
        function=softplus,
        settings=(("beta", 1.0),),
        formula="ln(1 + e^(beta · x)) / beta",
        latex=r"\frac{1}{\beta} \ln\left(1 + e^{\beta x}\right)",
        source="Dugas, Bengio, Bélisle, Nadeau and Garcia 2001",
        facts=_softplus_facts,
        family="rectified",
        aliases=("soft_plus",),
        why=(("beta", "that of torch.nn, and of jax.nn, which has no other"),),
    ),
    Activation(
        name="squareplus",
        function=squareplus,
        settings=(("b", 4.0),),
        formula="(x + √(x² + b)) / 2",
        latex=r"\frac{x + \sqrt{x^2 + b}}{2}",
        source="Barron 2021 (arXiv 2112.11687), eq. 1",
        facts=_squareplus_facts,
        family="rectified",
        aliases=("square_plus",),
        why=(("b", "that of jax.nn: the curvature at 0 is then softplus', ¼"),),
    ),
    Activation(
        name="sparse_plus",
        function=sparse_plus,
        formula="0 if x ≤ -1, x if x ≥ 1, else (x + 1)² / 4",
        latex=r"\begin{cases} 0 & x \le -1 \\ \frac{(x + 1)^2}{4} & -1 < x < 1 \\"
        r" x & x \ge 1 \end{cases}",
        source="jax.nn.sparse_plus, without a paper that we know of; its slope is the sparsemax of "
        "(x, 0), Martins and Astudillo 2016",
        # The slope climbs from 0 at -1 to 1 at 1 in a straight line.
        facts=lambda: Facts(
            range=(0.0, math.inf), flat=((-math.inf, -1.0),), knots=(-1.0, 1.0), smoothness=1
        ),
        family="rectified",
        aliases=("sparseplus",),
    ),
)
