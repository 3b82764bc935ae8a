"""What theory foretold of each layer, and what was measured there."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from actscope._errors import ActscopeError
from actscope.figures._colours import colour
from actscope.figures._style import INK, note, panels, require, sheet
from actscope.figures._text import plain

_PANEL = (3.9, 2.9)  # inches across and down
_LEGEND = 0.5
_COLUMNS = 3
_LONGEST = 44  # characters of a panel's title
_WIDE = 30.0  # largest over smallest: beyond it the axis is logarithmic, if nothing forbids it
_SPREAD = 0.12  # of the distance of two layers, from one dot of a layer to the outermost


@dataclass(frozen=True)
class Foretold:
    """One quantity of each layer.

    Attributes:
        predicted: one a layer, from the input on.
        low: lower end of where single networks scatter; empty where theory gives no scatter.
        high: upper end.
        measured: for each layer, the value of each network that was measured; there may be none.
        share: it is one, from 0 to 1, and its axis never logarithmic.

    Raises:
        ActscopeError: the lengths differ, or there is no layer.
    """

    predicted: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    measured: tuple[tuple[float, ...], ...] = ()
    share: bool = False

    def __post_init__(self):
        layers = len(self.predicted)
        sizes = len(self.low), len(self.high), len(self.measured)
        if not layers or sizes[0] != sizes[1] or any(size not in (0, layers) for size in sizes):
            raise ActscopeError(
                f"{layers} layers predicted, {sizes[0]} and {sizes[1]} ends of the scatter, and "
                f"{sizes[2]} layers measured",
                expected="as many of each that is given, at least one",
            )


def forecast_against_measured(
    label: str, quantities: Mapping[str, Foretold], *, caption: str = ""
) -> Figure:
    """A panel for each quantity: the prediction a line, its scatter a band, networks as dots.

    An axis is logarithmic where all is positive, differs by more than thirtyfold, and is no share.
    What is not finite is left out, and counted.

    Args:
        label: the activation's, in the title and for the colour.
        quantities: such as "second moment", in the order in which they are to be drawn.
        caption: below the panels.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(quantities, "quantity")
    columns = min(_COLUMNS, len(quantities))
    rows = -(-len(quantities) // columns)
    across, down = _PANEL
    size = max(across * columns, 5.5), down * rows + _LEGEND
    with sheet(*size, caption=caption) as figure:
        axes = panels(figure, len(quantities), columns)
        for axis, (name, found) in zip(axes, quantities.items(), strict=True):
            _draw(axis, found, colour(label))
            axis.set_title(plain(name, _LONGEST))
            axis.set_xlabel("layer")
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        keys = _keys(quantities, colour(label))
        title = plain(label)
        figure.legend(handles=keys, loc="outside upper center", ncols=len(keys), title=title)
    return figure


def _draw(axis: Axes, found: Foretold, ink: str) -> None:
    layers = range(1, len(found.predicted) + 1)
    if found.low:
        axis.fill_between(layers, found.low, found.high, color=ink, alpha=0.22, linewidth=0)
    axis.plot(layers, found.predicted, color=ink)
    dots = [
        dot
        for layer, values in zip(layers, found.measured, strict=False)
        for dot in _dots(layer, values)
    ]
    if dots:
        axis.plot(
            *zip(*dots, strict=True),
            "o",
            color=INK,
            markersize=3.5,
            alpha=0.65,
            markeredgewidth=0,
            zorder=3,
        )
    measured = [value for values in found.measured for value in values]
    everything = [*found.predicted, *found.low, *found.high, *measured]
    finite = [value for value in everything if math.isfinite(value)]
    wide = bool(finite) and min(finite) > 0 and max(finite) > _WIDE * min(finite)
    if wide and not found.share:
        axis.set_yscale("log")
    if len(finite) < len(everything):
        note(axis, [f"not finite: {len(everything) - len(finite)}"])


def _dots(layer: int, values: tuple[float, ...]) -> list[tuple[float, float]]:
    """A dot for each network, side by side in their order: the same one at the same side."""
    last = max(len(values) - 1, 1)
    shift = -_SPREAD if len(values) > 1 else 0.0
    return [(layer + shift + 2 * _SPREAD * i / last, value) for i, value in enumerate(values)]


def _keys(quantities: Mapping[str, Foretold], ink: str) -> list[Line2D | Patch]:
    """What lines, bands and dots mean, as far as they occur."""
    keys: list[Line2D | Patch] = [Line2D([], [], color=ink, label="predicted")]
    if any(found.low for found in quantities.values()):
        keys.append(Patch(facecolor=ink, alpha=0.22, label="scatter of single networks"))
    counts = {len(values) for found in quantities.values() for values in found.measured}
    if counts:
        n = f"n = {counts.pop()}" if len(counts) == 1 else f"n = {min(counts)} to {max(counts)}"
        dot = Line2D([], [], color=INK, marker="o", markersize=3.5, linestyle="")
        dot.set_label(f"measured, {n}")
        keys.append(dot)
    return keys
