"""Several activation functions in one set of axes, with their derivatives beside them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from actscope.activations import Curve
from actscope.figures._colours import DASHES, colour, repeats
from actscope.figures._reach import limits, tight_limits
from actscope.figures._style import note, panels, require, sheet
from actscope.figures._text import plain

_PANEL = 3.7  # inches across
_HEIGHT = 3.5
_LEGEND = 1.7  # inches across a column of the legend
_LEGEND_ROWS = 14
_NAMED = 3  # functions in a remark; of more, how many


def overlay(functions: Mapping[str, Curve], *, caption: str = "") -> Figure:
    """Functions in one panel, their gradients in the next, second derivatives in the third.

    Colour and dashes are the same in all three. The axes reach as far as the values, but for a
    pole. Values that are not finite leave a gap; whose these are, and which program has no second
    derivative, is written in the panel.

    Args:
        functions: a label for each, such as its `activation.label`.
        caption: below the panels.

    Raises:
        ActscopeError: there is nothing to draw.
    """
    require(functions, "function")
    columns = -(-len(functions) // _LEGEND_ROWS)
    styles: dict[str, dict[str, Any]] = {
        label: {"color": colour(label), "linestyle": DASHES[turn % len(DASHES)]}
        for label, turn in repeats(functions).items()
    }
    with sheet(3 * _PANEL + columns * _LEGEND, _HEIGHT, caption=caption) as figure:
        axes = panels(figure, 3, 3)
        for axis, (title, drawn) in zip(axes, _derivatives(functions).items(), strict=True):
            for label, values in drawn.items():
                axis.plot(functions[label].x, values, **styles[label])
            _limit(axis, functions, drawn, tight=title != "function")
            _remark(axis, drawn, [label for label in functions if label not in drawn])
            axis.set_title(title)
            axis.set_xlabel("x")
        lines, names = axes[0].lines, [plain(label) for label in functions]
        figure.legend(lines, names, loc="outside right center", ncols=columns)
    return figure


def _derivatives(functions: Mapping[str, Curve]) -> dict[str, dict[str, np.ndarray]]:
    """What each panel has, by its title: values of each function."""
    return {
        "function": {label: _float64(curve.y) for label, curve in functions.items()},
        "gradient": {label: _float64(curve.gradient) for label, curve in functions.items()},
        "second derivative": {
            label: _float64(curve.curvature)
            for label, curve in functions.items()
            if curve.curvature is not None
        },
    }


def _float64(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float64)


def _limit(
    axis: Axes, functions: Mapping[str, Curve], drawn: Mapping[str, np.ndarray], *, tight: bool
) -> None:
    x = _float64(np.concatenate([curve.x for curve in functions.values()]))
    low, high = float(x.min()), float(x.max())
    margin = 0.05 * (high - low) or 1.0
    axis.set_xlim(low - margin, high + margin)
    values = np.concatenate([[], *drawn.values()])
    axis.set_ylim(*(tight_limits(values) if tight else limits(np.array([high]), values)))


def _remark(axis: Axes, drawn: Mapping[str, np.ndarray], lacking: list[str]) -> None:
    """Small print on what no line shows."""
    broken = [label for label, values in drawn.items() if not np.isfinite(values).all()]
    remarks = {"not everywhere finite": broken, "none": lacking}
    lines = [f"{words}: {_named(labels)}" for words, labels in remarks.items() if labels]
    if lines:
        note(axis, lines)


def _named(labels: list[str]) -> str:
    rest = len(labels) - _NAMED
    names = ", ".join(plain(label, 20) for label in labels[:_NAMED])
    return f"{names} and {rest} more" if rest > 0 else names
