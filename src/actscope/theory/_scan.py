"""E[f²] and E[f'²] at hundreds of variances at once, to see where a curve of them has its roots.

The points stay where they are, and only the density changes with q: f is evaluated once. Panels
grow with the distance from 0, as densities of all widths from 1e-4 to 100 ask for. That is right
to about 1e-10 for functions without features narrower than 1/10; what is found is then polished
with `expectation`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from actscope._errors import ActscopeError
from actscope.theory._hosted import Hosted
from actscope.theory._maps import second_moment, slope_moment

# Of the variance and of both means there; one curve of arrays, the other of numbers.
Curve = Callable[[Any, Any, Any], Any]

SMALLEST, LARGEST = 1e-8, 1e4  # variances
_A_DECADE = 40
VARIANCES = np.geomspace(SMALLEST, LARGEST, round(_A_DECADE * math.log10(LARGEST / SMALLEST)) + 1)

_REACH = 12.0  # standard deviations
# Ends of panels, up to that of the largest variance, none wider than half of its
# distance from 0, and than what f may do: 1, 2 and 4.
_ENDS = np.concatenate(
    [
        [0.0],
        np.geomspace(3e-5, 2, 28),
        np.arange(3, 8),
        np.arange(8, 40, 2),
        np.arange(40, _REACH * math.sqrt(LARGEST) + 1, 4),
    ]
)
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_NOISE = 1e-11  # of a curve that is a quotient of these moments
_NEAR = 0.1  # of 0, where a turning point may hide two roots
_CLOSER = 64  # points between two neighbours of the grid, there


@dataclass(frozen=True, eq=False)
class Scan:
    """E[f²] and E[f'²] as functions of arrays of variances.

    Attributes:
        z: the points.
        squares: f² and f'² there, times the weights of the rule.
        largest: the largest variance for which both are finite as far as the density is: NaN
            stands for what is beyond.
    """

    z: np.ndarray
    squares: np.ndarray
    largest: float

    def __call__(self, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """E[f(z)²] and E[f'(z)²], z ~ N(0, q)."""
        with np.errstate(over="ignore", invalid="ignore"):
            density = np.exp(-(self.z**2) / (2 * q[:, None])) / np.sqrt(2 * math.pi * q[:, None])
            means = np.where(q <= self.largest, (density @ self.squares).T, np.nan)
        return means[0], means[1]

    @cached_property
    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Both at `VARIANCES`."""
        return self(VARIANCES)


@lru_cache(maxsize=256)
def scan(host: Hosted) -> Scan:
    """The function's scan: f and f' at all points."""
    ends = np.union1d(np.concatenate([-_ENDS, _ENDS]), host.breaks)
    middles, halves = (ends[1:] + ends[:-1]) / 2, np.diff(ends) / 2
    z = (middles[:, None] + halves[:, None] * _POINTS).ravel()
    weights = (halves[:, None] * _WEIGHTS).ravel()
    with np.errstate(over="ignore"):
        squares = np.stack([curve(z) ** 2 for curve in (host.value, host.slope)], axis=-1)
    finite = np.isfinite(squares).all(axis=-1)
    largest = float((np.abs(z[~finite]).min(initial=_REACH * math.sqrt(LARGEST)) / _REACH) ** 2)
    # What grows beyond all numbers does so where the density is 0, if it is narrow.
    return Scan(z, np.where(finite, weights * squares.T, 0.0).T, largest)


def roots(host: Hosted, curve: Curve) -> tuple[float, ...]:
    """The variances at which a curve changes its sign, ascending.

    Args:
        host: the function.
        curve: `curve(q, E[f²], E[f'²])` of numbers or arrays, of order 1.
    """

    def exact(q: float) -> float:
        return curve(q, second_moment(host, q), slope_moment(host, q))

    found = (_root(exact, low, high) for low, high in _brackets(scan(host), curve))
    return tuple(root for root in found if root is not None)


def _brackets(moments: Scan, curve: Curve) -> list[tuple[float, float]]:
    q, y = VARIANCES, curve(VARIANCES, *moments.grid)
    middle, before, after = y[1:-1], y[:-2], y[2:]
    # A turning point next to 0, of one sign with its neighbours.
    hidden = (np.abs(middle) < _NEAR) & (np.abs(middle) > _NOISE)
    for beside in (before, after):
        hidden &= (middle * beside > 0) & (np.abs(middle) <= np.abs(beside))
    for index in np.flatnonzero(hidden):
        more = np.geomspace(VARIANCES[index], VARIANCES[index + 2], _CLOSER)[1:-1]
        q, y = np.concatenate([q, more]), np.concatenate([y, curve(more, *moments(more))])
    order = np.argsort(q)
    seen = order[~(np.abs(y[order]) <= _NOISE)]  # NaN stays: nothing is said across it
    q, y = q[seen], y[seen]
    changes = np.flatnonzero(y[:-1] * y[1:] < 0)
    return [(float(q[i]), float(q[i + 1])) for i in changes]


def crossing(curve: Callable[[float], float], low: float, high: float, within: float) -> float:
    """Where a curve of different signs at both ends crosses 0, by Brent's method."""
    from scipy.optimize import brentq  # a second to load, which networks do not owe

    found: Any = brentq(curve, low, high, xtol=within)
    return float(found)


def _root(exact: Callable[[float], float], low: float, high: float) -> float | None:
    """None where it is none after all: the scan was too coarse, or there is no such mean."""
    try:
        return crossing(exact, low, high, 1e-13 * low) if exact(low) * exact(high) <= 0 else None
    except ActscopeError:
        return None
