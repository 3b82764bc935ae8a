"""How an activation responds to its input: where it is constant, and what slope is hardly any."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from actscope.activations import Activation, describe, gradient

Intervals = tuple[tuple[float, float], ...]

_STEP = 0.005
_GRID = np.arange(-4000, 4001) * _STEP
_SATURATED = 0.05  # share of the largest slope: CONVENTIONS, "Saturated"


@dataclass(frozen=True)
class Response:
    """What must be known of an activation to judge its slopes.

    Attributes:
        flat: closed intervals on which it is constant.
        least_slope: below this an example is saturated.
        elementwise: of one that is not, neither what is structural nor what is saturated is told.
    """

    flat: Intervals
    least_slope: float
    elementwise: bool = True


@cache
def response(activation: Activation) -> Response:
    """That of an activation at its settings; of what it learns, at those that it started from.

    An example is saturated below 5 % of sup |f'|, or where that is infinite, of the root mean
    square of f' under N(0, 1).
    """
    if not activation.elementwise:
        return Response((), 0.0, elementwise=False)
    facts = describe(activation)
    largest = facts.largest_slope
    if math.isinf(largest):
        z = np.linspace(-8, 8, 4000, dtype=np.float32)  # without 0, where a slope may be infinite
        with jax.ensure_compile_time_eval():
            slope = np.asarray(jax.jit(partial(gradient, activation))(z), np.float64)
        largest = math.sqrt(np.average(slope**2, weights=np.exp(-(z**2) / 2)))
    return Response(facts.flat, _SATURATED * largest)


def calculated(curve: Callable[[np.ndarray], np.ndarray | None]) -> Response:
    """That of a function which no table holds.

    It counts as constant where it stays the same on a grid, if it leaves that value faster than
    rounding would: where tanh becomes 1 it is not constant.

    Args:
        curve: what the function makes of some numbers, in float64, a column for each of some units;
            None where that is not known.
    """
    values = curve(_GRID)
    if values is None or not np.isfinite(values).all():
        return Response((), 0.0, elementwise=False)
    change = np.abs(np.diff(values, axis=0)).max(axis=1)
    least = 1e-12 * (1 + np.abs(values).max())
    still = np.concatenate([[False], change == 0, [False]])
    ends = [-math.inf, *_GRID[1:-1].tolist(), math.inf]
    # Beyond the grid's ends nothing is known to change: they count as left in a jump.
    beside = np.concatenate([[math.inf], change, [math.inf]])
    flat = tuple(
        (ends[low], ends[high])
        for low, high in np.flatnonzero(np.diff(still.astype(int))).reshape(-1, 2).tolist()
        if high - low > 2 and beside[low] > least and beside[high + 1] > least
    )
    return Response(flat, _SATURATED * float(change.max() / _STEP))


def respond(
    to: Response,
    pre: Float[Array, "batch *position feature"],
    slope: Float[Array, "batch *position unit"],
) -> tuple[Shaped[Array, " unit"], ...]:
    """The four fields of an `Activity`, as part of whatever program is being traced."""
    dead = silent(to, pre, slope).all(axis=tuple(range(slope.ndim - 1)))
    if not to.elementwise:
        nothing = jnp.zeros(dead.shape, int)
        return dead, nothing > 0, nothing, nothing
    pre, slope = (x.reshape(-1, x.shape[-1]) for x in (pre, slope))
    half_lines = tuple(interval for interval in to.flat if not np.isfinite(interval).all())
    constant = by_design = _within(pre, to.flat)
    if half_lines != to.flat:
        by_design = _within(pre, half_lines)
    sloping = ~by_design & ~jnp.isnan(pre)
    return (
        dead,
        constant.all(axis=0),
        sloping.sum(axis=0),
        (sloping & (jnp.abs(slope) < to.least_slope)).sum(axis=0),
    )


def silent(to: Response, pre: jax.Array, slope: jax.Array) -> jax.Array:
    """Where no gradient passes: the slope is 0, or the function constant around the input.

    The intervals are closed: at an end of one nothing passes, whatever the tie rule of the program
    gives there. NaN is not silent.
    """
    if not to.elementwise:
        return slope == 0
    return (_within(pre, to.flat) | (slope == 0)) & ~jnp.isnan(pre)


def _within(x: jax.Array, intervals: Intervals) -> jax.Array:
    inside = jnp.zeros(x.shape, bool)
    for low, high in intervals:
        inside |= (x >= low) & (x <= high)
    return inside
