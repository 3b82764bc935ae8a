"""The facts of any activation: declared, or found by calculation."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np

from actscope.activations._activation import Activation, Facts
from actscope.activations._gradient import gradient

_STEP = 1e-3
_CENTRE = np.arange(-20_000, 20_001) * _STEP
# Far out, where it shows whether a function grows, levels off or underflows.
_TAIL = np.geomspace(20.1, 1e30, 600)
_GRID = np.concatenate([-_TAIL[::-1], _CENTRE, _TAIL])
_MOST_KINKS = 64  # of a function with more, only the strongest are found

Curve = Callable[[np.ndarray], np.ndarray]


@cache
def describe(activation: Activation) -> Facts:
    """The facts of an activation at its settings.

    Where the record declares none they are calculated on a grid in float64: kinks and ends of flat
    intervals to 1e-9 within [-20, 20], the range and the largest slope to about 1e-6. It evaluates
    on the host, also where `jax.jit` or `jax.vmap` traces its caller.

    Of a trainable activation they are what is true at the values that its settings start from, but
    for the flat intervals: none is given, since what is flat there may have a slope tomorrow.
    """
    facts = _facts(activation)
    return replace(facts, flat=()) if activation.trainable else facts


def _facts(activation: Activation) -> Facts:
    if activation.facts:
        return activation.facts(**activation.parameters)
    with jax.ensure_compile_time_eval(), jax.enable_x64(True):
        value, slope = _curves(activation, np.float64)
        y, s = value(_GRID), slope(_GRID)
        kinks = _kinks(value, slope)
        flat = _flat_intervals(activation, y, s, kinks)
    return Facts(
        kinks=kinks,
        range=_range(y),
        monotone=_monotone(y),
        largest_slope=_largest(s),
        flat=flat,
    )


def _curves(activation: Activation, dtype: type) -> tuple[Curve, Curve]:
    """The function and its derivative on the host, computed in `dtype`."""
    value, slope = jax.jit(activation.__call__), jax.jit(partial(gradient, activation))
    return (
        lambda x: np.asarray(value(jnp.asarray(x, dtype))),
        lambda x: np.asarray(slope(jnp.asarray(x, dtype))),
    )


def _range(y: np.ndarray) -> tuple[float, float]:
    finite = y[np.isfinite(y)]
    if not len(finite):
        return math.nan, math.nan
    # The far half of each tail: who still grows there by more than the near part grows for ever.
    near = y[300:-300][np.isfinite(y[300:-300])]
    scale = 1 + np.abs(near).max(initial=0)
    low, high = float(finite.min()), float(finite.max())
    return (
        -math.inf if (y == -math.inf).any() or near.min() - low > 0.1 * scale else low,
        math.inf if (y == math.inf).any() or high - near.max() > 0.1 * scale else high,
    )


def _monotone(y: np.ndarray) -> bool:
    finite = y[np.isfinite(y)]
    # Library functions may step back by an ulp or two.
    rounding = 4 * np.finfo(y.dtype).eps * np.abs(finite[1:])
    return bool((np.diff(finite) >= -rounding).all())


def _largest(slope: np.ndarray) -> float:
    size = np.abs(slope)
    inside = np.nanmax(size[300:-300])
    whole = np.nanmax(size)
    return math.inf if whole > 10 * inside else float(whole)


def _kinks(value: Curve, slope: Curve) -> tuple[float, ...]:
    """Where the slope jumps, and where the function itself does."""
    s = slope(_CENTRE)
    steepness = np.nanmax(np.abs(s))
    found = _jumps(slope, 1e-2 * steepness)
    found |= _jumps(value, 4 * _STEP * steepness)
    return tuple(sorted(found))


def _jumps(curve: Curve, least: float) -> set[float]:
    """Points where a curve jumps: it changes by as much however near one looks."""
    change = np.abs(np.diff(curve(_CENTRE)))
    change[~np.isfinite(change)] = 0
    candidates = np.flatnonzero(change > max(least, 1e-9))
    strongest = candidates[np.argsort(-change[candidates])[:_MOST_KINKS]]
    found: set[float] = set()
    for index in strongest:
        low, high = _CENTRE[index], _CENTRE[index + 1]
        while high - low > 1e-10:
            points = np.array([low, (low + high) / 2, high])
            left, right = np.abs(np.diff(curve(points)))
            low, high = (low, points[1]) if left >= right else (points[1], high)
        # The two sides themselves: at the point a program may say anything, 0 for sign(x), say.
        if np.abs(np.diff(curve(np.array([low - 1e-7, high + 1e-7]))))[0] > change[index] / 4:
            found.add(round(float(high), 9) + 0.0)
    return found


def _flat_intervals(
    activation: Activation, y: np.ndarray, slope: np.ndarray, kinks: tuple[float, ...]
) -> tuple[tuple[float, float], ...]:
    """Where it is constant, unless by rounding alone: that begins elsewhere in float32."""
    value, single = _curves(activation, np.float32)
    runs = [_ends(run, kinks) for run in _constant_runs(y, slope)]
    others = [_ends(run, kinks) for run in _constant_runs(value(_GRID), single(_GRID))]
    return tuple(run for run in runs if any(np.allclose(run, other) for other in others))


def _constant_runs(y: np.ndarray, slope: np.ndarray) -> list[tuple[int, int]]:
    """First and last grid index of each stretch with one value and no slope."""
    joined = (y[1:] == y[:-1]) & (slope[1:] == 0) & (slope[:-1] == 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], joined, [False]]).astype(np.int8)))
    return [(a, b) for a, b in edges.reshape(-1, 2).tolist() if b - a > 2]


def _ends(run: tuple[int, int], kinks: tuple[float, ...]) -> tuple[float, float]:
    low, high = _GRID[run[0]], _GRID[run[1]]
    for kink in kinks:
        low = kink if abs(low - kink) <= 2 * _STEP else low
        high = kink if abs(high - kink) <= 2 * _STEP else high
    return (
        -math.inf if run[0] == 0 else float(low),
        math.inf if run[1] == len(_GRID) - 1 else float(high),
    )
