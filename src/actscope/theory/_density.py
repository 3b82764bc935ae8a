"""How f(z) and f'(z) are distributed for z ~ N(0, q): probabilities of bins, and of single values.

A bin's probability is that of the z that f maps into it. Where f crosses a bin's edge is found to
the last digit or so, and the normal distribution function of what lies between is added up; no
sample is drawn and no density is evaluated, so that a pole of the density, as f' of tanh has one
at 1, does no harm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.theory._hosted import Curve, Hosted, hosted

_REACH = 8.5  # standard deviations; what lies beyond, 2e-17, counts as if at the end
_CELLS = 8192  # of z: two crossings of an edge within one, 2e-3 wide, go unseen
_HALVINGS = 45  # of a cell, where an edge is crossed
_LEFT_OUT = 5e-4  # probability on each side that no bin needs to reach
_ROUNDING = 8 * np.finfo(np.float64).eps  # relative; what differs by no more is one value


@dataclass(frozen=True)
class Atom:
    """A single value that a continuous variable takes with more than probability 0.

    Attributes:
        at: the value.
        mass: its probability.
    """

    at: float
    mass: float


@dataclass(frozen=True, eq=False)
class Distribution:
    """A distribution in bins, and the single values apart from them; it adds up to 1.

    Attributes:
        edges: of the bins, ascending; a single number, twice, where everything is atoms.
        masses: probability of each bin, without the atoms in it.
        atoms: ascending.
        below: probability of less than the first edge, without atoms.
        above: of more than the last one.
    """

    edges: Float[np.ndarray, " edges"]
    masses: Float[np.ndarray, " bins"]
    atoms: tuple[Atom, ...]
    below: float
    above: float

    @property
    def heights(self) -> Float[np.ndarray, " bins"]:
        """Mean density of each bin."""
        widths = np.diff(self.edges)
        return np.divide(self.masses, widths, out=np.zeros_like(self.masses), where=widths > 0)

    @property
    def total(self) -> float:
        """What everything adds up to."""
        return float(self.masses.sum()) + sum(a.mass for a in self.atoms) + self.below + self.above


@dataclass(frozen=True, eq=False)
class _Cells:
    """Intervals of z, and what a curve makes of their ends.

    Attributes:
        low: left ends, in standard deviations; the first may stand for everything left of it.
        high: right ends.
        at_low: values of the curve.
        at_high: likewise.
        mass: probability of each.
    """

    low: np.ndarray
    high: np.ndarray
    at_low: np.ndarray
    at_high: np.ndarray
    mass: np.ndarray


def output_density(
    f: Activation | str | Callable[..., Any], q: float = 1.0, bins: int = 200
) -> Distribution:
    """The distribution of f(z), z ~ N(0, q).

    The bins are equally wide and reach over the middle 99.9 % of what is not in atoms. An atom is
    a value that f has on a whole piece between its kinks and knots, as ReLU has 0.

    Args:
        f: an activation, its name, or any callable of one array.
        q: the variance of z; at 0 all is one atom.
        bins: how many.

    Raises:
        ActscopeError: q is no variance, there is no bin, f is none that theory takes, or it makes
            NaN of numbers that matter.
    """
    function = hosted(f)
    return _distribution(function, function.value, q, bins)


def gradient_density(
    f: Activation | str | Callable[..., Any], q: float = 1.0, bins: int = 200
) -> Distribution:
    """The distribution of f'(z), z ~ N(0, q): as `output_density`, of the program's derivative.

    An atom is a slope that f has on a whole piece: of a piecewise linear function all is atoms.
    """
    function = hosted(f)
    return _distribution(function, function.slope, q, bins)


def _distribution(function: Hosted, curve: Curve, q: float, bins: int) -> Distribution:
    if not 0 <= q < np.inf:
        raise ActscopeError(f"variance {q}", expected="a finite number of at least 0")
    if bins < 1:
        raise ActscopeError(f"{bins} bins", expected="at least one")
    deviation = float(np.sqrt(q))

    def scaled(t: np.ndarray) -> np.ndarray:
        return curve(deviation * t)

    atoms: dict[float, float] = {}
    moving: list[_Cells] = []
    for cells in _pieces(scaled, _ends(function, deviation)):
        _require_numbers(function, cells)
        value = _constant(cells)
        if value is None:
            moving.append(cells)
        else:
            same = next((at for at in atoms if np.isclose(at, value, _ROUNDING, 1e-300)), value)
            atoms[same] = atoms.get(same, 0.0) + float(cells.mass.sum())
    found = tuple(Atom(at, mass) for at, mass in sorted(atoms.items()))
    if not moving:
        return Distribution(np.full(2, found[0].at), np.zeros(1), found, 0.0, 0.0)
    cells = _joined(moving)
    edges = np.linspace(*_middle(cells), bins + 1)
    under = _probability_under(scaled, cells, edges)
    rest = float(cells.mass.sum() - under[-1])
    return Distribution(edges, np.diff(under), found, float(under[0]), rest)


def _ends(function: Hosted, deviation: float) -> np.ndarray:
    """Where pieces begin and end, in standard deviations: where f breaks or is flat no more."""
    flat = activations.describe(function.activation).flat
    inner = np.array([*function.breaks, *(end for interval in flat for end in interval)])
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = inner / deviation
    inside = inner[np.abs(inner) < _REACH]
    return np.unique([-_REACH, *inside, _REACH])


def _pieces(curve: Curve, ends: np.ndarray) -> list[_Cells]:
    """The cells of each piece; all points in one call."""
    parts = [
        np.linspace(low, high, 3 + int(_CELLS * (high - low) / (2 * _REACH)))
        for low, high in pairwise(ends.tolist())
    ]
    with np.errstate(all="ignore"):
        values = np.split(curve(np.concatenate(parts)), np.cumsum([len(p) for p in parts])[:-1])
    return [_cells(part, value) for part, value in zip(parts, values, strict=True)]


def _cells(points: np.ndarray, values: np.ndarray) -> _Cells:
    outer = np.where(np.abs(points) == _REACH, np.copysign(np.inf, points), points)
    # From the nearer tail, so that a small mass keeps its digits.
    side = np.where(outer[:-1] >= 0, -1.0, 1.0)
    mass = np.abs(ndtr(side * outer[1:]) - ndtr(side * outer[:-1]))
    return _Cells(points[:-1], points[1:], values[:-1], values[1:], mass)


def _joined(parts: list[_Cells]) -> _Cells:
    fields = ("low", "high", "at_low", "at_high", "mass")
    return _Cells(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))


def _require_numbers(function: Hosted, cells: _Cells) -> None:
    # At a kink a derivative may well be NaN; what matters is what lies between.
    bad = cells.low[1:][np.isnan(cells.at_low[1:])]
    if bad.size:
        raise ActscopeError(
            f"{function.activation.label} makes NaN {bad[0]:.3g} standard deviations from 0",
            expected="a function with a value and a derivative between its kinks",
        )


def _constant(cells: _Cells) -> float | None:
    """The one value of a piece; None where it has several.

    Between breaks a function is analytic: constant on a part, it is so on the whole piece. What
    only rounds to a constant in its tail, as tanh does, is not taken for one.
    """
    inner = cells.at_low[1:]  # at a break a curve may have another piece's value
    low, high = float(inner.min()), float(inner.max())
    size = max(abs(low), abs(high))
    return low if np.isfinite(size) and high - low <= _ROUNDING * size else None


def _middle(cells: _Cells) -> tuple[float, float]:
    """What the bins span: all values but the outermost probability on each side."""
    values = np.concatenate([cells.at_low, cells.at_high])
    weights = np.tile(cells.mass, 2) / (2 * cells.mass.sum())
    weights, values = weights[np.isfinite(values)], values[np.isfinite(values)]
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    first, last = np.searchsorted(reached, [_LEFT_OUT, reached[-1] - _LEFT_OUT])
    return float(values[order][first]), float(values[order][min(last, len(values) - 1)])


def _probability_under(curve: Curve, cells: _Cells, edges: np.ndarray) -> np.ndarray:
    """For each edge the probability of no more than it."""
    under_low = cells.at_low <= edges[:, None]
    under_high = cells.at_high <= edges[:, None]
    total = (under_low & under_high) @ cells.mass
    edge, cell = np.nonzero(under_low != under_high)
    low, high, rising = cells.low[cell], cells.high[cell], under_low[edge, cell]
    for _ in range(_HALVINGS if edge.size else 0):
        middle = (low + high) / 2
        first = (curve(middle) <= edges[edge]) == rising
        low, high = np.where(first, middle, low), np.where(first, high, middle)
    left = _cell_mass(cells, cell, low)
    np.add.at(total, edge, np.where(rising, left, cells.mass[cell] - left))
    return total


def _cell_mass(cells: _Cells, cell: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Probability of the part of a cell left of `at`."""
    low = np.where(cells.low[cell] == -_REACH, -np.inf, cells.low[cell])
    return ndtr(at) - ndtr(low)
