"""Average ranks over several data sets: Demšar's critical-difference diagram."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from actscope._errors import ActscopeError, unknown
from actscope.figures._colours import colour
from actscope.figures._style import INK, LABEL_SIZE, panels, require, sheet
from actscope.figures._text import number, plain, width

_PANEL = 4.6  # inches across
_LINE = 0.24  # inches down a unit of the y axis
_SCALE = 1.9  # where the ranks are marked; above it the critical difference
_BAR = 0.6  # from one bar that joins to the next
_JOIN: dict[str, Any] = {"linewidth": 4.5, "solid_capstyle": "butt"}


def critical_difference(
    ranks: Mapping[str, float],
    cd: float | None,
    cliques: Sequence[Collection[str]],
    *,
    n: int,
    caption: str = "",
) -> Figure:
    """Average ranks on a scale with the best at the left, and bars that join what may be equal.

    Args:
        ranks: average rank of each label over the data sets; 1 is the best.
        cd: the critical difference: two ranks that are further apart can be told apart. None
            where no distance tells them apart, since the test over all of them did not reject.
        cliques: labels that cannot be told apart, each group under one bar; single ones have none.
        n: number of data sets.
        caption: below the panel.

    Raises:
        ActscopeError: there is nothing to draw, a rank is not between 1 and their number, a clique
            holds a label without a rank, or the critical difference is not a positive number.

    Reference:
        Demšar (2006), Statistical comparisons of classifiers over multiple data sets, figure 1.
    """
    require(ranks, "rank")
    _check(ranks, cd, cliques)
    right = max(len(ranks), 1 + (cd or 0), 2)
    bars = _stacked([_ends(ranks, clique, right) for clique in cliques if len(clique) > 1])
    first = _SCALE + 1 + _BAR * (1 + max((level for level, _, _ in bars), default=-1))
    names = sorted(ranks, key=ranks.__getitem__)
    half = (len(names) + 1) // 2
    lines = first + half
    room = 2 * max(width(_words(ranks, name), LABEL_SIZE) for name in names)
    title = f"Average ranks over n = {n} data sets"
    with sheet(_PANEL + room, 1.3 + _LINE * lines, title=title, caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        _scale(axis, right, lines)
        if cd is not None:
            _critical(axis, cd)
        for place, name in enumerate(names[:half]):
            _draw(axis, ranks, name, first + place, side=0)
        for place, name in enumerate(reversed(names[half:])):
            _draw(axis, ranks, name, first + place, side=1)
        for level, low, high in bars:
            y = _SCALE + _BAR * (level + 1)
            axis.plot([low, high], [y, y], color=INK, zorder=3, **_JOIN)
        joined = "; a bar joins what cannot be told apart" if bars else ""
        axis.set_xlabel(f"average rank: 1, at the left, is the best{joined}")
    return figure


def _check(
    ranks: Mapping[str, float], cd: float | None, cliques: Sequence[Collection[str]]
) -> None:
    for label, rank in ranks.items():
        if not 1 <= rank <= len(ranks):
            raise ActscopeError(
                f"{label} with average rank {rank}", expected=f"between 1 and {len(ranks)}"
            )
    if cd is not None and not 0 < cd < math.inf:
        raise ActscopeError(f"critical difference {cd}", expected="a positive number, or None")
    for label in (label for clique in cliques for label in clique):
        if label not in ranks:
            raise unknown("label", label, ranks)


def _ends(ranks: Mapping[str, float], clique: Collection[str], right: float) -> tuple[float, float]:
    """Where a bar begins and ends: a little beyond its outermost ranks."""
    beyond = 0.018 * right
    found = [ranks[label] for label in clique]
    return min(found) - beyond, max(found) + beyond


def _stacked(bars: list[tuple[float, float]]) -> list[tuple[int, float, float]]:
    """A level for each bar, from the left, so that none overlaps another."""
    reached: list[float] = []  # right end of the last bar of each level
    found: list[tuple[int, float, float]] = []
    for low, high in sorted(bars):
        level = next((i for i, end in enumerate(reached) if end < low), len(reached))
        reached[level : level + 1] = [high]
        found.append((level, low, high))
    return found


def _scale(axis: Axes, right: float, lines: float) -> None:
    """The scale of ranks, from 1 to what is largest, along the top."""
    margin = 0.04 * right
    axis.set_xlim(1 - margin, right + margin)
    axis.set_ylim(lines - 0.3, 0)
    axis.set_yticks([])
    axis.xaxis.tick_top()
    axis.set_xticks(_ticks(right))
    axis.plot([1, right], [_SCALE, _SCALE], color=INK, linewidth=1)


def _ticks(right: float) -> list[int]:
    """1, and whole ranks after it."""
    found = MaxNLocator(10, integer=True).tick_values(1, right)
    return [1, *(int(rank) for rank in found if 1 < rank <= right and rank == int(rank))]


def _critical(axis: Axes, cd: float) -> None:
    """The length of the critical difference, above the scale."""
    axis.plot([1, 1 + cd], [1.15, 1.15], color=INK, linewidth=1.4, marker="|", markersize=7)
    axis.text(1, 0.9, f"critical difference {number(cd, 2)}", fontsize=LABEL_SIZE)


def _draw(axis: Axes, ranks: Mapping[str, float], name: str, place: float, *, side: int) -> None:
    """One rank: a dot on the scale, a line down and to the side (0 left, 1 right), the name."""
    ink, rank, edge = colour(name), ranks[name], axis.get_xlim()[side]
    axis.plot([rank, rank, edge], [_SCALE, place, place], color=ink, linewidth=1.3)
    axis.plot(rank, _SCALE, "o", color=ink, markersize=6.5, markeredgecolor="white", zorder=4)
    axis.annotate(
        _words(ranks, name),
        (side, place),
        ((-4, 4)[side], 0),
        xycoords=axis.get_yaxis_transform(),
        textcoords="offset points",
        horizontalalignment=("right", "left")[side],
        verticalalignment="center",
        fontsize=LABEL_SIZE,
        annotation_clip=False,
    )


def _words(ranks: Mapping[str, float], name: str) -> str:
    return f"{plain(name)}  {number(ranks[name], 2)}"
