"""The activation functions of a study, by themselves."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

import numpy as np

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.figures import colour
from actscope.pages import Chart, Part, Row, Table, curves
from actscope.study import Record

_AXIS = "activation"
_GRID = np.linspace(-5, 5, 101, dtype=np.float32)


def of_a_record(record: Record, names: Mapping[str, str]) -> dict[str, Activation]:
    """Those of a study that can be had here, by what is shown of them."""
    found: dict[str, Activation] = {}
    for name in dict.fromkeys(record.members[_AXIS].to_pylist()):
        with suppress(ActscopeError):  # a user's own need not be here any more
            found[names.get(name, name)] = activations.get(name)
    return found


def functions(found: Mapping[str, Activation]) -> Iterator[Part]:
    """Curve, gradient, formula and source of each."""
    if not found:
        return
    rows: list[Row] = []
    for shown, function in found.items():
        if function.elementwise:
            rows += _points(function, shown)
    told = [(shown, each.formula, each.source) for shown, each in found.items()]
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


def _points(function: Activation, shown: str) -> Iterator[Row]:
    for which, values in (
        ("f", function(_GRID)),
        ("f'", activations.gradient(function, _GRID)),
    ):
        for x, y in zip(_GRID.tolist(), np.asarray(values).tolist(), strict=True):
            yield {"choice": shown, "which": which, "x": x, "y": y}
