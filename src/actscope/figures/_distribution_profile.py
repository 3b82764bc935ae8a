"""How input, output and gradient are distributed at every site of a network."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from actscope._signal import FINE_BINS, Signal
from actscope.figures._colours import colour
from actscope.figures._reading import Reading
from actscope.figures._style import INK, LABEL_SIZE, NOTE_SIZE, panels, require, sheet
from actscope.figures._text import percent, plain, width

_COLUMN = 3.0  # inches across
_FEW, _MANY = 6, 24  # sites, whose rows are this high, in inches:
_ROWS = (0.95, 0.62, 0.4)
_WORDS = 0.15  # inches down the numbers below a histogram
_LONGEST = 28  # characters of a name
_BINS = 60
_FEWEST = 12  # of the signal's own bins; fewer would be a block, whatever the shape
_TAIL = 0.001  # share of the values that may lie beyond either end
_CUT = 2.0  # times the height that 90 % of the bins stay below: beyond it a bar is cut off
_SHARE = 0.9
_KEY = "each to its own scale; thin line: 0; notch: a bar that is cut off"


def distribution_profile(
    readings: Sequence[Reading], *, title: str = "", caption: str = ""
) -> Figure:
    """A row for each site with three small histograms: input, output and gradient.

    Each has a scale of its own, for a signal may shrink by many powers of ten on its way: the
    numbers at its ends say how far it reaches, which is where 0.1 % of the values that are not
    exactly 0 lie beyond. A bar that would flatten all others, as exact zeros make one, is cut
    off, with a notch.

    Args:
        readings: one a site.
        title: above all panels.
        caption: below them.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(readings, "site")
    row = _ROWS[(len(readings) > _FEW) + (len(readings) > _MANY)]
    between = ", " if row == _ROWS[-1] else "\n"
    names = [f"{_plain(each.name)}{between}{_plain(each.activation)}" for each in readings]
    room = max(width(line, LABEL_SIZE) for name in names for line in name.split("\n"))
    size = 3 * _COLUMN + room + 0.4, row * len(readings) + 1.3
    signals = {
        "input": [each.pre for each in readings],
        "output": [each.post for each in readings],
        "gradient at the input": [each.gradient for each in readings],
    }
    with sheet(*size, title=title, caption=caption) as figure:
        axes = panels(figure, 3, 3)
        for axis, (head, column) in zip(axes, signals.items(), strict=True):
            axis.set_title(head)
            axis.grid(visible=False)
            axis.set_xticks([])
            axis.set_yticks(np.arange(len(names)) + 0.5, [""] * len(names))
            axis.set_xlim(-0.03, 1.03)
            axis.set_ylim(len(names), 0)
            axis.hlines(range(len(names)), -0.03, 1.03, color="white", linewidth=1.5)
            for place, (reading, signal) in enumerate(zip(readings, column, strict=True)):
                _draw(axis, place, signal, colour(reading.activation), _WORDS / row)
        axes[0].set_yticklabels(names)
        axes[1].set_xlabel(_KEY, fontsize=NOTE_SIZE)
    return figure


def _plain(text: str) -> str:
    return plain(text, _LONGEST)


def _draw(axis: Axes, place: int, signal: Signal | None, ink: str, words: float) -> None:
    """A histogram between the top of its row and the words below it."""
    base = place + 0.97 - words
    if signal is None or not signal.count:
        told = "no loss was given" if signal is None else "no finite value"
        axis.text(0.5, base, told, ha="center", va="center", fontsize=NOTE_SIZE)
        return
    axis.hlines(base, 0, 1, color=INK, linewidth=0.5, alpha=0.6)
    axis.text(0.5, base + 0.02, _remark(signal), ha="center", va="top", fontsize=NOTE_SIZE)
    if signal.min == signal.max:  # no histogram: its bins would be of an invented range
        axis.vlines(0.5, base, place + 0.09, color=ink, linewidth=3)
        return
    edges, heights = _bars(signal)
    low, high = float(edges[0]), float(edges[-1])
    usual = float(np.quantile(heights[heights > 0], _SHARE, method="lower"))  # not of the spike
    top = min(float(heights.max()), _CUT * usual)
    across = (edges - low) / (high - low)
    shown = np.minimum(heights / top, 1) * (0.88 - words)
    axis.stairs(base - shown, across, baseline=base, fill=True, color=ink, alpha=0.75)
    cut = np.flatnonzero(heights > top)
    axis.hlines(base - 0.85 * shown[cut], across[cut], across[cut + 1], color="white", lw=1.4)
    if low < 0 < high:
        axis.vlines(-low / (high - low), base, place + 0.09, color=INK, linewidth=0.6, alpha=0.6)
    for at, end, side in ((0, low, "left"), (1, high, "right")):
        axis.text(at, base + 0.02, _number(end), ha=side, va="top", fontsize=NOTE_SIZE)


def _bars(signal: Signal) -> tuple[np.ndarray, np.ndarray]:
    """Edges and densities of so many bins as 0 and the middle 99.8 % of other values allow."""
    counts = signal.histogram.counts
    left, right = _ends(signal)
    missing = max(0, _FEWEST - (right + 1 - left))
    left, right = max(0, left - missing // 2), min(FINE_BINS, right + 1 + missing - missing // 2)
    starts = np.arange(left, right, math.ceil((right - left) / _BINS))
    edges = signal.histogram.edges[np.append(starts, right)]
    return edges, np.add.reduceat(counts[:right], starts) / np.diff(edges)


def _ends(signal: Signal) -> tuple[int, int]:
    """The first and the last bin that are shown: exact zeros, however many, hide no other value."""
    others, zeros = signal.histogram.counts.copy(), round(signal.fraction_zero * signal.count)
    zero = int(np.searchsorted(signal.histogram.edges, 0.0, side="right")) - 1
    zero = min(max(zero, 0), FINE_BINS - 1)  # the last bin holds its right edge too
    others[zero] = max(0, others[zero] - zeros)
    below = np.cumsum(others) / others.sum()
    left, right = np.searchsorted(below, [_TAIL, 1 - _TAIL]).tolist()
    return (min(left, zero), max(right, zero)) if zeros else (left, right)


def _remark(signal: Signal) -> str:
    """What no bar shows."""
    told = [f"constant {_number(signal.min)}"] if signal.min == signal.max else []
    if signal.fraction_zero > 0 and not told:
        told.append(f"0: {percent(signal.fraction_zero)}")
    if signal.nonfinite:
        told.append(f"{signal.nonfinite:,} not finite")
    return ", ".join(told)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
