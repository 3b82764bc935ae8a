"""An activation function and its gradient, side by side for all of a table."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from actscope.activations import Curve
from actscope.figures._colours import colour
from actscope.figures._style import INK, note, panels, require, sheet
from actscope.figures._text import plain

_LOWEST = -1.5  # of the y axis, as in the tutorial
_FLATTEST = 5.0  # a function that fills less than the fifth part of the axis gets one of its own
_TALLEST = 3.0  # spread of all values over that of the middle 96 %: beyond it is a pole
_LARGEST = 1e100  # larger values count as this, so that no difference of two overflows

_GRADIENT: dict[str, Any] = {"color": INK, "linewidth": 1.3, "linestyle": (0, (4, 2))}
_KINK: dict[str, Any] = {"color": INK, "linewidth": 0.8, "linestyle": ":", "alpha": 0.5}


def curves(functions: Mapping[str, Curve], *, caption: str = "") -> Figure:
    """Each function in its colour with its gradient dashed, two panels a row.

    The y axis reaches from -1.5 to the largest x, as in the tutorial, further where the function
    or its gradient does, and less far where that would flatten them; only near a pole are they
    cut off. Values that are not finite
    leave a gap, and are counted in the panel.

    Args:
        functions: a label for each, such as its `activation.label`.
        caption: below the panels.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(functions, "function")
    columns = min(2, len(functions))
    rows = -(-len(functions) // columns)
    with sheet(4.2 * columns, 2.7 * rows + 0.4, caption=caption) as figure:
        for axis, label in zip(panels(figure, len(functions), columns), functions, strict=True):
            _draw(axis, label, functions[label])
        kinked = any(curve.facts.kinks for curve in functions.values())
        figure.legend(handles=_keys(kinked), loc="outside upper center", ncols=3)
    return figure


def _draw(axis: Axes, label: str, curve: Curve) -> None:
    x, y, gradient = (np.asarray(a, np.float64) for a in (curve.x, curve.y, curve.gradient))
    for kink in curve.facts.kinks:
        if x[0] <= kink <= x[-1]:
            axis.axvline(kink, **_KINK)
    axis.plot(x, y, color=colour(label))
    axis.plot(x, gradient, **_GRADIENT)
    margin = 0.05 * (x[-1] - x[0]) or 1.0
    axis.set_xlim(x[0] - margin, x[-1] + margin)
    axis.set_ylim(*_limits(x, np.concatenate([y, gradient])))
    axis.set_title(plain(label))
    axis.set_xlabel("x")
    lost = int((~np.isfinite(y)).sum()), int((~np.isfinite(gradient)).sum())
    if any(lost):
        note(
            axis,
            [
                f"of {len(x):,} points not finite:",
                f"function {lost[0]:,}, gradient {lost[1]:,}",
            ],
        )


def _keys(kinked: bool) -> list[Line2D]:
    """What the lines mean, in all panels alike."""
    keys = [
        Line2D([], [], color=INK, label="function"),
        Line2D([], [], **_GRADIENT, label="gradient"),
    ]
    return [*keys, Line2D([], [], **_KINK, label="kink")] if kinked else keys


def _limits(x: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Where the y axis begins and ends."""
    right = float(x[-1])
    low, high = _extent(values, usual=max(right, 1.0) - _LOWEST)
    room = 0.05 * (high - low)
    height = max(high, 1.0)
    return (
        _LOWEST if low >= _LOWEST else low - room,
        right if height <= right <= _FLATTEST * height else height + room,
    )


def _extent(values: np.ndarray, usual: float) -> tuple[float, float]:
    """The smallest and the largest finite value; with a pole, what lies well beside it."""
    finite = np.clip(values[np.isfinite(values)], -_LARGEST, _LARGEST)
    if not len(finite):
        return 0.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    left, right = np.percentile(finite, [2, 98]).tolist()
    if high - low > _TALLEST * max(right - left, usual):
        beyond = max(right - left, usual) / 2
        return max(low, left - beyond), min(high, right + beyond)
    return low, high
