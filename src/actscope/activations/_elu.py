"""ELU and its relatives: x on the right side, a level below 0 far out on the left."""

import math

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation, Facts, require_positive
from actscope.activations._precise import derivative_is, in_float32
from actscope.activations._rational import isru

# With these, mean 0 and variance 1 are a fixed point under N(0, 1): eq. 14 of the paper, where
# E is erfc(1/√2) √e and F is erfc(√2) e²: α = √(2/π) / (1 - E), and
# λ = (1 - E) √(2π / (2F + πE² - 2(2 + π)E + π + 2)).
_SELU_ALPHA = 1.6732632423543772848
_SELU_SCALE = 1.0507009873554804934

# By way of the value the derivative would be exactly 0 below -17 in float32: the true one is 4e-8.
expm1 = derivative_is(jnp.exp)(jnp.expm1)


def _left(x: jax.Array) -> jax.Array:
    """`x` where it is not above 0, else 0.

    In the branch that is not taken nothing may overflow: its gradient, 0 · ∞, would be NaN.
    """
    return jnp.where(x > 0, 0, x)


@in_float32
def elu(x: jax.Array, alpha: jax.typing.ArrayLike = 1.0) -> jax.Array:
    """X where x > 0, else alpha · (e^x - 1); the derivative at 0 is `alpha`."""
    return jnp.where(x > 0, x, alpha * expm1(_left(x)))


@in_float32
def selu(x: jax.Array) -> jax.Array:
    """1.0507 · elu(x, 1.6733): the ELU that keeps mean 0 and variance 1.

    The derivative at 0 is 1.7581, that of the left piece.
    """
    return _SELU_SCALE * elu(x, _SELU_ALPHA)


@in_float32
def celu(x: jax.Array, alpha: jax.typing.ArrayLike = 1.0) -> jax.Array:
    """X where x > 0, else alpha · (e^(x / alpha) - 1), for alpha > 0.

    Unlike that of ELU its derivative does not jump at 0, whatever `alpha` is; the second one does,
    from 1 / alpha to 0, and is 1 / alpha there.
    """
    return jnp.where(x > 0, x, alpha * expm1(_left(x) / alpha))


@in_float32
def isrlu(x: jax.Array, alpha: jax.typing.ArrayLike = 1.0) -> jax.Array:
    """X where x > 0, else x / √(1 + alpha · x²), the inverse square root unit, for alpha > 0."""
    return jnp.where(x > 0, x, isru(_left(x), alpha))


def _elu_facts(alpha: float) -> Facts:
    # Then the slopes meet at 0, and f'' jumps from 1 to 0.
    smooth = alpha == 1
    return Facts(
        kinks=() if smooth else (0.0,),
        range=(min(0.0, -alpha), math.inf),
        monotone=alpha >= 0,
        largest_slope=max(1.0, abs(alpha)),
        flat=() if alpha else ((-math.inf, 0.0),),
        knots=(0.0,) if smooth else (),
        smoothness=1 if smooth else 0,
    )


def _selu_facts() -> Facts:
    depth = _SELU_SCALE * _SELU_ALPHA
    return Facts(kinks=(0.0,), range=(-depth, math.inf), largest_slope=depth, smoothness=0)


def _celu_facts(alpha: float) -> Facts:
    require_positive("celu", "alpha", alpha)
    return Facts(range=(-alpha, math.inf), knots=(0.0,), smoothness=1)


def _isrlu_facts(alpha: float) -> Facts:
    require_positive("isrlu", "alpha", alpha)
    # Left of 0 it is x - alpha x³ / 2 + …: the third derivative jumps.
    return Facts(range=(-1 / math.sqrt(alpha), math.inf), knots=(0.0,), smoothness=2)


ELU = (
    Activation(
        name="elu",
        function=elu,
        settings=(("alpha", 1.0),),
        formula="x if x > 0 else alpha · (e^x - 1)",
        latex=r"\begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}",
        source="Clevert, Unterthiner and Hochreiter 2016, eq. 15",
        facts=_elu_facts,
        family="rectified",
        why=(("alpha", "the paper's, and the only one for which the slope does not jump"),),
    ),
    Activation(
        name="selu",
        function=selu,
        formula="1.0507009873554805 · (x if x > 0 else 1.6732632423543772 · (e^x - 1))",
        latex=r"\lambda \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases},\;"
        r" \lambda = 1.0507\ldots,\; \alpha = 1.6732\ldots",
        source="Klambauer, Unterthiner, Mayr and Hochreiter 2017, eq. 2 and 14",
        facts=_selu_facts,
        family="rectified",
    ),
    Activation(
        name="celu",
        function=celu,
        settings=(("alpha", 1.0),),
        formula="x if x > 0 else alpha · (e^(x / alpha) - 1)",
        latex=r"\begin{cases} x & x > 0 \\ \alpha (e^{x / \alpha} - 1) & x \le 0 \end{cases}",
        source="Barron 2017 (arXiv 1704.07483)",
        facts=_celu_facts,
        family="rectified",
        why=(("alpha", "that of jax.nn and torch.nn; it is ELU then"),),
    ),
    Activation(
        name="isrlu",
        function=isrlu,
        settings=(("alpha", 1.0),),
        formula="x if x > 0 else x / √(1 + alpha · x²)",
        latex=r"\begin{cases} x & x > 0 \\ \frac{x}{\sqrt{1 + \alpha x^2}} & x \le 0 \end{cases}",
        source="Carlile, Delamarter, Kinney, Marti and Whitney 2017",
        facts=_isrlu_facts,
        family="rectified",
        why=(("alpha", "the level on the left is then that of ELU, -1"),),
    ),
)
