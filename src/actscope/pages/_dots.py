"""Means and differences with their intervals, a row each."""

from actscope.pages._blocks import Spec
from actscope.pages._spec import ROW, Colours, chart, down, look, tips


def intervals(colours: Colours, *, title: str, facet: str = "") -> Spec:
    """Means with their intervals, and the single values as ticks, a row a choice.

    Fields: `mean`, `low`, `high`, `n`, or `value` of a single one; `choice`.
    """
    scale = {"zero": False, "nice": True}
    across = {"type": "quantitative", "title": title, "scale": scale}
    places = down("choice")
    return chart(
        {
            "height": {"step": ROW},
            "layer": [
                {
                    "mark": {"type": "tick", "thickness": 1.5, "size": 10},
                    "encoding": {"x": {"field": "value", **across}, "y": places, **look(colours)},
                },
                {
                    "mark": {"type": "rule", "strokeWidth": 2},
                    "encoding": {
                        "x": {"field": "low", **across},
                        "x2": {"field": "high"},
                        "y": places,
                        **look(colours),
                    },
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 70},
                    "encoding": {
                        "x": {"field": "mean", **across},
                        "y": places,
                        "tooltip": tips("choice", "mean", "low", "high", "n"),
                        **look(colours),
                    },
                },
            ],
        },
        facet=facet,
    )


def differences(colours: Colours, *, title: str, relevant: float, facet: str = "") -> Spec:
    """Paired differences with their intervals beside 0, and what is too small to matter.

    Fields: `difference`, `low`, `high`, `verdict`, `choice`.
    """
    across = {"type": "quantitative", "title": title}
    places = down("choice")
    return chart(
        {
            "height": {"step": ROW},
            "layer": [
                {
                    "mark": {"type": "rect", "opacity": 0.15, "color": "#808080"},
                    "encoding": {"x": {"datum": -relevant, **across}, "x2": {"datum": relevant}},
                },
                {
                    "mark": {"type": "rule", "color": "#808080", "strokeDash": [4, 3]},
                    "encoding": {"x": {"datum": 0, **across}},
                },
                {
                    "mark": {"type": "rule", "strokeWidth": 2},
                    "encoding": {
                        "x": {"field": "low", **across},
                        "x2": {"field": "high"},
                        "y": places,
                        **look(colours),
                    },
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 70},
                    "encoding": {
                        "x": {"field": "difference", **across},
                        "y": places,
                        "tooltip": tips("choice", "difference", "low", "high", "verdict"),
                        **look(colours),
                    },
                },
            ],
        },
        facet=facet,
    )
