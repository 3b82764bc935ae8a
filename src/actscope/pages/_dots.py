"""Means and differences with their intervals, a row a choice."""

from collections.abc import Mapping
from typing import Any

from actscope.pages._blocks import Spec
from actscope.pages._spec import ROW, Colours, chart, down, look, tips

_GREY = "#808080"
_INK = "#5a6b8c"  # is seen on light and on dark


def intervals(colours: Colours, *, title: str, facet: str = "") -> Spec:
    """Means with their intervals, and the single values as ticks.

    Fields: `mean`, `low`, `high`, `n`, or `value` of a single one; `choice`.
    """
    across = {"type": "quantitative", "title": title, "scale": {"zero": False}}
    places = {"x": {"field": "value", **across}, "y": down("choice")}
    ticks = {
        "mark": {"type": "tick", "thickness": 1.5, "size": 10},
        "encoding": {**places, **look(colours)},
    }
    layers = [ticks, *_estimates(colours, "mean", across, "n")]
    return chart({"height": {"step": ROW}, "layer": layers}, facet=facet)


def differences(colours: Colours, *, title: str, relevant: float, facet: str = "") -> Spec:
    """Paired differences with their intervals beside 0, and what is too small to matter.

    Fields: `difference`, `low`, `high`, `verdict`, `choice`.
    """
    across = {"type": "quantitative", "title": title}
    small = {
        "mark": {"type": "rect", "opacity": 0.15, "color": _GREY},
        "encoding": {"x": {"datum": -relevant, **across}, "x2": {"datum": relevant}},
    }
    none = {
        "mark": {"type": "rule", "color": _GREY, "strokeDash": [4, 3]},
        "encoding": {"x": {"datum": 0, **across}},
    }
    layers = [small, none, *_estimates(colours, "difference", across, "verdict")]
    return chart({"height": {"step": ROW}, "layer": layers}, facet=facet)


def shares(*, title: str) -> Spec:
    """Bars from 0 with their intervals, one a name.

    Fields: `name`, `mean`, `low`, `high`, `n`.
    """
    across = {"type": "quantitative", "title": title}
    told = {"tooltip": tips("name", "mean", "low", "high", "n")}
    bar = {"x": {"field": "mean", **across}, "y": down("name"), **told}
    ends = {"x": {"field": "low", **across}, "x2": {"field": "high"}, "y": down("name")}
    layers = [
        {"mark": {"type": "bar", "color": _GREY, "opacity": 0.6, "height": 12}, "encoding": bar},
        {"mark": {"type": "rule", "strokeWidth": 2, "color": _INK}, "encoding": ends},
    ]
    return chart({"height": {"step": ROW}, "layer": layers})


def _estimates(
    colours: Colours, field: str, across: Mapping[str, Any], more: str
) -> list[dict[str, Any]]:
    """A dot, and the line of its interval."""
    ends = {"x": {"field": "low", **across}, "x2": {"field": "high"}, "y": down("choice")}
    dots = {"x": {"field": field, **across}, "y": down("choice")}
    told = {"tooltip": tips("choice", field, "low", "high", more)}
    return [
        {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": {**ends, **look(colours)}},
        {
            "mark": {"type": "point", "filled": True, "size": 70},
            "encoding": {**dots, **told, **look(colours)},
        },
    ]
