"""Functions that make small numbers 0, or nearly so, and let large ones pass."""

import math
from functools import partial

import jax
import jax.numpy as jnp

from actscope._errors import ActscopeError
from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers
from actscope.activations._precise import derivative_is, in_float32
from actscope.activations._saturating import tanh

Setting = jax.typing.ArrayLike

# x cosh x - sinh x is the sum of 2k / (2k + 1)! x^(2k + 1) over k = 1, 2, …; up to x = 1 what is
# left out after k = 10 is 1e-20 of it.
_SERIES = [2 * k / math.factorial(2 * k + 1) for k in range(10, 0, -1)]


@in_float32
def threshold(x: jax.Array, threshold: Setting = 1.0, value: Setting = 0.0) -> jax.Array:
    """X where x > threshold, else value.

    It jumps at the threshold, where the derivative is 0; along `threshold` itself it is 0
    everywhere, so that this cannot be learned.
    """
    return jnp.where(x <= threshold, value, x)


@in_float32
def hardshrink(x: jax.Array, lambd: Setting = 0.5) -> jax.Array:
    """0 where |x| ≤ lambd, else x, for lambd ≥ 0.

    It jumps at -lambd and at lambd, where the derivative is 0; along `lambd` itself it is 0
    everywhere.
    """
    return jnp.where(jnp.abs(x) <= lambd, 0.0, x)


@in_float32
def softshrink(x: jax.Array, lambd: Setting = 0.5) -> jax.Array:
    """X drawn nearer to 0 by lambd, and 0 where |x| ≤ lambd, for lambd ≥ 0.

    The derivative is 1 at -lambd and 0 at lambd, that of the piece on the left.
    """
    return jnp.where(x > lambd, x - lambd, jnp.where(x > jnp.negative(lambd), 0.0, x + lambd))


@in_float32
def tanhshrink(x: Numbers) -> jax.Array:
    """X - tanh x; where that cancels, (x cosh x - sinh x) / cosh x by a series."""
    return _tanhshrink(x)


def _tanhshrink_slope(x: jax.Array) -> jax.Array:
    return tanh(x) ** 2


@derivative_is(_tanhshrink_slope)
def _tanhshrink(x: jax.Array) -> jax.Array:
    near = jnp.clip(x, -1, 1)
    square = near * near
    series = jnp.zeros_like(x)
    for coefficient in _SERIES:
        series = square * (coefficient + series)
    return jnp.where(jnp.abs(x) < 1, near * series / jnp.cosh(near), x - tanh(x))


def _threshold_facts(threshold: float, value: float) -> Facts:
    jumps = value != threshold
    return Facts(
        kinks=(threshold,),
        range=(min(threshold, value), math.inf),
        monotone=value <= threshold,
        largest_slope=math.inf if jumps else 1.0,
        flat=((-math.inf, threshold),),
        smoothness=-1 if jumps else 0,
    )


def _shrinking_facts(lambd: float, *, name: str, jumps: bool) -> Facts:
    if lambd < 0:
        raise ActscopeError(f"{name}: lambd = {lambd:g}", expected="0 or a number above")
    if not lambd:
        return Facts(symmetry="odd")  # the identity
    return Facts(
        kinks=(-lambd, lambd),
        largest_slope=math.inf if jumps else 1.0,
        flat=((-lambd, lambd),),
        smoothness=-1 if jumps else 0,
        symmetry="odd",
    )


SHRINKING = (
    Activation(
        name="threshold",
        function=threshold,
        settings=(("threshold", 1.0), ("value", 0.0)),
        formula="x if x > threshold else value",
        latex=r"\begin{cases} x & x > \theta \\ v & x \le \theta \end{cases}",
        source="Konda, Memisevic and Krueger 2015, as the truncated rectifier; torch.nn.Threshold",
        facts=_threshold_facts,
        family="rectified",
        aliases=("thresholded_relu", "thresholdedrelu"),
        why=(
            ("threshold", "the paper's, Keras' and ONNX's; torch.nn has none"),
            ("value", "the paper's: a rectifier is 0 where it does not pass; torch.nn has none"),
        ),
    ),
    Activation(
        name="hardshrink",
        function=hardshrink,
        settings=(("lambd", 0.5),),
        formula="0 if |x| ≤ lambd else x",
        latex=r"\begin{cases} 0 & |x| \le \lambda \\ x & |x| > \lambda \end{cases}",
        source="Donoho and Johnstone 1994, hard thresholding",
        facts=partial(_shrinking_facts, name="hardshrink", jumps=True),
        family="rectified",
        aliases=("hard_shrink",),
        why=(("lambd", "that of torch.nn"),),
    ),
    Activation(
        name="softshrink",
        function=softshrink,
        settings=(("lambd", 0.5),),
        formula="sign(x) · max(|x| - lambd, 0)",
        latex=r"\operatorname{sign}(x) \max(|x| - \lambda, 0)",
        source="Donoho and Johnstone 1994, soft thresholding",
        facts=partial(_shrinking_facts, name="softshrink", jumps=False),
        family="rectified",
        aliases=("soft_shrink",),
        why=(("lambd", "that of torch.nn"),),
    ),
    Activation(
        name="tanhshrink",
        function=tanhshrink,
        formula="x - tanh x",
        latex=r"x - \tanh x",
        source="torch.nn.Tanhshrink, without a paper that we know of",
        # The slope is tanh² x.
        facts=lambda: Facts(symmetry="odd"),
        family="rectified",
        aliases=("tanh_shrink",),
    ),
)
