"""Where signals of a deep network are ordered and where chaotic, and the line between."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from actscope._errors import ActscopeError
from actscope.figures._colours import colour
from actscope.figures._style import panels, sheet
from actscope.figures._text import plain

_SIZE = (6.4, 4.4)  # inches
_LETTERS = 44  # a line of the reason
_LONGEST = 8 * _LETTERS  # of the whole of it
_ORDERED = "#C9D7EA"
_CHAOTIC = "#F0CDBF"
_NOWHERE = "#D4D4D8"
# In a file of lines the cells are one picture: as thousands of squares it would be megabytes.
_SHADE: dict[str, Any] = {"antialiased": False, "zorder": 0.5, "rasterized": True}


@dataclass(frozen=True)
class CriticalLine:
    """A stretch of the critical line, or a single point of it.

    Attributes:
        sigma_b: standard deviation of the biases, in the order of the line.
        sigma_w: √fan_in times that of the weights.
        stable: whether signals that start beside its second moment come back to it.

    Raises:
        ActscopeError: not as many of each, or none.
    """

    sigma_b: tuple[float, ...]
    sigma_w: tuple[float, ...]
    stable: bool = True

    def __post_init__(self):
        if not self.sigma_b or len(self.sigma_b) != len(self.sigma_w):
            raise ActscopeError(
                f"{len(self.sigma_b)} sigma_b and {len(self.sigma_w)} sigma_w",
                expected="as many of each, at least one",
            )


@dataclass(frozen=True, eq=False)
class Phases:
    """χ₁ over a grid: below 1 two signals become one (ordered), above 1 they part (chaotic).

    Attributes:
        sigma_b: of the columns, ascending.
        sigma_w: of the rows, ascending.
        chi: χ₁ at the second moment that signals settle at; NaN where they settle nowhere.

    Raises:
        ActscopeError: `chi` has no row for each sigma_w or no column for each sigma_b.
    """

    sigma_b: Float[np.ndarray, " columns"]
    sigma_w: Float[np.ndarray, " rows"]
    chi: np.ndarray

    def __post_init__(self):
        shape = len(self.sigma_w), len(self.sigma_b)
        if self.chi.shape != shape or min(shape) < 2:
            raise ActscopeError(
                f"chi of shape {self.chi.shape} for {shape[0]} sigma_w and {shape[1]} sigma_b",
                expected="a row for each sigma_w and a column for each sigma_b, two at least",
            )


def phase_diagram(
    label: str,
    phases: Phases,
    critical: Sequence[CriticalLine] = (),
    *,
    reason: str = "",
    caption: str = "",
) -> Figure:
    """The ordered and the chaotic region of one activation, and its critical line.

    Where the line is stable it is solid, where not, dashed; a single point is a dot.

    Args:
        label: the activation's, in the title and for the line's colour.
        phases: what to shade.
        critical: the parts of the line.
        reason: why there is no critical line; stands in the panel where there is none.
        caption: below the panel.
    """
    with sheet(*_SIZE, caption=caption) as figure:
        (axis,) = panels(figure, 1, 1)
        shades = _shade(axis, phases)
        for line in critical:
            _draw(axis, line, colour(label))
        if not critical:
            _excuse(axis, reason)
        axis.set_title(plain(label))
        axis.set_xlabel(r"$\sigma_b$, standard deviation of the biases")
        axis.set_ylabel(r"$\sigma_w$, that of the weights times √fan_in")
        axis.set_xlim(*_beyond(phases.sigma_b))
        axis.set_ylim(*_beyond(phases.sigma_w))
        keys = [*shades, *_keys(critical, colour(label))]
        figure.legend(handles=keys, loc="outside right center")
    return figure


def _beyond(values: np.ndarray) -> tuple[float, float]:
    """The grid's ends, and half a cell beyond: a point on the edge is not cut in two."""
    steps = float(values[1] - values[0]), float(values[-1] - values[-2])
    return float(values[0]) - steps[0] / 2, float(values[-1]) + steps[1] / 2


def _shade(axis: Axes, phases: Phases) -> list[Patch]:
    """Colour each cell by its phase; what the colours mean, as far as they occur."""
    kinds = {
        "ordered: χ₁ < 1": (_ORDERED, phases.chi <= 1),
        "chaotic: χ₁ > 1": (_CHAOTIC, phases.chi > 1),
        "second moment unbounded": (_NOWHERE, np.isnan(phases.chi)),
    }
    keys: list[Patch] = []
    for words, (fill, where) in kinds.items():
        if where.any():
            shown = np.ma.masked_array(np.ones(where.shape), ~where)
            axis.pcolormesh(
                phases.sigma_b, phases.sigma_w, shown, cmap=ListedColormap([fill]), **_SHADE
            )
            keys.append(Patch(facecolor=fill, label=words))
    return keys


def _draw(axis: Axes, line: CriticalLine, ink: str) -> None:
    if len(line.sigma_b) == 1:
        fill = ink if line.stable else "white"
        axis.plot(line.sigma_b, line.sigma_w, "o", color=ink, markerfacecolor=fill, ms=8, zorder=4)
    else:
        axis.plot(
            line.sigma_b, line.sigma_w, color=ink, linewidth=2.4, linestyle=_dash(line.stable)
        )


def _dash(stable: bool) -> Any:
    return "-" if stable else (0, (3, 1.6))


def _excuse(axis: Axes, reason: str) -> None:
    words = f"no critical line: {reason}" if reason else "no critical line"
    axis.text(
        0.5,
        0.5,
        "\n".join(wrap(plain(words, _LONGEST), _LETTERS)),
        transform=axis.transAxes,
        horizontalalignment="center",
        verticalalignment="center",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 6},
    )


def _keys(critical: Sequence[CriticalLine], ink: str) -> list[Line2D]:
    """What lines and dots mean, as far as they occur."""
    keys: dict[str, Line2D] = {}
    for line in critical:
        words = f"critical, {'stable' if line.stable else 'unstable'}"
        style: dict[str, Any] = {"color": ink, "linestyle": _dash(line.stable)}
        if len(line.sigma_b) == 1:
            words = f"{words}: a point"
            fill = ink if line.stable else "white"
            style |= {"linestyle": "", "marker": "o", "markerfacecolor": fill}
        keys[words] = Line2D([], [], **style, label=words)
    return [*keys.values()]
