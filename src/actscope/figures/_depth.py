"""What becomes of signal and gradient from layer to layer, as theory has it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from actscope._errors import ActscopeError
from actscope.figures._colours import DASHES, colour, repeats
from actscope.figures._style import panels, require, sheet
from actscope.figures._text import plain

_PANEL = 4.2  # inches across
_HEIGHT = 3.6
_LEGEND = 2.0
_LEVEL = 2.0  # an axis reaches beyond the largest by this factor, or
_MARGIN = 0.05  # by this share of its decades
_MARKED = 12  # layers; of more, dots would hide the dashes


@dataclass(frozen=True)
class Passage:
    """Two quantities of each layer of one network.

    Attributes:
        second_moment: of the pre-activations, from the input on.
        gradient_norm: of each layer's parameters relative to the last layer's, or any other that
            all networks of the figure have alike.

    Raises:
        ActscopeError: there is no layer, or not as many of each.
    """

    second_moment: tuple[float, ...]
    gradient_norm: tuple[float, ...]

    def __post_init__(self):
        if not self.second_moment or len(self.second_moment) != len(self.gradient_norm):
            raise ActscopeError(
                f"{len(self.second_moment)} second moments and {len(self.gradient_norm)} norms",
                expected="as many of each, at least one",
            )


def through_depth(networks: Mapping[str, Passage], *, caption: str = "") -> Figure:
    """Second moment and gradient norm of each layer on logarithmic axes.

    A straight line that falls is a signal that dies exponentially, a level one is critical. What
    is 0 or not finite has no place on such an axis: the line ends, and whose it is stands below.

    Args:
        networks: a label for each, such as "tanh" or "tanh, critical": what stands after a comma
            tells networks of one activation apart, by their dashes.
        caption: below the panels.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(networks, "network")
    with sheet(2 * _PANEL + _LEGEND, _HEIGHT, caption=caption) as figure:
        signal, gradient = panels(figure, 2, 2)
        _draw(signal, {label: found.second_moment for label, found in networks.items()})
        _draw(gradient, {label: found.gradient_norm for label, found in networks.items()})
        signal.set_title("second moment of the pre-activations")
        gradient.set_title("gradient norm, relative to the last layer")
        names = [plain(label) for label in networks]
        figure.legend(signal.lines, names, loc="outside right center")
    return figure


def _draw(axis: Axes, networks: Mapping[str, Sequence[float]]) -> None:
    lost: list[str] = []
    shown: list[float] = []
    for label, turn in repeats(networks).items():
        layers, values = range(1, len(networks[label]) + 1), networks[label]
        found = [value if 0 < value < math.inf else math.nan for value in values]
        axis.plot(
            layers,
            found,
            color=colour(label),
            linestyle=DASHES[turn % len(DASHES)],
            marker="o" if len(found) <= _MARKED else "",
            markersize=3,
        )
        kept = [value for value in found if not math.isnan(value)]
        shown += kept
        if len(kept) < len(found):
            lost.append(f"{plain(label, 24)}: {len(found) - len(kept)} of {len(found)} layers")
    axis.set_yscale("log")
    low, high = min(shown, default=1.0), max(shown, default=1.0)
    margin = max(_LEVEL, (high / low) ** _MARGIN)
    axis.set_ylim(low / margin, high * margin)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel("\n".join(["layer", *(["0 or not finite:", *lost] if lost else [])]))
