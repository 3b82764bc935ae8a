"""What becomes of signal and gradient from layer to layer, as theory has it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from actscope._errors import ActscopeError
from actscope.figures._colours import DASHES, colour, repeats
from actscope.figures._reach import logarithmic
from actscope.figures._style import beside, panels, require, sheet
from actscope.figures._text import plain

_PANEL = 4.2  # inches across
_HEIGHT = 3.6
_NAMED = 3  # networks below a panel; of more, how many
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
    names = [plain(label) for label in networks]
    columns, legend = beside(names, _HEIGHT)
    with sheet(2 * _PANEL + legend, _HEIGHT, caption=caption) as figure:
        signal, gradient = panels(figure, 2, 2)
        _draw(signal, {label: found.second_moment for label, found in networks.items()})
        _draw(gradient, {label: found.gradient_norm for label, found in networks.items()})
        signal.set_title("second moment of the pre-activations")
        gradient.set_title("gradient norm, relative to the last layer")
        figure.legend(signal.lines, names, loc="outside right center", ncols=columns)
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
        shown += found
        if missing := sum(map(math.isnan, found)):
            lost.append(f"{plain(label, 24)}: {missing} of {len(found)} layers")
    axis.set_ylim(*logarithmic(shown))  # before the scale, which would look for limits itself
    axis.set_yscale("log")
    if len(lost) > _NAMED:
        lost[_NAMED:] = [f"and {len(lost) - _NAMED} networks more"]
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel("\n".join(["layer", *(["0 or not finite:", *lost] if lost else [])]))
