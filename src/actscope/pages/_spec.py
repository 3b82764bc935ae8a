"""What all charts share: a choice has its colour, and what is not chosen fades."""

from collections.abc import Mapping
from typing import Any

from actscope.pages._blocks import Spec

WIDTH = 640  # pixels of a chart; the page's script makes it narrower where the screen is
ROW = 22  # pixels of a line of words
CHOSEN = {"name": "chosen", "value": None}

Colours = Mapping[str, str]


def faded(there: float, gone: float) -> dict[str, Any]:
    """An opacity, and another where something else is chosen."""
    test = "chosen == null || datum.choice == chosen"
    return {"condition": {"test": test, "value": there}, "value": gone}


def look(colours: Colours) -> dict[str, Any]:
    """Colour and opacity by the field `choice`."""
    scale = {"domain": list(colours), "range": list(colours.values())}
    colour = {"field": "choice", "type": "nominal", "scale": scale, "legend": None}
    return {"color": colour, "opacity": faded(1, 0.12)}


def down(field: str) -> dict[str, Any]:
    """A field of words, in the order of the data."""
    return {"field": field, "type": "nominal", "sort": None, "title": None}


def tips(*fields: str) -> list[dict[str, Any]]:
    """What is told of the mark under the pointer."""
    return [{"field": each} for each in fields]


def chart(inner: dict[str, Any], *, facet: str = "", columns: int = 1) -> Spec:
    """A chart as wide as the page; with a facet several of it, each for one value of a field."""
    if not facet:
        return {"params": [CHOSEN], "width": WIDTH, **inner}
    width = inner.pop("width", WIDTH if columns == 1 else WIDTH // columns - 30)
    return {
        "params": [CHOSEN],
        "facet": down(facet),
        "columns": columns,
        "spec": {"width": width, **inner},
        # Side by side charts share what is up; below one another, what is across.
        "resolve": {"scale": {"y" if columns == 1 else "x": "independent"}},
    }
