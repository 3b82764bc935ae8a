"""How many units of each layer are dead."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from actscope._errors import ActscopeError
from actscope.figures._colours import colour, repeats
from actscope.figures._style import LABEL_SIZE, NOTE_SIZE, beside, panels, require, sheet
from actscope.figures._text import POINTS, plain, width

_HEIGHT = 3.6  # inches
_PANEL = 3.6, 10.0  # inches across it, at least and at most
_BAR = 0.26  # inches across a bar, if there are few
_GROUP = 0.84  # share of the distance between two layers that their bars take
_SPACED = 1.25  # from one line to the next, in sizes of the type
_HATCHES = ("", "///", "...")  # a colour that comes again is told by its hatch

Layers = Sequence[tuple[int, int]]


def dead_units(networks: Mapping[str, Layers], *, examples: int, caption: str = "") -> Figure:
    """Share of dead units in each layer, the count above its bar.

    Counts stand upright over bars that are narrow, and are left out where a line of them is wider
    than a bar; of many layers some bear their numbers.

    Args:
        networks: for each label the layers' `(dead, units)`, from the input on.
        examples: number of examples over which the units were examined.
        caption: below the panel.

    Raises:
        ActscopeError: there is nothing to draw, or a layer has more dead units than units.
    """
    require(networks, "network")
    for label, layers in networks.items():
        _check(label, layers)
    depth = max(len(layers) for layers in networks.values())
    names = [plain(label) for label in networks]
    columns, legend = beside(names, _HEIGHT)
    across = float(np.clip(_BAR * depth * (len(networks) + 0.5), *_PANEL))
    title = f"Dead units over {examples:,} examples"
    with sheet(across + legend + 0.7, _HEIGHT, title=title, caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        bars = _bars(axis, networks, across / depth)
        _layers(axis, networks, across / depth)
        figure.legend(bars, names, loc="outside right center", ncols=columns)
        axis.set_xlabel("layer, and its units")
        axis.set_ylabel("dead units (%)")
        axis.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=""))
        axis.grid(visible=False, axis="x")
        axis.set_ylim(0, max(0.05, 1.15 * axis.dataLim.y1))
    return figure


def _check(label: str, layers: Layers) -> None:
    if not layers:
        raise ActscopeError(f"{label} without a layer", expected="at least one")
    for number, (dead, units) in enumerate(layers, 1):
        if not 0 <= dead <= units or not units:
            raise ActscopeError(
                f"{label}, layer {number}: {dead} dead of {units} units",
                expected="at least one unit, and no more dead than there are",
            )


def _bars(axis: Axes, networks: Mapping[str, Layers], room: float) -> list[Patch]:
    """Bars side by side at each layer, with their counts; returns one bar of each network.

    Args:
        axis: the panel.
        networks: as of `dead_units`.
        room: inches from one layer to the next.
    """
    again = repeats(networks)
    share = _GROUP / len(networks)
    counts = {
        label: [
            f"{dead}" if _units(networks, layer) else f"{dead}\n/{of}"
            for layer, (dead, of) in enumerate(layers)
        ]
        for label, layers in networks.items()
    }
    turned = _turned(counts, share * room)
    bars: list[Patch] = []
    for place, (label, layers) in enumerate(networks.items()):
        left = (place + 0.5) * share - _GROUP / 2
        drawn = axis.bar(
            [layer + left for layer in range(len(layers))],
            [dead / of for dead, of in layers],
            width=share,
            color=colour(label),
            edgecolor="white",
            hatch=_HATCHES[again[label] % len(_HATCHES)],
        )
        if turned is not None:
            words, size = counts[label], NOTE_SIZE
            axis.bar_label(drawn, words, fontsize=size, padding=1.5, rotation=turned)
        bars.append(drawn.patches[0])
    return bars


def _turned(counts: Mapping[str, Sequence[str]], room: float) -> int | None:
    """Degrees by which the counts are turned to fit over bars; None where they do not fit."""
    lines = [words.split("\n") for found in counts.values() for words in found]
    if max(width(line, NOTE_SIZE) for words in lines for line in words) < room:
        return 0
    return 90 if max(map(len, lines)) * _SPACED * NOTE_SIZE / POINTS < room else None


def _layers(axis: Axes, networks: Mapping[str, Layers], room: float) -> None:
    """Number and units of each layer below it, or of some if there is no room for all."""
    depth = max(len(layers) for layers in networks.values())
    units = [_units(networks, layer) for layer in range(depth)]
    names = [f"{i}\n{of}" if of else f"{i}" for i, of in enumerate(units, 1)]
    widest = max(width(line, LABEL_SIZE) for name in names for line in name.split("\n"))
    every = math.ceil(1.2 * widest / room)
    axis.set_xticks(range(0, depth, every), names[::every])
    axis.set_xlim(-0.5, depth - 0.5)


def _units(networks: Mapping[str, Layers], layer: int) -> int | None:
    """Width of a layer; None where the networks differ in it."""
    found = {layers[layer][1] for layers in networks.values() if layer < len(layers)}
    return found.pop() if len(found) == 1 else None
