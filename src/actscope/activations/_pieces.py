"""The facts of functions that are put together of pieces, by calculation in float64."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from actscope.activations._activation import Facts

Points = Float[np.ndarray, " points"]
Program = Callable[[Points], tuple[Points, ...]]

# The whole line as t / (1 - t²): dense where functions bend, and out to 5e4 on either side.
_SPAN = np.linspace(-0.99999, 0.99999, 20_001)
_HALVINGS = 60


def linear_facts(
    value: Callable[[float], float], slope: Callable[[float], float], corners: Iterable[float]
) -> Facts:
    """The facts of a continuous function that is linear between its corners.

    Args:
        value: of the function at a point.
        slope: of it at a point that is no corner.
        corners: where the slope may change, in any order.
    """
    places = sorted(set(corners))
    inside = [_between(low, high) for low, high in pairwise((-math.inf, *places, math.inf))]
    slopes = [slope(point) for point in inside]
    changes = list(zip(places, pairwise(slopes), strict=True))
    kinks = tuple(place for place, (left, right) in changes if left != right)
    at_corners = [value(place) for place in places]
    left, right = (
        -math.copysign(math.inf, slopes[0]) if slopes[0] else value(inside[0]),
        math.copysign(math.inf, slopes[-1]) if slopes[-1] else value(inside[-1]),
    )
    return Facts(
        kinks=kinks,
        range=(min(left, right, *at_corners), max(left, right, *at_corners)),
        monotone=min(slopes) >= 0,
        largest_slope=max(map(abs, slopes)),
        flat=_flat(kinks, slope),
        smoothness=0 if kinks else math.inf,
        symmetry=_symmetry(value, [*places, *inside]),
    )


def _between(low: float, high: float) -> float:
    if math.isinf(low) and math.isinf(high):
        return 1.0
    if math.isinf(low):
        return high - 1
    return low + 1 if math.isinf(high) else (low + high) / 2


def _flat(
    kinks: tuple[float, ...], slope: Callable[[float], float]
) -> tuple[tuple[float, float], ...]:
    pieces = pairwise((-math.inf, *kinks, math.inf))
    return tuple(piece for piece in pieces if slope(_between(*piece)) == 0)


def _symmetry(value: Callable[[float], float], points: list[float]) -> Literal["odd", "even", ""]:
    """A piecewise linear function is known by its values at the corners and one point a piece."""
    pairs = [(value(point), value(-point)) for point in points]
    if all(math.isclose(one, -other, abs_tol=1e-12) for one, other in pairs):
        return "odd"
    return "even" if all(math.isclose(*pair, abs_tol=1e-12) for pair in pairs) else ""


def curved_facts(
    function: Callable[[jax.Array], jax.Array],
    limits: tuple[float, float],
    slopes: tuple[float, float],
    known: Facts,
) -> Facts:
    """`known`, with the range, the largest slope and whether the function is monotone.

    They are found where its first and second derivative are 0, by halving intervals.

    Args:
        function: of one number, with two derivatives.
        limits: of its value, on the left and on the right.
        slopes: limits of its derivative.
        known: kinks and knots, where these derivatives jump, and what else is not calculated here.
    """
    breaks = np.asarray((*known.kinks, *known.knots))
    # Where the slope jumps, both sides count.
    beside = np.concatenate([breaks, breaks * (1 + 1e-15), breaks + 1e-300])
    with jax.ensure_compile_time_eval(), jax.enable_x64(True):
        run = _program(function)
        turns = np.concatenate([_roots(run, 1), beside])
        steepest = np.concatenate([_roots(run, 2), beside])
        values = np.concatenate([run(turns)[0], limits])
        steep = np.concatenate([run(steepest)[1], slopes])
    return replace(
        known,
        range=(float(values.min()), float(values.max())),
        monotone=bool(steep.min() >= 0),
        largest_slope=float(np.abs(steep).max()),
    )


def _program(function: Callable[[jax.Array], jax.Array]) -> Program:
    """Value, slope and curvature on the host; compiled once, for one number of points."""

    def first(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        return jax.jvp(function, (x,), (jnp.ones_like(x),))

    @jax.jit
    def both(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        (value, slope), (_, curvature) = jax.jvp(first, (x,), (jnp.ones_like(x),))
        return value, slope, curvature

    def run(x: Points) -> tuple[Points, ...]:
        full = np.zeros_like(_SPAN)
        full[: len(x)] = x
        found = both(jnp.asarray(full, jnp.float64))
        return tuple(np.asarray(each)[: len(x)] for each in found)

    return run


def _roots(run: Program, order: int) -> Points:
    """Where the derivative of that order changes its sign."""
    signs = np.sign(run(_place(_SPAN))[order])
    index = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    low, high, sign = _SPAN[index], _SPAN[index + 1], signs[index]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        before = np.sign(run(_place(middle))[order]) == sign
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.concatenate([_place(low), _place(_SPAN[signs == 0])])


def _place(t: Points) -> Points:
    return t / (1 - t * t)
