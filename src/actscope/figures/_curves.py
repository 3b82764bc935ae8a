"""An activation function and its derivatives, side by side for all of a table."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from actscope.activations import Curve
from actscope.figures._colours import colour
from actscope.figures._grid import grid
from actscope.figures._reach import limits
from actscope.figures._style import INK, note, require, sheet

_GRADIENT: dict[str, Any] = {"color": INK, "linewidth": 1.3, "linestyle": (0, (4, 2))}
_SECOND: dict[str, Any] = {"color": INK, "linewidth": 1.4, "linestyle": ":"}
_KINK: dict[str, Any] = {"color": INK, "linewidth": 0.8, "linestyle": ":", "alpha": 0.5}


def curves(
    functions: Mapping[str, Curve], *, second_derivative: bool = False, caption: str = ""
) -> Figure:
    """Each function in its colour with its gradient dashed.

    Up to six stand two a row, as in the tutorial. More are small, six a row, and each family
    stands under its name.

    The y axis reaches from -1.5 to the largest x, as in the tutorial, further where the function
    or its derivatives do, and less far where that would flatten them; only near a pole are they
    cut off. Values that are not finite leave a gap, and are counted in the panel.

    Args:
        functions: a label for each, such as its `activation.label`.
        second_derivative: draw it too, dotted; a panel says where a program has none. At a kink
            nothing of the gradient's jump is in it.
        caption: below the panels.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(functions, "function")
    arranged = grid({label: curve.activation.family for label, curve in functions.items()})
    with sheet(*arranged.size, caption=caption) as figure:
        for label, axis in arranged.panels(figure):
            curve = functions[label]
            drawn = _lines(curve, second_derivative)
            _draw(axis, label, curve, drawn)
            _remark(axis, drawn, lacking=second_derivative and curve.curvature is None)
        kinked = any(curve.facts.kinks for curve in functions.values())
        keys = _keys(kinked, second_derivative)
        figure.legend(handles=keys, loc="outside upper center", ncols=len(keys))
    return figure


def _lines(curve: Curve, second_derivative: bool) -> dict[str, np.ndarray]:
    """What is drawn over x, by its name."""
    found = {"function": curve.y, "gradient": curve.gradient}
    if second_derivative and curve.curvature is not None:
        found["second derivative"] = curve.curvature
    return {name: np.asarray(values, np.float64) for name, values in found.items()}


def _draw(axis: Axes, label: str, curve: Curve, drawn: Mapping[str, np.ndarray]) -> None:
    x = np.asarray(curve.x, np.float64)
    for kink in curve.facts.kinks:
        if x[0] <= kink <= x[-1]:
            axis.axvline(kink, **_KINK)
    styles: list[dict[str, Any]] = [{"color": colour(label)}, _GRADIENT, _SECOND]
    for values, style in zip(drawn.values(), styles, strict=False):
        axis.plot(x, values, **style)
    margin = 0.05 * (x[-1] - x[0]) or 1.0
    axis.set_xlim(x[0] - margin, x[-1] + margin)
    axis.set_ylim(*limits(x, np.concatenate([*drawn.values()])))


def _remark(axis: Axes, drawn: Mapping[str, np.ndarray], *, lacking: bool) -> None:
    """Small print on what no line shows."""
    lost = {name: int((~np.isfinite(values)).sum()) for name, values in drawn.items()}
    lines: list[str] = []
    if any(lost.values()):
        points = len(drawn["function"])
        counts = ", ".join(f"{name} {count:,}" for name, count in lost.items())
        lines = [f"of {points:,} points not finite:", counts]
    if lacking:
        lines.append("no second derivative")
    if lines:
        note(axis, lines)


def _keys(kinked: bool, second_derivative: bool) -> list[Line2D]:
    """What the lines mean, in all panels alike."""
    keys = [
        Line2D([], [], color=INK, label="function"),
        Line2D([], [], **_GRADIENT, label="gradient"),
    ]
    if second_derivative:
        keys.append(Line2D([], [], **_SECOND, label="second derivative"))
    return [*keys, Line2D([], [], **_KINK, label="kink")] if kinked else keys
