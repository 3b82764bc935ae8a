"""Expectations under normal distributions: Gauss–Legendre in panels that end where f breaks."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from actscope._errors import ActscopeError

Curve = Callable[[np.ndarray], np.ndarray]
Integrand = Callable[[np.ndarray, np.ndarray], np.ndarray]

_REACH = 38.0  # standard deviations; beyond, the density is less than float64 holds
_SCAN = np.arange(0.25, _REACH + 0.25, 0.25)  # where it shows how far out an integrand matters
_NOTHING = 1e-20  # of its largest value: so little an integrand is that has come to its end
_LEAST = 1e-290  # or so little by itself: where a share begins far out, all of it is hardly more
_GRID = np.array([0, 1.5, 3, 4.5, 6.5, 9, 12, 16, 21, 28, _REACH])  # ends of panels, and mirrored
# Nodes of a panel, and what it may be wrong by as a share of E|g|. A hundred panels stay below
# 1e-10; and of two nested integrals, whose work grows as the square of the nodes, below 1e-9.
_SINGLE = 20, 1e-13
_OUTER, _INNER = (10, 1e-10), (10, 1e-11)
_LEVELS = 100  # of bisection; to 1e-13 a jump takes 43, 1/√|x| takes 87
_MOST_PANELS = 100_000  # at once
_CROSSINGS = 64  # of breaks that the outer of two integrals knows; it bisects for the others


class _Panels(NamedTuple):
    """Intervals to integrate over, each a part of one of several integrals."""

    low: np.ndarray
    high: np.ndarray
    row: np.ndarray  # which integral it is part of


def expectation(g: Curve, q: float = 1.0, breaks: Sequence[float] = ()) -> float:
    """E[g(z)] for z ~ N(0, q), to 1e-10 of it or, where it cancels, 1e-11 of E|g(z)|.

    Gauss–Legendre quadrature in panels that end at the breaks, each bisected until the whole
    agrees with its halves. So a jump that no break tells of is found too, unless it hides between
    the nodes: a feature that is much narrower than its distance from 0 and from every break.

    Args:
        g: of float64 points of any shape.
        q: the variance; at 0 it is g(0).
        breaks: points between which g is analytic.

    Raises:
        ActscopeError: q is no variance, g has no finite value somewhere that matters, or the
            integral diverges or does not settle.
    """
    deviation = _deviation(q)
    if not deviation:
        return _at_zero(g)

    def integrand(t: np.ndarray, _: np.ndarray) -> np.ndarray:
        return g(deviation * t) * _density(t)

    with np.errstate(all="ignore"):  # what overflows is found in the values
        low, high = (-_reach(lambda t: integrand(-t, t)), _reach(lambda t: integrand(t, t)))
        ends = np.clip(_ends(np.array([0.0, *breaks]), deviation), low, high)
        panels = _Panels(ends[:-1], ends[1:], np.zeros(ends.size - 1, int))
        return float(_integrate(integrand, panels, *_SINGLE)[0])


def joint_expectation(
    g: Curve, h: Curve, q: float, c: float, breaks: Sequence[float] = ()
) -> float:
    """E[g(u) h(v)] for (u, v) ~ N(0, q [[1, c], [c, 1]]), to 1e-9 of √(E[g²] E[h²]).

    With x and y independent of variance q (1 ± c)/2 it is u = x + y and v = x - y: an integral
    over y of integrals over x, whose integrand breaks where x ± y does. For c ≥ 0, y is the
    narrower of the two, so nothing in it sharpens as c goes to 1, where v given u does.

    Args:
        g: of float64 points of any shape.
        h: likewise.
        q: the variance of both.
        c: their correlation, from -1 to 1.
        breaks: points between which g and h are analytic.

    Raises:
        ActscopeError: as for `expectation`, of g² and h² in place of g; or c is no correlation.
    """
    if not -1 <= c <= 1:
        raise ActscopeError(f"correlation {c}", expected="a number from -1 to 1")
    if c < 0:  # as of -v
        mirrored = [*breaks, *(-at for at in breaks)]
        return joint_expectation(g, lambda z: h(-z), q, -c, mirrored)
    deviation = _deviation(q)
    if c == 1 or not deviation:
        return expectation(lambda z: g(z) * h(z), q, breaks)
    along, across = (deviation * math.sqrt((1 + side * c) / 2) for side in (1, -1))
    centres = np.array([0.0, *breaks])
    with np.errstate(all="ignore"):
        reach = _joint_reach(g, h, deviation)

        def given(s: np.ndarray, _: np.ndarray) -> np.ndarray:
            y = across * s.ravel()
            ends = _ends(np.concatenate([centres + y[:, None], centres - y[:, None]], 1), along)
            ends = np.clip(ends, -reach, reach)
            row = np.broadcast_to(np.arange(y.size)[:, None], ends[:, 1:].shape)
            panels = _Panels(ends[:, :-1].ravel(), ends[:, 1:].ravel(), row.ravel())
            weight = _density(s.ravel())

            def integrand(t: np.ndarray, row: np.ndarray) -> np.ndarray:
                x, shift = along * t, y[row]
                return g(x + shift) * h(x - shift) * _density(t) * weight[row]

            return _integrate(integrand, panels, *_INNER).reshape(s.shape)

        # Even in y, if g and h are one.
        ends = np.clip(_ends(_crossings(centres), across), 0 if g is h else -reach, reach)
        panels = _Panels(ends[:-1], ends[1:], np.zeros(ends.size - 1, int))
        total = _integrate(given, panels, *_OUTER)[0]
    return float(2 * total if g is h else total)


def _crossings(centres: np.ndarray) -> np.ndarray:
    """The y at which two breaks meet, one at centre - y and one at centre + y."""
    apart = np.unique(np.round(np.subtract.outer(centres, centres) / 2, 12))
    return apart[np.argsort(np.abs(apart))[:_CROSSINGS]]


def _deviation(q: float) -> float:
    if not 0 <= q < math.inf:
        raise ActscopeError(f"variance {q}", expected="a finite number of at least 0")
    return math.sqrt(q)


def _at_zero(g: Curve) -> float:
    value = float(g(np.zeros(1))[0])
    if not math.isfinite(value):
        raise ActscopeError(f"a function that is {value} at 0", expected="a finite value there")
    return value


def _density(t: np.ndarray) -> np.ndarray:
    return np.exp(-(t**2) / 2) / math.sqrt(2 * math.pi)


def _reach(integrand: Curve) -> float:
    """How far out, on the side of positive t, an integrand matters."""
    size = np.abs(integrand(_SCAN))
    largest = np.max(size, where=np.isfinite(size), initial=0.0)
    matters = np.flatnonzero(~(size <= max(_NOTHING * largest, _LEAST)))
    last = int(matters[-1]) + 1 if matters.size else 0
    if last == _SCAN.size:
        raise ActscopeError(
            f"an integrand of {size[-1]:g}, {_REACH:g} standard deviations from the mean",
            expected="one that comes to its end: the expectation is infinite, or nearly so",
        )
    return float(_SCAN[last])


def _joint_reach(g: Curve, h: Curve, deviation: float) -> float:
    """The radius in the plane of (x, y) to which an integrand matters, whatever the direction."""

    def largest(t: np.ndarray) -> np.ndarray:
        both = [np.maximum.accumulate(_largest(f, deviation * t)) for f in (g, h)]
        return both[0] * both[1] * _density(t)

    return _reach(largest)


def _largest(f: Curve, z: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(f(z)), np.abs(f(-z)))


def _ends(breaks: np.ndarray, deviation: float) -> np.ndarray:
    """Ends of panels in standard deviations, ascending, for breaks along the last axis.

    Where a deviation is much wider than 1, the scale of activation functions, they come nearer and
    nearer to each break.
    """
    near = 2.0 ** np.arange(max(math.ceil(math.log2(deviation)), 0)) / deviation
    around = breaks[..., None] / deviation + np.concatenate([-near, [0.0], near])
    everywhere = np.concatenate([-_GRID[:0:-1], _GRID])
    grid = np.broadcast_to(everywhere, (*breaks.shape[:-1], everywhere.size))
    return np.sort(np.concatenate([around.reshape(*breaks.shape[:-1], -1), grid], -1), -1)


def _integrate(integrand: Integrand, panels: _Panels, nodes: int, tolerance: float) -> np.ndarray:
    """The integral of each row, panels bisected until the whole agrees with its halves.

    The tolerance is that of a panel, relative to the largest integral of |integrand|.
    """
    rows = int(panels.row[-1]) + 1
    panels = _Panels(*(part[panels.high > panels.low] for part in panels))
    total, settled_size = np.zeros(rows), np.zeros(rows)
    whole, size = _rule(integrand, panels, nodes)
    for _ in range(_LEVELS):
        if not panels.low.size:
            return total
        middle = (panels.low + panels.high) / 2
        halves = [panels._replace(high=middle), panels._replace(low=middle)]
        both = _Panels(*map(np.concatenate, zip(*halves, strict=True)))
        values, sizes = (part.reshape(2, -1) for part in _rule(integrand, both, nodes))
        size = settled_size + np.bincount(panels.row, sizes.sum(0), rows)
        settled = np.abs(whole - values.sum(0)) <= tolerance * size.max()
        total += np.bincount(panels.row[settled], values.sum(0)[settled], rows)
        settled_size += np.bincount(panels.row[settled], sizes.sum(0)[settled], rows)
        panels = _Panels(*(part[np.tile(~settled, 2)] for part in both))
        whole = values[:, ~settled].ravel()
        if panels.low.size > _MOST_PANELS:
            break
    raise ActscopeError(
        f"an integral that does not settle near {panels.low[0]:g} standard deviations",
        expected="a function that can be integrated: not 1/x, nor one that oscillates without end",
    )


def _rule(integrand: Integrand, panels: _Panels, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss–Legendre over each panel: the integral, and that of the size of the integrand."""
    x, weights = _legendre(nodes)
    half = (panels.high - panels.low)[:, None] / 2
    t = panels.low[:, None] + half * (1 + x)
    y = integrand(t, np.broadcast_to(panels.row[:, None], t.shape))
    finite = np.isfinite(y)
    if not finite.all():
        raise ActscopeError(
            f"no finite value {t[~finite][0]:g} standard deviations from the mean",
            expected="a function with a finite value wherever it matters",
        )
    return half[:, 0] * (y @ weights), half[:, 0] * (np.abs(y) @ weights)


@lru_cache
def _legendre(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(nodes)
