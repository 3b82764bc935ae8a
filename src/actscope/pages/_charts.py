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
    across, up = _axes(x, titles, steps, log)
    layers = [_band(colours, across, up), _line(colours, across, up)]
    return chart({"height": 220, "layer": layers}, facet=facet, columns=2)


def path(
    colours: Colours, *, x: str, titles: tuple[str, str], steps: Sequence[int], log: bool = False
) -> Spec:
    """Dots along one grey line; as `bands`, without an interval."""
    across, up = _axes(x, titles, steps, log)
    line = {"type": "line", "color": "#808080", "strokeWidth": 1, "clip": True}
    places = {"x": across, "y": {"field": "mean", **up}}
    told = {"tooltip": tips("site", "choice", "mean")}
    layers = [
        {"mark": line, "encoding": places},
        {
            "mark": {"type": "point", "filled": True, "size": 60},
            "encoding": {**places, **told, **look(colours)},
        },
    ]
    return chart({"height": 220, "layer": layers})


def _axes(
    x: str, titles: tuple[str, str], steps: Sequence[int], log: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    axis = {"values": list(steps), "format": "d"} if len(steps) <= _LABELS else {"format": "d"}
    across = {
        "field": x,
        "type": "quantitative",
        "title": titles[0],
        "axis": axis,
        "scale": {"zero": False, "nice": False},
    }
    up: dict[str, Any] = {"type": "quantitative", "title": titles[1]}
    if log:
        return across, up | {"scale": {"type": "log"}, "axis": {"format": "~e", "tickCount": 5}}
    return across, up | {"scale": {"zero": False}}


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


def histograms(colours: Colours, *, row: str, column: str, columns: int, slider: str = "") -> Spec:
    """Histograms in rows and columns, each to its own scale.

    Fields: `low` and `high`, the ends of equal bins, `counts` in them, `top` at which a bar is cut
    off, `choice`, those of rows and columns, and that of the slider, if there is one.

    Args:
        colours: of the choices.
        row: field of the rows.
        column: field of the columns.
        columns: how many there are.
        slider: a parameter that has the name of a field: only what is equal to it is shown.
    """
    width = "(datum.high - datum.low) / length(datum.counts)"
    across = {"type": "quantitative", "title": None, "scale": {"zero": False}}
    return {
        "params": [CHOSEN],
        "transform": [
            *([{"filter": f"datum.{slider} == {slider}"}] if slider else []),
            {"calculate": width, "as": "width"},
            {"calculate": "sequence(length(datum.counts))", "as": "bin"},
            {"flatten": ["bin", "counts"]},
            {"calculate": "datum.low + datum.bin * datum.width", "as": "left"},
            {"calculate": "datum.left + datum.width", "as": "right"},
            {"calculate": "min(datum.counts, datum.top)", "as": "shown"},
        ],
        "facet": {
            "row": {
                **down(row),
                "header": {"labelAngle": 0, "labelAlign": "left"},
            },
            "column": down(column),
        },
        "spec": {
            "width": max(_NARROW, (WIDTH - 20) // columns - 6),
            "height": 44,
            "mark": {"type": "rect"},
            "encoding": {
                "x": {
                    "field": "left",
                    "axis": {"tickCount": 2, "labelFontSize": 8, "format": ".2~g"},
                    **across,
                },
                "x2": {"field": "right"},
                "y": {"field": "shown", "type": "quantitative", "title": None, "axis": None},
                "y2": {"datum": 0},
                **look(colours),
            },
        },
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "spacing": 6,
    }
