"""How output and gradient of a function are distributed for a normal input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from actscope.figures._colours import colour
from actscope.figures._grid import grid
from actscope.figures._style import GROUND, INK, NOTE_SIZE, require, sheet
from actscope.figures._text import percent, width
from actscope.theory import Atom, Distribution

_CUT = 3.0  # times the height that 90 % of the bins stay below: beyond it a pole is cut off
_SHARE = 0.9
_TOP = 1.1  # of the y axis; a density's highest bin and a probability of 1 reach 1
_LEAST = 0.05  # of a probability that is written in a small panel
_LARGE, _SMALL = 3.6, 1.8  # inches across a panel without what stands around it
_LINE = 0.09  # of a panel's height, a line of small print
_MARGIN = 0.06  # of the panel's width, on either side

_GRADIENT: dict[str, Any] = {"color": INK, "linewidth": 1.2, "linestyle": (0, (4, 2))}
_OUTPUT_STEM: dict[str, Any] = {"linewidth": 2.6, "marker": "o", "markersize": 7.5}
_GRADIENT_STEM: dict[str, Any] = {
    **_GRADIENT,
    "linestyle": (0, (2, 1.2)),
    "marker": "o",
    "markersize": 4,
    "markerfacecolor": "white",
}


@dataclass(frozen=True)
class Densities:
    """What a normal input becomes.

    Attributes:
        output: the distribution of f(z).
        gradient: that of f'(z).
        family: of the function; many functions stand by their families.
    """

    output: Distribution
    gradient: Distribution
    family: str = ""


def densities(functions: Mapping[str, Densities], *, q: float = 1.0, caption: str = "") -> Figure:
    """The density of each function's output, filled, and of its gradient, dashed.

    Both have area 1, and each is drawn to its own height; where a density has a pole it is cut
    off. A value that is taken with more than probability 0, as ReLU takes 0, stands apart as a
    stem: its height is its probability, the panel's whole height is 1.

    Args:
        functions: a label for each, such as `Activation.label`.
        q: the variance of the input, for the legend.
        caption: below the panels.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(functions, "function")
    arranged = grid({label: found.family for label, found in functions.items()})
    with sheet(*arranged.size, caption=caption) as figure:
        for label, axis in arranged.panels(figure, across="f(z), f′(z)"):
            _draw(axis, functions[label], colour(label), least=_LEAST if arranged.small else 0.0)
        figure.legend(
            handles=_keys(), loc="outside upper center", ncols=4, title=f"z ~ N(0, {q:.4g})"
        )
    return figure


def _draw(axis: Axes, found: Densities, ink: str, least: float) -> None:
    output, gradient = found.output, found.gradient
    if output.masses.any():
        heights = _scaled(output)
        axis.stairs(heights, output.edges, fill=True, color=ink, alpha=0.4)
        axis.stairs(heights, output.edges, color=ink, linewidth=1.3)
    if gradient.masses.any():
        axis.stairs(_scaled(gradient), gradient.edges, **_GRADIENT)
    _stems(axis, output, {"color": ink, **_OUTPUT_STEM})
    _stems(axis, gradient, _GRADIENT_STEM)
    axis.set_xlim(*_span(found))
    axis.set_ylim(0, _TOP)
    axis.tick_params(labelleft=False)
    named = [atom for atom in (*output.atoms, *gradient.atoms) if atom.mass >= least]
    _name(axis, named, inches=_SMALL if least else _LARGE)


def _scaled(found: Distribution) -> np.ndarray:
    """Heights of the bins, the highest 1 or, where there is a pole, more than that."""
    positive = found.heights[found.heights > 0]
    usual = _CUT * float(np.quantile(positive, _SHARE))
    return found.heights / min(float(positive.max()), usual)


def _stems(axis: Axes, found: Distribution, style: Mapping[str, Any]) -> None:
    """Values apart from the density."""
    for atom in found.atoms:
        axis.plot([atom.at, atom.at], [0, atom.mass], markevery=[1], **style)


def _name(axis: Axes, atoms: Sequence[Atom], inches: float) -> None:
    """The probability beside each stem, towards the middle, if there is room beside larger ones.

    Args:
        axis: the panel.
        atoms: the values.
        inches: the panel's width.
    """
    low, high = axis.get_xlim()
    taken: list[tuple[float, float, bool]] = []
    for atom in sorted(atoms, key=lambda atom: -atom.mass):
        at, mass, words = atom.at, atom.mass, percent(atom.mass)
        left = at <= (low + high) / 2
        apart = (width(words, NOTE_SIZE) / inches + 0.03) * (high - low)
        # Two that stand on different sides may come together from either.
        if any(
            abs(at - x) < (apart if side == left else 2.2 * apart) and abs(mass - y) < _LINE
            for x, y, side in taken
        ):
            continue
        taken.append((at, mass, left))
        axis.annotate(
            words,
            (at, mass),
            (6 if left else -6, 0),
            textcoords="offset points",
            horizontalalignment="left" if left else "right",
            verticalalignment="center",
            fontsize=NOTE_SIZE,
            bbox={"facecolor": GROUND, "edgecolor": "none", "alpha": 0.7, "pad": 0.8},
        )


def _span(found: Densities) -> tuple[float, float]:
    both = found.output, found.gradient
    ends = [end for one in both if one.masses.any() for end in one.edges[[0, -1]].tolist()]
    ends += [atom.at for one in both for atom in one.atoms]
    low, high = min(ends), max(ends)
    margin = _MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def _keys() -> list[Patch | Line2D]:
    return [
        Patch(facecolor=INK, alpha=0.4, label="output f(z)"),
        Line2D([], [], **_GRADIENT, label="gradient f′(z)"),
        Line2D([], [], color=INK, **_OUTPUT_STEM, label="an output's probability"),
        Line2D([], [], **_GRADIENT_STEM, label="a gradient's probability"),
    ]
