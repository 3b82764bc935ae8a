"""The look of every figure, and the sheet that it is drawn on.

The look is seaborn's "darkgrid", which the tutorial's figures have: white lines on pale lavender,
no ticks. matplotlib keeps settings in one table for the whole process; they are set while a
figure is made and put back afterwards, by one thread at a time.
"""

from collections.abc import Generator, Sequence, Sized
from contextlib import contextmanager
from threading import RLock
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from actscope._errors import ActscopeError
from actscope.figures._text import drawable, fitted, width

INK = "#262626"
GROUND = "#EAEAF2"
NOTE_SIZE = 7.5  # points
LABEL_SIZE = 8.5  # points, of ticks and of what stands among them
PANEL_TITLE_SIZE = 10.5
_TITLE_SIZE = 12.5
_LEGEND_SIZE = 9.0
_TITLE_LINE = 0.21  # inches
_LEGEND_LINE = 0.19
_AROUND = 0.9  # inches that title and margins take from the height of a legend
_KEY = 0.6  # inches across the line or the patch of a legend's entry, with the room beside it

_STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": "white",
    "axes.facecolor": GROUND,
    "axes.formatter.limits": (-2, 4),
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.titlesize": PANEL_TITLE_SIZE,
    "figure.facecolor": "white",
    "figure.titlesize": _TITLE_SIZE,
    "font.family": "sans-serif",
    "font.size": 10,
    "legend.edgecolor": "white",
    "legend.fontsize": _LEGEND_SIZE,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "white",
    "text.color": INK,
    "xtick.labelsize": LABEL_SIZE,
    "ytick.labelsize": LABEL_SIZE,
}

# matplotlib makes a tick when it is drawn, which is after the settings were put back: what
# concerns ticks is told to the axes.
TICKS: dict[str, Any] = {
    "length": 0,
    "labelsize": LABEL_SIZE,
    "labelcolor": INK,
    "labelfontfamily": "sans-serif",
    "grid_color": "white",
    "grid_linewidth": 1.0,
    "grid_linestyle": "-",
}

_LOCK = RLock()


@contextmanager
def sheet(across: float, down: float, *, title: str = "", caption: str = "") -> Generator[Figure]:
    """An empty figure, and the style in force while it is drawn on.

    Args:
        across: inches.
        down: inches, with one line of a title; those that a long one takes more come to them.
        title: above all panels.
        caption: what the figure shows, in a sentence, below them.
    """
    # From matplotlib's own defaults, so that a user's settings do not alter a figure.
    with _LOCK, matplotlib.style.context(["default", _STYLE]):
        title = fitted(title, across - 0.2, _TITLE_SIZE)
        figure = Figure((across, down + _TITLE_LINE * title.count("\n")), layout="constrained")
        if title:
            figure.suptitle(title)
        if caption:
            figure.supxlabel(drawable(caption), fontsize=9, wrap=True)
        yield figure


def panels(figure: Figure, count: int, columns: int) -> list[Axes]:
    """`count` axes in reading order, `columns` a row; the last row may have fewer."""
    rows = -(-count // columns)
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for surplus in axes[count:]:
        surplus.remove()
    for axis in axes[:count]:
        axis.tick_params(which="both", **TICKS)
    return axes[:count]


def beside(labels: Sequence[str], down: float) -> tuple[int, float]:
    """How many columns a legend beside the panels takes, and how many inches across.

    Args:
        labels: of its entries, as `plain` has them.
        down: inches of the sheet.
    """
    count = -(-len(labels) // max(1, int((down - _AROUND) / _LEGEND_LINE)))
    return count, count * (_KEY + max(width(label, _LEGEND_SIZE) for label in labels))


def note(axis: Axes, lines: Sequence[str], *, side: str = "right") -> None:
    """Small print in an upper corner of a panel."""
    axis.text(
        0.97 if side == "right" else 0.03,
        0.96,
        "\n".join(lines),
        transform=axis.transAxes,
        horizontalalignment=side,
        verticalalignment="top",
        fontsize=NOTE_SIZE,
        linespacing=1.35,
        bbox={"facecolor": GROUND, "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
    )


def require(drawn: Sized, kind: str) -> None:
    """Refuse to draw nothing.

    Raises:
        ActscopeError: `drawn` is empty.
    """
    if not len(drawn):
        raise ActscopeError(f"no {kind} to draw", expected="at least one")
