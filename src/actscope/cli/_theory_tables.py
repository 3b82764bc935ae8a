"""What `actscope theory` prints."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from actscope.cli._output import table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from actscope.study import Foreseen, Foresight
    from actscope.theory import Summary

_NOTHING = "–"
_ROUNDING = 1e-12
# A share of a millionth is no unit of any network.
_LEAST: dict[str, float] = dict.fromkeys(("zeros", "saturated", "dead"), 1e-6)
_LAYER_COLUMNS = {
    "second_moment": "second\nmoment",
    "post_mean": "mean\nof f",
    "zeros": "zeros",
    "saturated": "saturated",
    "dead": "dead",
    "gradient_norm": "gradient\nnorm",
}


def print_summaries(summaries: "Mapping[str, Summary]", output: "Console") -> None:
    """Moments and gains, critical points, the critical start, and usual initialisations."""
    output.print(_moments(summaries))
    output.print()
    output.print(_critical(summaries))
    for label, found in summaries.items():
        reasons: dict[str, list[str]] = {}
        for sigma_b, critical in found.critical.items():
            if not critical.points:
                reasons.setdefault(critical.reason, []).append(f"{sigma_b:g}")
        for reason, at in reasons.items():
            output.print(f"{label}, σ_b = {', '.join(at)}: none; {reason}", soft_wrap=True)
    output.print()
    output.print(_starts(summaries))
    for found in summaries.values():
        if found.start and found.start.message:
            output.print(f"note: {found.start.message}", soft_wrap=True)
    output.print()
    output.print(_usual(summaries))


def print_torch(summaries: "Mapping[str, Summary]", output: "Console") -> None:
    """PyTorch's gain of those that its table has, and why it is another one."""
    from actscope import theory

    lines = {line.name: line for line in theory.beside_torch()}
    for line in (lines[label] for label in summaries if label in lines):
        output.print(
            f"\nPyTorch's gain of {line.name} is {line.torch:.4g}. {line.explanation}",
            soft_wrap=True,
        )


def print_forecast(found: "Foresight", output: "Console") -> None:
    """Each number of each layer: expected, its scatter, and below it what was measured."""
    network = found.network
    names = [name for name in _LAYER_COLUMNS if name in found.layers[0]]
    made = table("layer", "units", "", *(_LAYER_COLUMNS[name] for name in names), words=("",))
    for number, (layer, width) in enumerate(
        zip(found.layers, network.hidden_sizes, strict=True), start=1
    ):
        made.add_row(str(number), str(width), "expected", *(_expected(layer[n], n) for n in names))
        if found.networks:
            made.add_row("", "", "measured", *(_measured(layer[n], n) for n in names))
    measured = (
        f"; measured: the average of {found.networks}, and how many standard errors it is off"
        if found.networks
        else ""
    )
    output.print(
        f"\n{network.activation.label}, {network.initialisation}: expected of a network, ± the "
        f"scatter of single ones{measured}",
        soft_wrap=True,
    )
    output.print(made)


def _moments(summaries: "Mapping[str, Summary]") -> "Table":
    made = table(
        "function", "E[f]", "E[f²]", "E[f'²]", "E[f''²]", "forward\ngain", "backward\ngain",
        "centred\ngain",
    )  # fmt: skip
    for label, found in summaries.items():
        moments = found.moments
        made.add_row(
            label,
            _number(moments.mean),
            _number(moments.second),
            _number(moments.slope_second),
            _number(moments.curvature_second),
            *(_number(found.gains[mode]) for mode in ("forward", "backward", "centred")),
        )
    return made


def _critical(summaries: "Mapping[str, Summary]") -> "Table":
    made = table("critical points", "σ_b", "σ_w", "σ_w²", "q", "χ₁", "V'", "stable")
    for label, found in summaries.items():
        for point in (point for each in found.critical.values() for point in each.points):
            made.add_row(
                label,
                f"{point.sigma_b:g}",
                _number(point.sigma_w),
                _number(point.sigma_w**2),
                "any" if point.q is None else _number(point.q),
                _number(point.chi),
                _number(point.slope),
                "yes" if point.stable else "no",
            )
    return made


def _starts(summaries: "Mapping[str, Summary]") -> "Table":
    made = table("critical start", "σ_w", "σ_b", "q")
    for label, found in summaries.items():
        start = found.start
        if start is None:
            made.add_row(label, *[_NOTHING] * 3)
            continue
        q = "any" if start.q is None else _number(start.q)
        made.add_row(label, _number(start.sigma_w), f"{start.sigma_b:g}", q)
    return made


def _usual(summaries: "Mapping[str, Summary]") -> "Table":
    columns = ("start", "q", "χ₁", "phase", "correlation", "ξ_q", "ξ_c")
    made = table("usual starts", *columns, words=("start", "phase"))
    for label, found in summaries.items():
        for name, points in found.usual.items():
            stable = [point for point in points if point.stable]
            if not stable:
                made.add_row(label, name, *[_NOTHING] * 2, "no variance stays")
            for point in stable:
                q = "any" if point.q is None else _number(point.q)
                made.add_row(
                    label, name, q, _number(point.chi), point.phase, _number(point.correlation),
                    _number(point.depth_q), _number(point.depth_c),
                )  # fmt: skip
    return made


def _expected(found: "Foreseen", name: str) -> str:
    estimate = found.estimate
    if math.isnan(estimate.expected):
        return _NOTHING
    least = _LEAST.get(name, _ROUNDING)
    return f"{_number(estimate.expected, 3, least)} ± {_number(estimate.scatter, 1, least)}"


def _measured(found: "Foreseen", name: str) -> str:
    if math.isnan(found.average):
        return _NOTHING
    off = f" ({found.deviation:+z.1f})" if math.isfinite(found.deviation) else ""
    return f"{_number(found.average, 3, _LEAST.get(name, _ROUNDING))}{off}"


def _number(value: float | None, digits: int = 4, least: float = _ROUNDING) -> str:
    if value is None or math.isnan(value):
        return _NOTHING
    return "∞" if math.isinf(value) else f"{value:.{digits}g}" if abs(value) > least else "0"
