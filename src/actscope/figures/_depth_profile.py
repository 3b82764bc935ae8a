"""A network from its first site to its last: signal, gradient, units, likeness of examples."""

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from actscope.figures._colours import colour
from actscope.figures._reach import logarithmic
from actscope.figures._reading import Reading
from actscope.figures._style import INK, LABEL_SIZE, NOTE_SIZE, panels, require, sheet
from actscope.figures._text import plain, width

_PANEL = (5.0, 1.9)  # inches across and down
_LEGEND = 2.0  # inches across
_TICK = 0.16  # inches that an upright name takes
_LONGEST = 28  # characters of a name
_KINDS = 16  # activations in the legend
_SMALLEST = 0.05  # an axis of shares reaches to this at least
_RING = 2.5  # points that an open dot is wider than a filled one
_LOST = "#C00000"

Readings = Sequence[Reading]
Values = Sequence[float]


def depth_profile(readings: Readings, *, title: str = "", caption: str = "") -> Figure:
    """Six panels in which the sites of a network stand side by side, in the order of the signal.

    Root mean square of input and output, and of the gradient (both logarithmic); dead units and
    saturated examples; correlation between examples; effective rank, below the number of units;
    exact zeros and copies. A dot has the colour of its activation.

    What is exactly 0 has no place on a logarithmic axis: a triangle on its lower edge stands for
    it. A cross on the upper edge is a site with values that are not finite.

    Args:
        readings: one a site.
        title: above all panels.
        caption: below them.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(readings, "site")
    names = [plain(reading.name, _LONGEST) for reading in readings]
    kinds = list(dict.fromkeys(reading.activation for reading in readings))
    longest = max(width(name, LABEL_SIZE) for name in names)
    upright = longest * len(names) > 0.8 * _PANEL[0]
    across = 2 * _PANEL[0] + (_LEGEND if len(kinds) > 1 else 0)
    down = 3 * _PANEL[1] + 1.1 + (longest if upright else 0)
    with sheet(across, down, title=title, caption=caption) as figure:
        axes = panels(figure, 6, 2)
        for axis in axes:
            _place(axis, names, upright=upright, named=axis in axes[4:])
        _signal(axes[0], readings)
        _gradient(axes[1], readings)
        axes[2].set_title("● dead units, ○ saturated examples (%)")
        _shares(axes[2], readings, [x.dead for x in readings], [x.saturated for x in readings])
        _correlation(axes[3], readings)
        _rank(axes[4], readings)
        axes[5].set_title("● zeros among outputs, ○ units that are copies (%)")
        zeros = [each.post.fraction_zero for each in readings]
        _shares(axes[5], readings, zeros, [each.copies for each in readings])
        if len(kinds) > 1:
            figure.legend(handles=_keys(kinds), loc="outside right upper")
    return figure


def _place(axis: Axes, names: Sequence[str], *, upright: bool, named: bool) -> None:
    """The sites along the x axis; of many only some bear their names."""
    every = math.ceil(len(names) * _TICK / _PANEL[0]) if upright else 1
    ticks = range(0, len(names), every)
    shown = [names[tick] for tick in ticks] if named else []
    axis.set_xticks(ticks, shown or [""] * len(ticks), rotation=90 if upright else 0)
    axis.set_xlim(-0.5, len(names) - 0.5)


def _signal(axis: Axes, readings: Readings) -> None:
    axis.set_title("● input, ○ output: root mean square")
    lost = [bool(each.pre.nonfinite or each.post.nonfinite) for each in readings]
    pre, post = [each.pre.rms for each in readings], [each.post.rms for each in readings]
    _logarithmic(axis, readings, lost, pre, post)


def _gradient(axis: Axes, readings: Readings) -> None:
    axis.set_title("gradient at the input: root mean square")
    found = [each.gradient for each in readings]
    if not any(found):
        _excuse(axis, "not known: there was no loss")
        return
    lost = [each is not None and each.nonfinite > 0 for each in found]
    _logarithmic(axis, readings, lost, [each.rms if each else math.nan for each in found])


def _logarithmic(axis: Axes, readings: Readings, lost: Sequence[bool], *series: Values) -> None:
    _draw(axis, readings, [[x if x > 0 else math.nan for x in values] for values in series])
    shown = [x for values in series for x in values if 0 < x < math.inf]
    axis.set_ylim(*logarithmic(shown))
    axis.set_yscale("log")
    axis.tick_params(which="both", labelleft=bool(shown))
    _mark(axis, [any(values[i] == 0 for values in series) for i in range(len(lost))], "v", INK)
    _mark(axis, lost, "X", _LOST)


def _mark(axis: Axes, where: Sequence[bool], marker: str, ink: str) -> None:
    """Signs on an edge, and below the panel what they mean."""
    places = [place for place, is_so in enumerate(where) if is_so]
    if places:
        edge, words = (0, "▼ exactly 0") if marker == "v" else (1, "✖ holds values not finite")
        axis.plot(
            places,
            [edge] * len(places),
            marker,
            color=ink,
            markersize=6,
            markeredgewidth=0,
            transform=axis.get_xaxis_transform(),
            clip_on=False,
            zorder=4,
        )
        before = axis.get_xlabel()
        told = f"{words}: {len(places)} of {len(where)} sites"
        axis.set_xlabel("; ".join(filter(None, [before, told])), fontsize=NOTE_SIZE)


def _shares(axis: Axes, readings: Readings, *series: Values) -> None:
    """Shares of 1, in percent; small ones fill the panel too."""
    known = [x for values in series for x in values if math.isfinite(x)]
    if not known:
        _excuse(axis, "not known")
        return
    _draw(axis, readings, series)
    top = max([_SMALLEST, *known])
    axis.set_ylim(-0.06 * top, 1.1 * top)
    axis.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=""))


def _correlation(axis: Axes, readings: Readings) -> None:
    axis.set_title("correlation between examples, mean")
    values = [each.correlation for each in readings]
    if not any(map(math.isfinite, values)):
        _excuse(axis, "not known: no two examples have a finite input other than 0")
        return
    _draw(axis, readings, [values])
    axis.set_ylim(min([0.0, *values]) - 0.06, 1.06)


def _rank(axis: Axes, readings: Readings) -> None:
    axis.set_title("effective rank of the outputs; dotted: units")
    values, units = [each.effective_rank for each in readings], [each.units for each in readings]
    if not any(map(math.isfinite, values)):
        _excuse(axis, "not known: fewer than 10 examples a unit, or constant outputs")
        return
    _draw(axis, readings, [values])
    axis.stairs(units, [i - 0.5 for i in range(len(units) + 1)], baseline=None, color=INK, ls=":")
    axis.set_yscale("log")
    axis.set_ylim(0.8, 1.3 * max(units))


def _draw(axis: Axes, readings: Readings, series: Sequence[Values]) -> None:
    """The first with filled dots, the second with open ones; where they meet, a ring."""
    inks = [colour(each.activation) for each in readings]
    size = max(3.0, min(6.0, 150 / len(readings)))
    for values, dashes, filled in zip(series, ("-", "--"), (True, False), strict=False):
        axis.plot(values, color=INK, linewidth=1.0, linestyle=dashes, alpha=0.45)
        axis.scatter(
            range(len(values)),
            values,
            s=(size if filled else size + _RING) ** 2,
            c=inks if filled else "white",
            edgecolors=inks,
            linewidths=1.0,
            zorder=3.1 if filled else 3,
        )


def _excuse(axis: Axes, words: str) -> None:
    """Why a panel is empty."""
    axis.text(0.5, 0.5, words, transform=axis.transAxes, ha="center", va="center", fontsize=9)
    axis.tick_params(which="both", labelleft=False)


def _keys(kinds: Sequence[str]) -> list[Line2D]:
    """The colours of the activations."""
    style: dict[str, Any] = {"linestyle": "", "marker": "o"}
    keys = [
        Line2D([], [], color=colour(kind), label=plain(kind, _LONGEST), **style)
        for kind in kinds[:_KINDS]
    ]
    more = len(kinds) - len(keys)
    return [*keys, Line2D([], [], linestyle="", label=f"and {more} more")] if more else keys
