"""Lines, tables of colours, curves and histograms."""

from collections.abc import Mapping, Sequence
from typing import Any

from actscope.pages._blocks import Spec
from actscope.pages._spec import CHOSEN, WIDTH, Colours, chart, down, faded, look, tips

_NARROW = 40  # pixels of a histogram at least
_LABELS = 12  # below a narrow chart


def bands(
    colours: Colours,
    *,
    x: str,
    titles: tuple[str, str],
    steps: Sequence[int] = (),
    facet: str = "",
    log: bool = False,
) -> Spec:
    """Lines of means with the band of their interval.

    Fields: `x`, `mean`, `low`, `high`, `n`, `choice`.

    Args:
        colours: of the choices.
        x: field from left to right.
        titles: of both axes.
        steps: the values of `x`, which are labelled if they are few.
        facet: field of which each value has a chart of its own.
        log: whether the scale upward is logarithmic.
    """
    axis = {"values": list(steps), "format": "d"} if len(steps) <= _LABELS else {"format": "d"}
    across = {
        "field": x,
        "type": "quantitative",
        "title": titles[0],
        "axis": axis,
        "scale": {"zero": False, "nice": False},
    }
    scale = {"type": "log"} if log else {"zero": False}
    up: dict[str, Any] = {"type": "quantitative", "title": titles[1], "scale": scale}
    if log:
        up["axis"] = {"format": "~e", "tickCount": 5}
    layers = [_band(colours, across, up), _line(colours, across, up)]
    return chart({"height": 220, "layer": layers}, facet=facet, columns=2)


def _band(colours: Colours, across: Mapping[str, Any], up: Mapping[str, Any]) -> dict[str, Any]:
    places = {"x": across, "y": {"field": "low", **up}, "y2": {"field": "high"}}
    return {
        "mark": {"type": "area", "clip": True},
        "encoding": {**places, **look(colours), "opacity": faded(0.18, 0.03)},
    }


def _line(colours: Colours, across: Mapping[str, Any], up: Mapping[str, Any]) -> dict[str, Any]:
    told = tips("choice", across["field"], "mean", "low", "high", "n")
    places = {"x": across, "y": {"field": "mean", **up}, "tooltip": told}
    return {
        "mark": {"type": "line", "point": {"size": 18}, "clip": True},
        "encoding": {**places, **look(colours)},
    }


def heat(*, x: str, title: str) -> Spec:
    """A table of means as colours, with the numbers in it.

    Fields: `level` and `choice`, `mean`, `shown` the number in words, `light` whether its colour is
    light.

    Args:
        x: what the levels are of.
        title: of the means.
    """
    places = {
        "x": {**down("level"), "title": x, "axis": {"labelAngle": 0}},
        "y": down("choice"),
    }
    return chart(
        {
            "height": {"step": 28},
            "encoding": places,
            "layer": [
                {
                    "mark": "rect",
                    "encoding": {
                        "color": {
                            "field": "mean",
                            "type": "quantitative",
                            "title": title,
                            "scale": {"scheme": "viridis"},
                        }
                    },
                },
                {
                    "mark": {"type": "text"},
                    "encoding": {
                        "text": {"field": "shown"},
                        "color": {
                            "condition": {"test": "datum.light", "value": "#000"},
                            "value": "#fff",
                        },
                    },
                },
            ],
        }
    )


def curves(colours: Colours, *, titles: tuple[str, str], columns: int = 4) -> Spec:
    """A function and its derivative (dashed) for each choice.

    Fields: `x`, `y`, `which`, `choice`.
    """
    return chart(
        {
            "width": 130,
            "height": 110,
            "mark": {"type": "line", "clip": True},
            "encoding": {
                "x": {"field": "x", "type": "quantitative", "title": titles[0]},
                "y": {"field": "y", "type": "quantitative", "title": titles[1]},
                "strokeDash": {
                    "field": "which",
                    "type": "nominal",
                    "title": None,
                    "legend": {"orient": "top"},
                },
                **look(colours),
            },
        },
        facet="choice",
        columns=columns,
    )


def histograms(colours: Colours, *, column: str, sort: Sequence[str]) -> Spec:
    """Histograms, a row a choice and a column each; those of the slider's epoch.

    Fields: `low` and `high`, the ends of equal bins, `counts` in them, `epoch`, `choice`, and that
    of the columns.
    """
    width = "(datum.high - datum.low) / length(datum.counts)"
    across = {"type": "quantitative", "title": None, "scale": {"zero": False}}
    return {
        "params": [CHOSEN],
        "transform": [
            {"filter": "datum.epoch == epoch"},
            {"calculate": width, "as": "width"},
            {"calculate": "sequence(length(datum.counts))", "as": "bin"},
            {"flatten": ["bin", "counts"]},
            {"calculate": "datum.low + datum.bin * datum.width", "as": "left"},
            {"calculate": "datum.left + datum.width", "as": "right"},
        ],
        "facet": {
            "row": {
                **down("choice"),
                "header": {"labelAngle": 0, "labelAlign": "left"},
            },
            "column": {**down(column), "sort": list(sort)},
        },
        "spec": {
            "width": max(_NARROW, (WIDTH - 20) // len(sort) - 6),
            "height": 44,
            "mark": {"type": "rect"},
            "encoding": {
                "x": {
                    "field": "left",
                    "axis": {"tickCount": 2, "labelFontSize": 8, "labelOverlap": True},
                    **across,
                },
                "x2": {"field": "right"},
                "y": {"field": "counts", "type": "quantitative", "title": None, "axis": None},
                "y2": {"datum": 0},
                **look(colours),
            },
        },
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "spacing": 6,
    }
