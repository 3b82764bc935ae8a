"""The activation functions of a study, by themselves."""

from collections.abc import Iterator, Mapping

import numpy as np

from actscope import activations
from actscope._errors import ActscopeError
from actscope.figures import colour
from actscope.pages import Chart, Part, Row, Table, curves
from actscope.study import Record

_AXIS = "activation"
_GRID = np.linspace(-5, 5, 101, dtype=np.float32)


def functions(record: Record, names: Mapping[str, str]) -> Iterator[Part]:
    """Curve, gradient, formula and source of those that can be had here."""
    rows: list[Row] = []
    told: list[tuple[str, ...]] = []
    for name in dict.fromkeys(record.members[_AXIS].to_pylist()):
        try:
            function = activations.get(name)
        except ActscopeError:
            continue  # a user's own, which need not be here any more
        shown = names.get(name, name)
        told.append((shown, function.formula, function.source))
        if function.elementwise:
            rows += _points(function, shown)
    if not told:
        return
    shades = {row[0]: colour(row[0]) for row in told}
    chart = Chart(
        name="functions",
        caption="Each function, and its derivative (dashed)",
        alternative="Curves of the activation functions and of their derivatives",
        spec=curves(shades, titles=("x", ""), columns=4),
        rows=rows,
    )
    heads = ("activation", "formula", "source")
    yield Part("The functions", "", (chart, Table("Where they are from", heads, tuple(told), 3)))


def _points(function: activations.Activation, shown: str) -> Iterator[Row]:
    for which, values in (
        ("f", function(_GRID)),
        ("f'", activations.gradient(function, _GRID)),
    ):
        for x, y in zip(_GRID.tolist(), np.asarray(values).tolist(), strict=True):
            yield {"choice": shown, "which": which, "x": x, "y": y}
