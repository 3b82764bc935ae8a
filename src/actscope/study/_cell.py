"""One cell of a factorial study: the members that differ in their seed alone."""

# pyright: reportUnknownParameterType=false
# Arrow's classes come without types.

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float64, Int64

from actscope.study import _columns
from actscope.study._axes import Shown


@dataclass(frozen=True, eq=False)
class Cell:
    """All seeds of one setting, as `stats` wants them: `with_failures(scores, diverged, chance)`.

    Attributes:
        settings: canonical JSON of one value of every axis.
        axes: the axes as they stand in tables, by name.
        ids: of the members.
        seeds: of the members, ascending; two cells are paired by them.
        scores: of the members; NaN where there is none.
        diverged: which members did.
        chance: the score of guessing.
    """

    settings: str
    axes: Mapping[str, Shown]
    ids: tuple[str, ...]
    seeds: Int64[np.ndarray, " seed"]
    scores: Float64[np.ndarray, " seed"]
    diverged: Bool[np.ndarray, " seed"]
    chance: float


def cells(members: pa.Table, measure: str) -> tuple[Cell, ...]:
    """The cells of a table of members of one phase, in the order of their `settings`.

    Args:
        members: as of `Record.members`.
        measure: the column of the scores.
    """
    groups: dict[str, list[int]] = {}
    for row, settings in enumerate(members["settings"].to_pylist()):
        groups.setdefault(settings, []).append(row)
    seeds = members["seed"].to_numpy()
    return tuple(
        _cell(members.take(sorted(rows, key=seeds.__getitem__)), measure)
        for _, rows in sorted(groups.items())
    )


def _cell(seeds: pa.Table, measure: str) -> Cell:
    first = seeds.slice(0, 1).to_pylist()[0]
    return Cell(
        settings=first["settings"],
        axes={name: first[name] for name in _columns.axes(seeds.column_names)},
        ids=tuple(seeds["id"].to_pylist()),
        seeds=seeds["seed"].to_numpy(),
        scores=seeds[measure].to_numpy().astype(np.float64),
        diverged=seeds["diverged_at"].is_valid().to_numpy(),
        chance=first["chance"],
    )
