"""Scores of several activations over the same seeds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from actscope._errors import ActscopeError
from actscope.figures._colours import colour
from actscope.figures._focus import KEY, focus, look_at, point_beyond
from actscope.figures._reach import wide_enough
from actscope.figures._scale import ACCURACY, Scale
from actscope.figures._style import panels, require, sheet
from actscope.figures._text import plain
from actscope.stats import Interval

_TEST_ACCURACY = replace(ACCURACY, name="test accuracy")


@dataclass(frozen=True)
class Scores:
    """The score of each seed, and what follows for the mean.

    Attributes:
        values: one a seed.
        interval: of their mean.

    Raises:
        ActscopeError: the interval is not of so many values.
    """

    values: tuple[float, ...]
    interval: Interval

    def __post_init__(self):
        if len(self.values) != self.interval.n:
            raise ActscopeError(
                f"{len(self.values)} values and an interval of n = {self.interval.n}",
                expected="the interval of these values",
            )


def comparison(
    scores: Mapping[str, Scores], *, score: Scale = _TEST_ACCURACY, caption: str = ""
) -> Figure:
    """A row for each activation: every seed a small dot, the mean with its interval, the numbers.

    A few scores far away from all others do not squeeze these: they lie beyond the scale, and a
    triangle at the edge says so.

    Args:
        scores: a label for each, such as `Activation.label`.
        score: what the numbers are.
        caption: below the panel.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(scores, "score")
    with sheet(8, 1.5 + 0.42 * len(scores), title=score.title, caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        look_at(axis, focus(value for found in scores.values() for value in _drawn(found)))
        cut = False
        for row, (label, found) in enumerate(scores.items()):
            cut |= _draw(axis, row, colour(label), found)
            _write(axis, row, _numbers(found.interval, score))
        axis.set_yticks(range(len(scores)), [plain(label) for label in scores])
        axis.set_ylim(len(scores) - 0.5, -0.5)
        axis.grid(visible=False, axis="y")
        axis.xaxis.set_major_formatter(score.ticks())
        axis.set_xlim(*wide_enough(*axis.get_xlim()))
        axis.set_xlabel(f"{score.label}: each seed, and {_what(scores)}{f'; {KEY}' if cut else ''}")
    return figure


def _drawn(score: Scores) -> list[float]:
    ends = score.interval.low, score.interval.high
    return [*score.values, *(end for end in ends if end is not None)]


def _draw(axis: Axes, row: int, ink: str, score: Scores) -> bool:
    """Draw a row; whether anything of it lies beyond the scale."""
    interval = score.interval
    axis.plot(
        score.values,
        [row + 0.22] * len(score.values),
        "o",
        color=ink,
        alpha=0.6,
        markersize=4,
        markeredgewidth=0,
    )
    if interval.low is not None and interval.high is not None:
        axis.plot([interval.low, interval.high], [row, row], color=ink, linewidth=2.5)
    axis.plot(interval.mean, row, "o", color=ink, markersize=9, markeredgecolor="white")
    cut = [point_beyond(axis, value, row + 0.22, ink, size=4) for value in score.values]
    return point_beyond(axis, interval.mean, row, ink, size=9) or any(cut)


def _write(axis: Axes, row: int, words: str) -> None:
    """To the right of the panel."""
    axis.annotate(
        words,
        (1.01, row),
        xycoords=axis.get_yaxis_transform(),
        verticalalignment="center",
        fontsize=9,
        annotation_clip=False,
    )


def _numbers(interval: Interval, score: Scale) -> str:
    margin = ""
    if interval.high is not None:
        margin = f" ± {score.written(interval.high - interval.mean)}"
    unit = f" {score.unit}" if score.unit else ""
    return f"{score.written(interval.mean)}{margin}{unit}, n = {interval.n}"


def _what(scores: Mapping[str, Scores]) -> str:
    """What the large dots and their lines are."""
    levels = {s.interval.level for s in scores.values() if s.interval.low is not None}
    shares = " or ".join(f"{100 * level:.4g} %" for level in sorted(levels))
    return f"the mean with its {shares} interval" if levels else "the mean"
