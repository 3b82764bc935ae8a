"""What part of a scale to show where a few values lie far away from all others."""

import math
from collections.abc import Iterable

from matplotlib.axes import Axes

_FEWEST = 8  # values: of fewer, nobody can say which are the odd ones
_KEPT = 2 / 3  # of the values, at least
_REACH = 3  # lengths of the part that they fill: what lies nearer to it is shown too
_SHARE = 0.25  # of the whole range: a part that is larger is not worth cutting the rest off
_MARGIN = 0.05  # of the part, on either side

KEY = "triangle: beyond the scale"


def focus(values: Iterable[float]) -> tuple[float, float] | None:
    """Ends of the part that most values fill, if the others would squeeze it; None if not.

    It is the shortest that holds two thirds of the values, with whatever lies within three times
    its length of it. A network that never learned, at 10 % where all others are about 88, would
    leave them a line's width to differ in.

    Args:
        values: all that are to be drawn, ends of intervals among them.
    """
    found = sorted(value for value in values if math.isfinite(value))
    if len(found) < _FEWEST:
        return None
    count = math.ceil(_KEPT * len(found))
    parts = zip(found, found[count - 1 :], strict=False)
    low, high = min(parts, key=lambda ends: ends[1] - ends[0])
    reach = _REACH * (high - low)
    near = [value for value in found if low - reach <= value <= high + reach]
    low, high = near[0], near[-1]
    return (low, high) if 0 < high - low < _SHARE * (found[-1] - found[0]) else None


def look_at(axis: Axes, ends: tuple[float, float] | None) -> None:
    """Show that part of the x axis, with a margin; everything for None. Before it is drawn on."""
    if ends is not None:
        margin = _MARGIN * (ends[1] - ends[0])
        axis.set_xlim(ends[0] - margin, ends[1] + margin)


def point_beyond(axis: Axes, value: float, place: float, ink: str, *, size: float) -> bool:
    """Where a value lies outside of a panel, draw a triangle at the edge; whether it does."""
    if axis.get_autoscalex_on():
        return False
    low, high = axis.get_xlim()
    if low <= value <= high or not math.isfinite(value):
        return False
    edge, marker = (low, "<") if value < low else (high, ">")
    axis.plot(edge, place, marker, color=ink, markersize=size, markeredgewidth=0, clip_on=False)
    return True
