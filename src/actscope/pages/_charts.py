"""Tables of colours, curves and histograms."""

from actscope.pages._blocks import Spec
from actscope.pages._spec import CHOSEN, WIDTH, Colours, chart, down, look

_NARROW = 40  # pixels of a histogram at least
_STEPS: list[Spec] = [  # of a histogram: both ends of every bin, each at its height
    # The last count stands at the right end of its bin too, where the steps end.
    {"calculate": "length(datum.counts)", "as": "bins"},
    {"calculate": "sequence(datum.bins + 1)", "as": "bin"},
    {"flatten": ["bin"]},
    {"calculate": "datum.low + datum.bin / datum.bins * (datum.high - datum.low)", "as": "left"},
    {"calculate": "min(datum.counts[min(datum.bin, datum.bins - 1)], datum.top)", "as": "shown"},
]
# Black is read better than white from here on: √(1.05 · 0.05) - 0.05, by the contrast of WCAG 2.
_ON_LIGHT = "luminance(scale('color', datum.mean)) > 0.179"


def heat(*, x: str, title: str) -> Spec:
    """A table of means as colours, with the numbers in it.

    Fields: `level` and `choice`, `mean`, `shown` the number in words.

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
                            "condition": {"test": _ON_LIGHT, "value": "#000"},
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


def histograms(colours: Colours, *, row: str, column: str, columns: int) -> Spec:
    """Histograms in rows and columns, each to its own scale.

    Fields: `low` and `high`, the ends of equal bins, `counts` in them, `top` at which a bar is cut
    off, `choice`, and those of rows and columns.

    Args:
        colours: of the choices.
        row: field of the rows.
        column: field of the columns.
        columns: how many there are.
    """
    across = {"type": "quantitative", "title": None, "scale": {"zero": False}}
    return {
        "params": [CHOSEN],
        "transform": _STEPS,
        "facet": {
            "row": {**down(row), "header": {"labelAngle": 0, "labelAlign": "left"}},
            "column": down(column),
        },
        "spec": {
            "width": max(_NARROW, (WIDTH - 20) // columns - 6),
            "height": 44,
            "mark": {"type": "area", "interpolate": "step-after"},
            "encoding": {
                "x": {
                    "field": "left",
                    "axis": {"tickCount": 2, "labelFontSize": 8, "format": ".2~g"},
                    **across,
                },
                "y": {"field": "shown", "type": "quantitative", "title": None, "axis": None},
                **look(colours),
            },
        },
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "spacing": 6,
    }
