"""Scores by epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from actscope._errors import ActscopeError
from actscope.figures._colours import DASHES, colour, repeats
from actscope.figures._reach import wide_enough
from actscope.figures._scale import ACCURACY, Scale
from actscope.figures._style import INK, beside, panels, require, sheet
from actscope.figures._text import plain
from actscope.stats import Interval

_SIZE = (8.0, 4.2)  # inches across and down
_PANEL = 5.0  # inches that a panel has across at least


@dataclass(frozen=True)
class LearningCurve:
    """The score of one run, or of several seeds, epoch by epoch.

    Attributes:
        epochs: numbers of the epochs, ascending.
        validation: after each epoch, over all runs that got there; or, if `so_far`, over all.
        training: mean during each epoch; empty where it is not to be drawn.
        best: number of the epoch whose network was kept; None where there is not one such.
        so_far: whether `validation` is of the best network so far, which a run that stopped
            keeps, as `stats.curve_intervals` has it.

    Raises:
        ActscopeError: the lengths differ, there is no epoch, or `best` is not one of them.
    """

    epochs: tuple[int, ...]
    validation: tuple[Interval, ...]
    training: tuple[float, ...] = ()
    best: int | None = None
    so_far: bool = False

    def __post_init__(self):
        sizes = len(self.epochs), len(self.validation), len(self.training)
        if not sizes[0] or sizes[1] != sizes[0] or sizes[2] not in (0, sizes[0]):
            raise ActscopeError(
                f"{sizes[0]} epochs, {sizes[1]} validation and {sizes[2]} training scores",
                expected="as many of each, at least one",
            )
        if self.best is not None and self.best not in self.epochs:
            raise ActscopeError(f"best epoch {self.best}", expected="one of the epochs drawn")

    @classmethod
    def of(
        cls, validation: Sequence[float], training: Sequence[float], best: int | None
    ) -> "LearningCurve":
        """The curve of a single run from its first epoch on, from which no interval follows.

        Raises:
            ActscopeError: as of the class.
        """
        return cls(
            epochs=tuple(range(1, len(validation) + 1)),
            validation=tuple(Interval(score, None, None, 1, 0.95) for score in validation),
            training=tuple(training),
            best=best,
        )


def learning_curves(
    runs: Mapping[str, LearningCurve], *, score: Scale = ACCURACY, caption: str = ""
) -> Figure:
    """Validation score by epoch, each run in its colour; training score beside it, thin.

    A band is the interval that came with the mean. A star marks the best epoch.

    Args:
        runs: a label for each, such as `Activation.label`.
        score: what the numbers are.
        caption: below the panel.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(runs, "run")
    keys = _keys(runs)
    names = [*(f"{plain(label)} ({_seeds(run)})" for label, run in runs.items()), *keys]
    columns, legend = beside(names, _SIZE[1])
    across = max(_SIZE[0], _PANEL + legend)
    with sheet(across, _SIZE[1], title=f"{score.title} by epoch", caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        lines = [_draw(axis, label, runs[label], turn) for label, turn in repeats(runs).items()]
        handles = [*lines, *keys.values()]
        figure.legend(handles, names, loc="outside right center", ncols=columns)
        axis.set_xlabel("epoch")
        axis.set_ylabel(score.label)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.yaxis.set_major_formatter(score.ticks())
        axis.set_ylim(*wide_enough(*axis.get_ylim()))
    return figure


def _draw(axis: Axes, label: str, run: LearningCurve, turn: int) -> Line2D:
    """Draw one run; the line that stands for it in the legend."""
    ink, dash = colour(label), DASHES[turn % len(DASHES)]
    mean = np.array([interval.mean for interval in run.validation])
    if run.training:
        axis.plot(run.epochs, run.training, color=ink, linewidth=1, linestyle=":")
    if _banded(run):
        low, high = _ends(run)
        axis.fill_between(run.epochs, low, high, color=ink, alpha=0.18, linewidth=0)
    (line,) = axis.plot(run.epochs, mean, color=ink, linestyle=dash, marker="o", markersize=3)
    if run.best is not None:
        at = run.epochs.index(run.best)
        axis.plot(
            run.best, mean[at], "*", color=ink, markersize=13, markeredgecolor="white", zorder=3
        )
    return line


def _banded(run: LearningCurve) -> bool:
    return any(interval.low is not None for interval in run.validation)


def _ends(run: LearningCurve) -> np.ndarray:
    """Lower and upper ends by epoch; NaN where there is no interval."""
    ends = [(interval.low, interval.high) for interval in run.validation]
    return np.array(ends, np.float64).T


def _seeds(run: LearningCurve) -> str:
    """How many runs stand behind a curve: early stopping may leave fewer in later epochs."""
    counts = [interval.n for interval in run.validation]
    return f"n = {counts[0]}" if len(set(counts)) == 1 else f"n = {max(counts)} to {min(counts)}"


def _keys(runs: Mapping[str, LearningCurve]) -> dict[str, Line2D | Patch]:
    """What lines, band and star mean, as far as they occur."""
    names = {True: "validation, best so far", False: "validation"}
    keys: dict[str, Line2D | Patch] = {
        names[so_far]: Line2D([], [], color=INK, marker="o", ms=3)
        for so_far in sorted({run.so_far for run in runs.values()})
    }
    if any(run.training for run in runs.values()):
        keys["training"] = Line2D([], [], color=INK, linewidth=1, linestyle=":")
    levels = {
        f"{interval.level:.4g}"
        for run in runs.values()
        if _banded(run)
        for interval in run.validation
    }
    for level in sorted(levels):
        keys[f"{100 * float(level):.4g} % interval"] = Patch(facecolor=INK, alpha=0.18, linewidth=0)
    if any(run.best is not None for run in runs.values()):
        keys["best epoch"] = Line2D([], [], color=INK, marker="*", linestyle="", markersize=10)
    return keys
