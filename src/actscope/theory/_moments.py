"""Moments of an activation function and its derivatives under a normal distribution."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from actscope._errors import ActscopeError
from actscope.activations import Activation, describe
from actscope.theory._gaussian import Curve, expectation
from actscope.theory._hosted import Hosted, hosted

_NO_VARIANCE = 1e-26  # of E[f²]: the square of what the mean may be wrong by
_NEAR, _NEARER = 1e-6, 1e-8  # to a break: what differs across it as much at both, jumps


@dataclass(frozen=True)
class Moments:
    """Expectations over z ~ N(0, q); f' and f'' are those of the program, between the kinks.

    A program's derivative knows nothing of a jump of f, and may be another function on purpose
    (a step with a straight-through gradient). It is what a gradient flows through. What f' is in
    mathematics, with a delta function for a jump, stands beside it as `true_`.

    Attributes:
        mean: E[f].
        second: E[f²].
        variance: E[(f - E[f])²].
        slope_mean: E[f'].
        slope_second: E[f'²].
        curvature_second: E[f''²], None where it does not exist.
        reason: why it does not; empty where it does.
        true_slope_mean: E[z f]/q, which is E[f'] with whatever f does at its jumps.
        true_slope_second: infinite where f jumps; None where only a surrogate is known.
    """

    mean: float
    second: float
    variance: float
    slope_mean: float
    slope_second: float
    curvature_second: float | None
    reason: str
    true_slope_mean: float
    true_slope_second: float | None


def moments(f: Activation | str | Callable[..., Any], q: float = 1.0) -> Moments:
    """The moments of a function, to 1e-10 of each, or 1e-12 where it is 0.

    Args:
        f: an activation, its name, or a callable of one array.
        q: the variance.

    Raises:
        ActscopeError: `f` is not an elementwise function of numbers, `q` no variance, or a moment
            other than E[f''²] is infinite.
    """
    return _moments(hosted(f), float(q))


@lru_cache(maxsize=4096)
def _moments(f: Hosted, q: float) -> Moments:
    def average(name: str, g: Curve) -> float:
        try:
            return expectation(g, q, f.breaks)
        except ActscopeError as error:
            raise ActscopeError(f"{name} of {f.activation.label} at q = {q:g}: {error}") from error

    mean = average("E[f]", f.value)
    slope_mean, slope_second = (
        average("E[f']", f.slope),
        average("E[f'²]", lambda z: f.slope(z) ** 2),
    )
    jumps, surrogate = jumps_at(f.value, f.breaks), describe(f.activation).surrogate
    stein = bool(q) and (bool(jumps) or surrogate)
    curvature, reason = _curvature(f, average)
    second = average("E[f²]", lambda z: f.value(z) ** 2)
    variance = average("Var f", lambda z: (f.value(z) - mean) ** 2)
    return Moments(
        mean=mean,
        second=second,
        variance=variance if variance > _NO_VARIANCE * second else 0.0,
        slope_mean=slope_mean,
        slope_second=slope_second,
        curvature_second=curvature,
        reason=reason,
        true_slope_mean=average("E[z f]", lambda z: z * f.value(z)) / q if stein else slope_mean,
        true_slope_second=math.inf if jumps else None if surrogate else slope_second,
    )


def _curvature(f: Hosted, average: Callable[[str, Curve], float]) -> tuple[float | None, str]:
    """E[f''²], or None with the reason."""
    if describe(f.activation).surrogate:
        return None, "the program's f' is a surrogate, not the derivative of f"
    for curve, name in ((f.value, "f"), (f.slope, "f'")):
        if jumps := jumps_at(curve, f.breaks):
            return None, f"infinite, since {name} jumps at {_listed(jumps)}"
    try:
        return average("E[f''²]", lambda z: f.curvature(z) ** 2), ""
    except ActscopeError as error:
        return None, str(error)


def jumps_at(curve: Curve, breaks: tuple[float, ...]) -> tuple[float, ...]:
    """The breaks at which a curve jumps: its two sides do not come together."""
    at = np.array(breaks)
    if not at.size:
        return ()
    scale = np.maximum(1.0, np.abs(at))
    left, right = (curve(at + np.array([[_NEAR], [_NEARER]]) * side * scale) for side in (-1, 1))
    near, nearer = np.abs(right - left)
    # A break that was found by calculation is known to 1e-9, and the curve to its rounding.
    jumps = (nearer > near / 2) & (nearer > 1e-9 * np.maximum(1.0, np.abs(left[1])))
    return tuple(at[jumps].tolist())


def _listed(points: tuple[float, ...]) -> str:
    """Points as a person would list them, the first few of many."""
    few = ", ".join(f"{point:g}" for point in points[:4])
    return f"{few}, …" if len(points) > 4 else few
