"""Numbers and words in columns to the right of a panel, a line for each of its rows."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from actscope.figures._style import LABEL_SIZE
from actscope.figures._text import POINTS, width

_GAP = 0.14  # inches before each column

Columns = Mapping[str, Sequence[str]]


def columns(axis: Axes, places: Sequence[float], table: Columns) -> None:
    """Write each column under its head; one without any text is left out.

    Args:
        axis: the panel.
        places: y of each row.
        table: for each head, a text a row.
    """
    edge = 0.0
    for head, texts in _written(table).items():
        offset = POINTS * (edge + _GAP)
        for place, text in zip(places, texts, strict=True):
            axis.annotate(
                text,
                (1, place),
                (offset, 0),
                xycoords=axis.get_yaxis_transform(),
                textcoords="offset points",
                verticalalignment="center",
                fontsize=LABEL_SIZE,
                annotation_clip=False,
            )
        axis.annotate(
            head,
            (1, 1),
            (offset, 3),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=LABEL_SIZE,
            fontweight="bold",
            annotation_clip=False,
        )
        edge += _GAP + _reach(head, texts)


def columns_width(table: Columns) -> float:
    """How much room the columns take, in inches."""
    return sum(_GAP + _reach(head, texts) for head, texts in _written(table).items())


def _written(table: Columns) -> Columns:
    return {head: texts for head, texts in table.items() if any(texts)}


def _reach(head: str, texts: Sequence[str]) -> float:
    """Width of a column in inches; bold type is an eighth wider."""
    return max(1.125 * width(head, LABEL_SIZE), *(width(text, LABEL_SIZE) for text in texts))
