"""Paired differences to a reference: a forest plot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from actscope.figures._colours import colour
from actscope.figures._columns import Columns, columns, columns_width
from actscope.figures._focus import KEY, focus, look_at, point_beyond
from actscope.figures._scale import ACCURACY, Scale
from actscope.figures._style import INK, LABEL_SIZE, panels, require, sheet
from actscope.figures._text import POINTS, lines, plain, tick, width
from actscope.stats import Interval

_PANEL = 4.0  # inches across
_ROW = 0.27  # inches down
_LONGEST_VERDICT = 60  # characters
_LONGEST_HEAD = 60


@dataclass(frozen=True)
class Difference:
    """How much better than the reference, over the seeds that both have; in units of the score.

    Attributes:
        interval: of the mean difference.
        simultaneous: ends of the interval that holds together with those of all other rows; None
            where there is none.
        verdict: what follows, in a few words.
    """

    interval: Interval
    simultaneous: tuple[float, float] | None = None
    verdict: str = ""


@dataclass(frozen=True)
class _Row:
    place: int  # from the top; a stratum's name takes one too
    label: str
    difference: Difference


def forest(
    strata: Mapping[str, Mapping[str, Difference]],
    *,
    reference: str,
    relevant: float | None = None,
    score: Scale = ACCURACY,
    caption: str = "",
) -> Figure:
    """A row for each difference: mean, interval, thinner the simultaneous one; then the numbers.

    A few rows far away from all others do not squeeze these: they lie beyond the scale, and a
    triangle at the edge says so.

    Args:
        strata: rows under a common head, such as those of one depth; `{"": rows}` for rows
            without one. Each row has a label, such as `Activation.label`.
        reference: what the differences are to.
        relevant: the smallest difference that would matter, in units of the score: what lies
            within it on both sides of 0 is shaded. None for none.
        score: what the differences are of.
        caption: below the panel.

    Raises:
        ActscopeError: there is nothing to draw, or a stratum has no row.
    """
    require(strata, "difference")
    for rows in strata.values():
        require(rows, "difference")
    rows, heads = list(_rows(strata)), dict(_heads(strata))
    count, table = len(rows) + len(heads), _table(rows, score)
    margin = max(width(plain(row.label), LABEL_SIZE) for row in rows)
    title = f"{score.title}: difference to {plain(reference)}"
    size = _PANEL + margin + columns_width(table), 1.7 + _ROW * count
    with sheet(*size, title=title, caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        look_at(axis, focus([0.0, *_extent(rows, score.factor)]))
        if relevant is not None:
            reach = score.factor * relevant
            axis.axvspan(-reach, reach, color=INK, alpha=0.09, linewidth=0)
        axis.axvline(0, color=INK, linewidth=1)
        cut = [_draw(axis, row, score.factor) for row in rows]
        axis.set_yticks([row.place for row in rows], [plain(row.label) for row in rows])
        axis.set_ylim(count - 0.5, -0.5)
        axis.grid(visible=False, axis="y")
        for place, head in heads.items():
            _head(axis, place, head, margin)
        columns(axis, [row.place for row in rows], table)
        axis.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        key = _key(rows, relevant, score) + ([KEY] if any(cut) else [])
        what = score.difference("mean difference over paired seeds")
        axis.set_xlabel(f"{what}\n{lines(key, _PANEL)}")
    return figure


def _rows(strata: Mapping[str, Mapping[str, Difference]]) -> Iterator[_Row]:
    place = 0
    for head, rows in strata.items():
        place += bool(head)
        for label, difference in rows.items():
            yield _Row(place, label, difference)
            place += 1


def _heads(strata: Mapping[str, Mapping[str, Difference]]) -> Iterator[tuple[int, str]]:
    place = 0
    for head, rows in strata.items():
        if head:
            yield place, head
        place += bool(head) + len(rows)


def _extent(rows: list[_Row], factor: float) -> Iterator[float]:
    """Everything that is drawn, on the scale of the axis."""
    for row in rows:
        interval, ends = row.difference.interval, row.difference.simultaneous
        for value in ends or (interval.low, interval.high):
            yield factor * (interval.mean if value is None else value)


def _draw(axis: Axes, row: _Row, factor: float) -> bool:
    """Draw a row; whether its mean lies beyond the scale."""
    ink, interval = colour(row.label), row.difference.interval
    if row.difference.simultaneous is not None:
        ends = [factor * end for end in row.difference.simultaneous]
        axis.plot(ends, [row.place] * 2, color=ink, linewidth=1.1)
    if interval.low is not None and interval.high is not None:
        ends = [factor * interval.low, factor * interval.high]
        axis.plot(ends, [row.place] * 2, color=ink, linewidth=3.2)
    mean = factor * interval.mean
    axis.plot(mean, row.place, "o", color=ink, markersize=7, markeredgecolor="white")
    return point_beyond(axis, mean, row.place, ink, size=7)


def _head(axis: Axes, place: int, head: str, margin: float) -> None:
    """The name of a stratum; it begins where the labels of its rows do, and has its line alone."""
    axis.annotate(
        plain(head, _LONGEST_HEAD),
        (0, place),
        (-POINTS * margin - 3, 0),
        xycoords=axis.get_yaxis_transform(),
        textcoords="offset points",
        verticalalignment="center",
        fontsize=LABEL_SIZE,
        fontweight="bold",
        annotation_clip=False,
    )


def _table(rows: list[_Row], score: Scale) -> Columns:
    intervals = [row.difference.interval for row in rows]
    return {
        "difference": [score.written(interval.mean, signed=True) for interval in intervals],
        "interval": [_ends(interval, score) for interval in intervals],
        "n": [f"{interval.n}" for interval in intervals],
        "verdict": [plain(row.difference.verdict, _LONGEST_VERDICT) for row in rows],
    }


def _ends(interval: Interval, score: Scale) -> str:
    if interval.low is None or interval.high is None:
        return "none"
    low, high = (score.written(end, signed=True) for end in (interval.low, interval.high))
    return f"[{low}, {high}]"


def _key(rows: list[_Row], relevant: float | None, score: Scale) -> list[str]:
    """What side, thickness and shade mean, as far as they occur."""
    found = [row.difference for row in rows]
    levels = {f.interval.level for f in found if f.interval.low is not None}
    return [
        "right is better",
        *(f"thick: {100 * level:.4g} % interval" for level in sorted(levels)),
        *(["thin: simultaneous"] if any(f.simultaneous for f in found) else []),
        *([] if relevant is None else [f"shaded: within ±{score.written(relevant)}"]),
    ]
