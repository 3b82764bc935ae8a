"""Lines: means with bands, and a path of dots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actscope.pages._blocks import Spec
from actscope.pages._spec import Colours, chart, faded, look, tips

_LABELS = 12  # below a narrow chart


@dataclass(frozen=True)
class Upward:
    """The axis upward of a chart of lines.

    Attributes:
        title: of the axis.
        log: whether its scale is logarithmic.
        reach: its ends; None: those of what is drawn, which may change with a control.
    """

    title: str
    log: bool = False
    reach: tuple[float, float] | None = None

    def encoding(self) -> dict[str, Any]:
        """In Vega-Lite."""
        scale: dict[str, Any] = {"type": "log"} if self.log else {"zero": False}
        if self.reach is not None:
            scale["domain"] = list(self.reach)
        axis = {"axis": {"format": "~e", "tickCount": 5}} if self.log else {}
        return {"type": "quantitative", "title": self.title, "scale": scale, **axis}


@dataclass(frozen=True)
class Across:
    """The axis from left to right of a chart of lines.

    Attributes:
        field: of the rows.
        title: of the axis.
        steps: the values, which are labelled if they are few.
    """

    field: str
    title: str
    steps: Sequence[int] = ()

    def encoding(self) -> dict[str, Any]:
        """In Vega-Lite."""
        few = {"values": list(self.steps)} if len(self.steps) <= _LABELS else {}
        return {
            "field": self.field,
            "type": "quantitative",
            "title": self.title,
            "axis": {**few, "format": "d"},
            "scale": {"zero": False, "nice": False},
        }


def bands(
    colours: Colours, across: Across, upward: Upward, *, facet: str = "", dashed: str = ""
) -> Spec:
    """Lines of means with the band of their interval.

    Fields: that of `across`, `mean`, `low`, `high`, `n`, `choice`.

    Args:
        colours: of the choices.
        across: the axis from left to right.
        upward: the other.
        facet: field of which each value has a chart of its own.
        dashed: field of a second, dashed line.
    """
    right, up = across.encoding(), upward.encoding()
    layers = [_band(colours, right, up), _line(colours, right, up)]
    if dashed:
        layers.append(_dashed(colours, right, {"field": dashed, **up}))
    return chart({"height": 220, "layer": layers}, facet=facet, columns=2)


def path(colours: Colours, across: Across, upward: Upward, *, facet: str = "") -> Spec:
    """Dots along one grey line; as `bands`, without an interval."""
    line = {"type": "line", "color": "#808080", "strokeWidth": 1, "clip": True}
    places = {"x": across.encoding(), "y": {"field": "mean", **upward.encoding()}}
    told = {"tooltip": tips("site", "choice", "mean")}
    layers = [
        {"mark": line, "encoding": places},
        {
            "mark": {"type": "point", "filled": True, "size": 60},
            "encoding": {**places, **told, **look(colours)},
        },
    ]
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


def _dashed(colours: Colours, across: Mapping[str, Any], up: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "mark": {"type": "line", "strokeDash": [5, 4], "clip": True},
        "encoding": {"x": across, "y": dict(up), **look(colours)},
    }
