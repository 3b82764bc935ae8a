"""The values that a study has chosen for each of its settings, before it compared them."""

# pyright: reportUnknownParameterType=false
# Arrow's classes come without types.

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from actscope.study import Shown, Tune


@dataclass(frozen=True)
class Tuned:
    """Chosen values of the tuned axes.

    Attributes:
        values: by axis, as in the record.
        at_edge: axes whose value is the smallest or the largest of those offered: a better one may
            lie beyond.
        cells: how many cells of a setting have these values.
    """

    values: Mapping[str, Shown]
    at_edge: tuple[str, ...]
    cells: int = 1


def tuned(members: pa.Table, tune: Tune | None) -> dict[str, Tuned]:
    """What was chosen for each member that is compared, by its id; empty if nothing is tuned.

    Args:
        members: of the study's record.
        tune: what the study tunes.
    """
    if tune is None:
        return {}
    columns = (members[name].to_pylist() for name in ("id", "phase", *tune.axes))
    rows = zip(*columns, strict=True)
    chosen = {name: tuple(shown) for name, phase, *shown in rows if phase == "compare"}
    made = {shown: _tuned(shown, tune) for shown in dict.fromkeys(chosen.values())}
    return {name: made[shown] for name, shown in chosen.items()}


def _tuned(shown: tuple[Shown, ...], tune: Tune) -> Tuned:
    values = dict(zip(tune.axes, shown, strict=True))
    settings = {
        axis: next(level.value for level in levels if level.shown == values[axis])
        for axis, levels in tune.axes.items()
    }
    return Tuned(values, tune.at_edge(settings))


def together(chosen: Sequence[Tuned]) -> tuple[Tuned, ...]:
    """Each choice once, with its number of cells; the most frequent first."""
    keys = [tuple(one.values.items()) for one in chosen]
    one_of = dict(zip(keys, chosen, strict=True))
    return tuple(replace(one_of[key], cells=cells) for key, cells in Counter(keys).most_common())
