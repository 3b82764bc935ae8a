"""The facts of any activation: declared, or found by calculation."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

from actscope._errors import ActscopeError
from actscope.activations._activation import Activation, Facts
from actscope.activations._gradient import gradient

_STEP = 1e-3
_CENTRE = np.arange(-20_000, 20_001) * _STEP
# Far out, where it shows whether a function grows, levels off or underflows.
_TAIL = np.geomspace(20.1, 1e30, 600)
_GRID = np.concatenate([-_TAIL[::-1], _CENTRE, _TAIL])
_NEAR = slice(len(_TAIL), -len(_TAIL))
_MOST_KINKS = 64  # of a function with more, only the strongest are found

Curve = Callable[[np.ndarray], np.ndarray]


@cache
def describe(activation: Activation) -> Facts:
    """The facts of an activation at its settings.

    Where the record declares none they are calculated on a grid in float64: kinks, knots and ends
    of flat intervals to 1e-9 within [-20, 20], the range and the largest slope to about 1e-6. Knots
    are those of the second and third derivative, by the program's own derivatives; where it cannot
    be differentiated so often, the smoothness is what could be seen. It evaluates on the host, also
    where `jax.jit` or `jax.vmap` traces its caller.

    Of a trainable activation they are what is true at the values that its settings start from, but
    for the flat intervals: none is given, since what is flat there may have a slope tomorrow.

    Raises:
        ActscopeError: it declares none, and they cannot be calculated: it draws, or is not
            elementwise.
    """
    facts = _facts(activation)
    return replace(facts, flat=()) if activation.trainable else facts


def _facts(activation: Activation) -> Facts:
    if activation.facts:
        return activation.facts(**activation.parameters)
    if activation.random or not activation.elementwise:
        raise ActscopeError(
            f"{activation.name!r}, which {'draws' if activation.random else 'is not elementwise'}, "
            "without facts",
            expected="its facts in its record: they are calculated of a function of one number",
            do="pass facts=lambda **settings: Facts(…) to Activation",
        )
    with jax.ensure_compile_time_eval(), jax.enable_x64(True):
        return _calculated(activation)


def _calculated(activation: Activation) -> Facts:
    value, slope = _curves(activation, np.float64)
    y, s = value(_GRID), slope(_GRID)
    steepness = np.nanmax(np.abs(s[_NEAR]))
    jumps = _jumps(value, y[_NEAR], 4 * _STEP * steepness)
    kinks = tuple(sorted(jumps | _jumps(slope, s[_NEAR], 1e-2 * steepness)))
    knots, smoothness = _knots(activation, kinks)
    return Facts(
        kinks=kinks,
        range=_range(y, value(_beside(kinks))),
        monotone=_monotone(y),
        largest_slope=math.inf if jumps else _largest(s),
        flat=_flat_intervals(activation, y, s, kinks),
        knots=knots,
        smoothness=-1 if jumps else 0 if kinks else smoothness,
        symmetry=_symmetry(y),
    )


def _curves(activation: Activation, dtype: type) -> tuple[Curve, Curve]:
    """The function and its derivative on the host, computed in `dtype`."""
    return _on_host(activation.__call__, dtype), _on_host(partial(gradient, activation), dtype)


def _on_host(function: Callable[..., jax.Array], dtype: type) -> Curve:
    compiled = jax.jit(function)
    return lambda x: np.asarray(compiled(jnp.asarray(x, dtype)))


def _beside(kinks: tuple[float, ...]) -> np.ndarray:
    """Points on both sides of each kink, where an extreme may stand that the grid steps over."""
    return np.ravel([(kink - 1e-9, kink + 1e-9) for kink in kinks])


def _range(y: np.ndarray, beside: np.ndarray) -> tuple[float, float]:
    finite = y[np.isfinite(y)]
    if not len(finite):
        return math.nan, math.nan
    # The far half of each tail: who still grows there by more than the near part grows for ever.
    near = y[300:-300][np.isfinite(y[300:-300])]
    scale = 1 + np.abs(near).max(initial=0)
    finite = np.concatenate([finite, beside[np.isfinite(beside)]])
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


def _symmetry(y: np.ndarray) -> Literal["odd", "even", ""]:
    """Of the values on the grid but for that at 0: at a jump a program may say anything."""
    right, left = y[len(y) // 2 + 1 :], y[: len(y) // 2][::-1]
    if np.allclose(left, right, rtol=1e-9, atol=1e-12, equal_nan=True):
        return "even"
    return "odd" if np.allclose(left, -right, rtol=1e-9, atol=1e-12, equal_nan=True) else ""


def _knots(activation: Activation, kinks: tuple[float, ...]) -> tuple[tuple[float, ...], float]:
    """Where the second or third derivative jumps, and how smooth that leaves it between kinks."""
    knots: dict[float, int] = {}
    derivative: Callable[..., jax.Array] = partial(gradient, activation)
    for order in (2, 3):
        derivative = _forward(derivative)
        curve = _on_host(derivative, np.float64)
        try:
            values = curve(_CENTRE)
        except ActscopeError:  # from within `gradient`: there is no such derivative
            return tuple(sorted(knots)), min((order - 1, *(k - 1 for k in knots.values())))
        for point in _jumps(curve, values, _outstanding(values)):
            if not any(abs(point - known) < 1e-6 for known in (*kinks, *knots)):
                knots[point] = order
    return tuple(sorted(knots)), min((order - 1 for order in knots.values()), default=math.inf)


def _forward(function: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """The derivative of an elementwise function, of arrays as a whole."""
    return lambda x: jax.jvp(function, (x,), (jnp.ones_like(x),))[1]


def _outstanding(values: np.ndarray) -> np.ndarray:
    """What a change from one point to the next must exceed to stand out from those around it."""
    change = np.abs(np.diff(values, prepend=values[:1], append=values[-1:]))
    change[~np.isfinite(change)] = 0
    # A value between both sides at the point itself makes two changes of one jump: look beyond.
    around = np.pad(change, 2, mode="edge")
    finite = values[np.isfinite(values)]
    rounding = 1e-6 * np.abs(finite).max(initial=0)
    return (3 * (around[:-4] + around[4:]) + rounding)[1:-1]


def _jumps(curve: Curve, values: np.ndarray, least: float | np.ndarray) -> set[float]:
    """Points where a curve jumps: it changes by as much however near one looks."""
    change = np.abs(np.diff(values))
    change[~np.isfinite(change)] = 0
    candidates = np.flatnonzero(change > np.maximum(least, 1e-9))
    strongest = candidates[np.argsort(-change[candidates])[:_MOST_KINKS]]
    found: set[float] = set()
    for index in strongest:
        low, high = _CENTRE[index], _CENTRE[index + 1]
        while high - low > 1e-10:
            points = np.array([low, (low + high) / 2, high])
            left, right = np.abs(np.diff(curve(points)))
            low, high = (low, points[1]) if left >= right else (points[1], high)
        # The two sides themselves: at the point a program may say anything, 0 for sign(x), say.
        left, _, right = curve(np.array([low - 1e-7, low, high + 1e-7]))
        if np.abs(right - left) > change[index] / 4:
            found.add(round(float(high), 9) + 0.0)
    return found


def _flat_intervals(
    activation: Activation, y: np.ndarray, slope: np.ndarray, kinks: tuple[float, ...]
) -> tuple[tuple[float, float], ...]:
    """Where it is constant, unless by rounding alone: that begins elsewhere in float32."""
    runs = [_ends(run, kinks) for run in _constant_runs(y, slope)]
    if not runs:
        return ()
    value, single = _curves(activation, np.float32)
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
