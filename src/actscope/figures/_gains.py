"""Gains of activation functions, beside those that PyTorch has."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from actscope.figures._colours import colour
from actscope.figures._columns import columns, columns_width
from actscope.figures._style import INK, LABEL_SIZE, panels, require, sheet
from actscope.figures._text import number, plain, tick, width

_PANEL = 4.4  # inches across
_ROW = 0.31  # inches down
_WIDE = 8.0  # largest gain over smallest: beyond it the scale is logarithmic
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

_MARKS: dict[str, dict[str, Any]] = {
    "forward": {"marker": "o", "markersize": 6.5, "markeredgecolor": "white"},
    "backward": {"marker": "D", "markersize": 5, "markerfacecolor": "white"},
    "PyTorch": {"marker": "x", "markersize": 5.5, "markeredgewidth": 1.6},
}
_SHIFTS = {"forward": -0.2, "backward": 0.0, "PyTorch": 0.2}  # rows: equal gains stay visible
_MEANS = {
    "forward": "forward, 1/√E[f²]",
    "backward": "backward, 1/√E[f′²]",
    "PyTorch": "PyTorch's calculate_gain",
}


@dataclass(frozen=True)
class GainRow:
    """What to multiply the weights of a layer by after an activation, by three opinions.

    Attributes:
        forward: keeps the second moment, 1/√E[f(z)²] for z ~ N(0, 1); None where there is none.
        backward: keeps the gradient's, 1/√E[f'(z)²]; None likewise.
        torch: what `torch.nn.init.calculate_gain` says; None for what it does not know.
    """

    forward: float | None
    backward: float | None
    torch: float | None = None


def gain_table(rows: Mapping[str, GainRow], *, caption: str = "") -> Figure:
    """A row for each activation: its gains as three marks on one scale, and in numbers.

    The scale is logarithmic if the gains differ by more than eightfold. A line at 1 is where
    weights are left as they are.

    Args:
        rows: a label for each, such as `Activation.label`.
        caption: below the panel.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(rows, "gain")
    names = [plain(label) for label in rows]
    table = {head: [_written(_gains(row)[head]) for row in rows.values()] for head in _MARKS}
    across = _PANEL + max(width(name, LABEL_SIZE) for name in names) + columns_width(table)
    with sheet(across, 1.3 + _ROW * len(rows), caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        axis.axvline(1, color=INK, linewidth=0.8)
        for place, (label, row) in enumerate(rows.items()):
            _draw(axis, place, colour(label), row)
        _scale(axis, _drawable(rows.values()))
        axis.set_yticks(range(len(rows)), names)
        axis.set_ylim(len(rows) - 0.4, -0.6)
        axis.grid(visible=False, axis="y")
        axis.set_xlabel("gain")
        columns(axis, range(len(rows)), table)
        keys = [
            Line2D([], [], color=INK, linestyle="", **style, label=_MEANS[head])
            for head, style in _MARKS.items()
        ]
        figure.legend(handles=keys, loc="outside upper center", ncols=3)
    return figure


def _gains(row: GainRow) -> dict[str, float | None]:
    return {"forward": row.forward, "backward": row.backward, "PyTorch": row.torch}


def _written(gain: float | None) -> str:
    return "–" if gain is None else number(gain, 4)


def _drawable(rows: Iterable[GainRow]) -> list[float]:
    """What there is a place for on a scale: positive and finite."""
    gains = [gain for row in rows for gain in _gains(row).values() if gain is not None]
    return [gain for gain in gains if 0 < gain < math.inf]


def _draw(axis: Axes, place: int, ink: str, row: GainRow) -> None:
    found = _drawable([row])
    if found:
        axis.plot([min(found), max(found)], [place, place], color=ink, linewidth=1, alpha=0.6)
    for head, gain in _gains(row).items():
        if gain is not None and 0 < gain < math.inf:
            mark = INK if head == "PyTorch" else ink
            axis.plot(
                gain, place + _SHIFTS[head], color=mark, linestyle="", zorder=3, **_MARKS[head]
            )


def _scale(axis: Axes, found: list[float]) -> None:
    low, high = min(found, default=1.0), max(found, default=1.0)
    if high > _WIDE * low:
        axis.set_xscale("log")
        near = _TICKS[0] <= low and high <= _TICKS[-1]
        axis.xaxis.set_major_locator(FixedLocator(_TICKS) if near else LogLocator(numticks=8))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axis.set_xlim(min(low, 1) / 1.2, max(high, 1) * 1.2)
