"""How many units of each layer are dead."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from actscope._errors import ActscopeError
from actscope.figures._colours import colour, repeats
from actscope.figures._style import NOTE_SIZE, panels, require, sheet
from actscope.figures._text import plain

_GROUP = 0.84  # share of the distance between two layers that their bars take
_HATCHES = ("", "///", "...")  # a colour that comes again is told by its hatch

Layers = Sequence[tuple[int, int]]


def dead_units(networks: Mapping[str, Layers], *, examples: int, caption: str = "") -> Figure:
    """Share of dead units in each layer, the count above its bar.

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
    width = min(12, max(6, 2.5 + 0.26 * depth * (len(networks) + 0.5)))
    title = f"Dead units over {examples:,} examples"
    with sheet(width, 3.6, title=title, caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        bars = _bars(axis, networks, depth)
        figure.legend(bars, [plain(label) for label in networks], loc="outside right center")
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


def _bars(axis: Axes, networks: Mapping[str, Layers], depth: int) -> list[Patch]:
    """Bars side by side at each layer, with their counts; returns one bar of each network."""
    again = repeats(networks)
    units = [_units(networks, layer) for layer in range(depth)]
    width = _GROUP / len(networks)
    bars: list[Patch] = []
    for place, (label, layers) in enumerate(networks.items()):
        left = (place + 0.5) * width - _GROUP / 2
        drawn = axis.bar(
            [layer + left for layer in range(len(layers))],
            [dead / of for dead, of in layers],
            width=width,
            color=colour(label),
            edgecolor="white",
            hatch=_HATCHES[again[label] % len(_HATCHES)],
        )
        counts = [
            f"{dead}" if units[layer] else f"{dead}\n/{of}"
            for layer, (dead, of) in enumerate(layers)
        ]
        axis.bar_label(drawn, counts, fontsize=NOTE_SIZE, padding=1.5)
        bars.append(drawn.patches[0])
    axis.set_xticks(
        range(depth),
        [f"{i}\n{of}" if of else f"{i}" for i, of in enumerate(units, 1)],
    )
    return bars


def _units(networks: Mapping[str, Layers], layer: int) -> int | None:
    """Width of a layer; None where the networks differ in it."""
    found = {layers[layer][1] for layers in networks.values() if layer < len(layers)}
    return found.pop() if len(found) == 1 else None
