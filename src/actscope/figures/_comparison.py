"""Test accuracy of several activations over the same seeds."""

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from actscope._errors import ActscopeError
from actscope.figures._colours import colour
from actscope.figures._style import panels, require, sheet
from actscope.figures._text import plain
from actscope.stats import Interval


@dataclass(frozen=True)
class Scores:
    """The accuracy of each seed, and what follows for the mean; fractions of 1.

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


def comparison(scores: Mapping[str, Scores], *, caption: str = "") -> Figure:
    """A row for each activation: every seed a small dot, the mean with its interval, the numbers.

    Args:
        scores: a label for each, such as `Activation.label`.
        caption: below the panel.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(scores, "score")
    with sheet(8, 1.5 + 0.42 * len(scores), title="Test accuracy", caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        for row, (label, score) in enumerate(scores.items()):
            _draw(axis, row, colour(label), score)
        axis.set_yticks(range(len(scores)), [plain(label) for label in scores])
        axis.set_ylim(len(scores) - 0.5, -0.5)
        axis.grid(visible=False, axis="y")
        axis.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=""))
        axis.set_xlabel(f"test accuracy (%): each seed, and {_what(scores)}")
    return figure


def _draw(axis: Axes, row: int, ink: str, score: Scores) -> None:
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
    axis.annotate(
        _numbers(interval),
        (1.01, row),
        xycoords=axis.get_yaxis_transform(),
        verticalalignment="center",
        fontsize=9,
        annotation_clip=False,
    )


def _numbers(interval: Interval) -> str:
    margin = "" if interval.high is None else f" ± {100 * (interval.high - interval.mean):.2f}"
    return f"{100 * interval.mean:.2f}{margin} %, n = {interval.n}"


def _what(scores: Mapping[str, Scores]) -> str:
    """What the large dots and their lines are."""
    levels = {s.interval.level for s in scores.values() if s.interval.low is not None}
    shares = " or ".join(f"{100 * level:.4g} %" for level in sorted(levels))
    return f"the mean with its {shares} interval" if levels else "the mean"
