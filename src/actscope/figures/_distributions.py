"""How the numbers of a signal are distributed: one panel for each of a network's tensors."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from actscope._signal import Histogram, Signal
from actscope.figures._colours import colour
from actscope.figures._style import PANEL_TITLE_SIZE, note, panels, require, sheet
from actscope.figures._text import percent, plain, shortened

# As in the tutorial.
_GRADIENT_BINS = 30
_ACTIVATION_BINS = 50
_ACTIVATION_COLUMNS = 4

_GRADIENT_PANEL, _ACTIVATION_PANEL = 2.4, 2.7  # inches across
_TITLE = 0.8  # of them, a title

_GRADIENT_COLUMNS = 6  # the tutorial's 5 weight matrices in one row, deeper networks in several
_SPIKE = 3.0  # a bar this many times as high as the next one is cut off, if exact zeros made it

# Of a panel's width and height: what the small print takes, and each of its lines.
_NOTE_WIDTH = 0.45
_LINE_HEIGHT = 0.085


def gradient_distributions(
    label: str, signals: Sequence[tuple[str, Signal]], *, caption: str = ""
) -> Figure:
    """Counts of the gradient's entries for each weight matrix, 30 bins, with a density curve.

    The curve is `Signal.density` times the entries times the bin width, so that it has the scale
    of the bars. Written in each panel: standard deviation, largest size, Euclidean norm, share of
    exact zeros, number of entries.

    Args:
        label: the activation's, in the title and for the colour.
        signals: a title and the gradient of each weight matrix, in the order of the layers.
        caption: below the panels.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(signals, "gradient")
    columns = min(_GRADIENT_COLUMNS, len(signals))
    rows = -(-len(signals) // columns)
    title = f"Gradient distribution for activation function {plain(label)}"
    with sheet(
        max(_GRADIENT_PANEL * columns, 5), 2.5 * rows + 0.5, title=title, caption=caption
    ) as figure:
        axes = panels(figure, len(signals), columns)
        for index, (axis, (name, signal)) in enumerate(zip(axes, signals, strict=True)):
            histogram = signal.histogram.rebinned(_GRADIENT_BINS)
            entries = signal.count * float(np.diff(histogram.edges[:2])[0])
            _bars(axis, histogram.edges, histogram.counts, colour(label))
            _curve(axis, signal, entries, colour(label))
            _annotate(axis, histogram.counts, _size(signal) + _seen(signal), _top(axis))
            axis.set_title(shortened(name, _TITLE * _GRADIENT_PANEL, PANEL_TITLE_SIZE))
            axis.set_xlabel("gradient", loc="left")
            axis.set_ylabel("" if index % columns else "entries in a bin")
            axis.xaxis.set_major_locator(MaxNLocator(4))
            axis.yaxis.set_major_locator(MaxNLocator(5, integer=True))
            axis.yaxis.set_major_formatter(EngFormatter(sep=""))
    return figure


def activation_distributions(
    label: str, signals: Sequence[tuple[str, Signal]], *, caption: str = ""
) -> Figure:
    """Density of each tensor's values, 50 bins of area 1 with a density curve, four a row.

    Where exact zeros make one bar rise far above all others, as after a ReLU, the axis ends below
    its top; its height and the share of zeros are written in the panel.

    Args:
        label: the activation's, in the title and for the colour.
        signals: a title and the values of each tensor, such as "Layer 0 – pre-activation".
        caption: below the panels.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(signals, "signal")
    columns = min(_ACTIVATION_COLUMNS, len(signals))
    rows = -(-len(signals) // columns)
    title = f"Activation distribution for activation function {plain(label)}"
    with sheet(
        max(_ACTIVATION_PANEL * columns, 5), 2.3 * rows + 0.5, title=title, caption=caption
    ) as figure:
        axes = panels(figure, len(signals), columns)
        for index, (axis, (name, signal)) in enumerate(zip(axes, signals, strict=True)):
            histogram = signal.histogram.rebinned(_ACTIVATION_BINS)
            _bars(axis, histogram.edges, histogram.heights, colour(label))
            _curve(axis, signal, 1.0, colour(label))
            spike = _spike(signal, histogram)
            lines = _zeros(signal, spike) + _seen(signal)
            _annotate(axis, histogram.heights, lines, _top(axis, spike))
            axis.set_title(shortened(name, _TITLE * _ACTIVATION_PANEL, PANEL_TITLE_SIZE))
            axis.set_xlabel("value", loc="left")
            axis.set_ylabel("" if index % columns else "density")
            axis.xaxis.set_major_locator(MaxNLocator(4))
            axis.yaxis.set_major_locator(MaxNLocator(5))
    return figure


def _bars(axis: Axes, edges: np.ndarray, heights: np.ndarray, fill: str) -> None:
    if edges[0] == edges[-1]:  # of a constant so large that a half is nothing beside it
        axis.axvline(edges[0], color=fill, linewidth=3)
    axis.bar(
        edges[:-1],
        heights,
        width=np.diff(edges),
        align="edge",
        color=fill,
        alpha=0.55,
        edgecolor="white",
        linewidth=0.5,
    )


def _curve(axis: Axes, signal: Signal, scale: float, ink: str) -> None:
    x, density = signal.density()
    if len(x):
        axis.plot(x, density * scale, color=ink)


def _spike(signal: Signal, histogram: Histogram) -> tuple[float, float] | None:
    """The highest bar and the next one, where exact zeros make the first stand out."""
    second, first = np.sort(histogram.heights)[-2:].tolist()
    stands_out = signal.fraction_zero > 0 and 0 < _SPIKE * second < first
    return (first, second) if stands_out else None


def _top(axis: Axes, spike: tuple[float, float] | None = None) -> float:
    """Where the y axis ends: above all that is drawn but a spike."""
    if spike:
        return 1.8 * spike[1]
    return 1.05 * axis.dataLim.y1 if axis.dataLim.y1 > 0 else 1.0


def _annotate(axis: Axes, heights: np.ndarray, lines: list[str], top: float) -> None:
    """Small print in the corner above the lower bars, with room made for it where need be."""
    reach = int(_NOTE_WIDTH * len(heights))
    left, right = float(heights[:reach].max()), float(heights[-reach:].max())
    side, below = ("left", left) if 2 * left < right else ("right", right)
    axis.set_ylim(0, max(top, below / (1 - _LINE_HEIGHT * (len(lines) + 1))))
    note(axis, lines, side=side)


def _size(signal: Signal) -> list[str]:
    """How large the entries of a gradient are."""
    if not signal.count:
        return []
    return [
        f"std {signal.std:.2g}",
        f"largest {max(abs(signal.min), abs(signal.max)):.2g}",
        f"l2 norm {signal.l2:.2g}",
        f"exactly 0: {percent(signal.fraction_zero)}",
    ]


def _zeros(signal: Signal, spike: tuple[float, float] | None) -> list[str]:
    """How many values are exactly 0, if any, and how high their bar is, if it is cut off."""
    share = [f"exactly 0: {percent(signal.fraction_zero)}"] if signal.fraction_zero > 0 else []
    return share + ([f"its bar ends at {spike[0]:.3g}"] if spike else [])


def _seen(signal: Signal) -> list[str]:
    """How many values there are, and what no histogram shows."""
    lines = [f"n = {signal.count:,}"] if signal.count else ["no finite value"]
    if signal.count and signal.min == signal.max:
        lines.append(f"constant: {signal.min:.4g}")
    if signal.nonfinite:
        lines.append(f"not finite: {signal.nonfinite:,}")
    return lines
