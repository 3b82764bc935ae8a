"""The scores of a study as arrays: an axis for the seeds, then one for each factor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Shaped

from actscope.answers._factors import Factor
from actscope.study import Record

_COLUMNS = ("id", "seed", "test_score", "validation_score", "diverged_at", "chance")


@dataclass(frozen=True, eq=False)
class Scores:
    """What every member of one task came to; NaN, and an empty id, where there is no member.

    A member that diverged has failed: its scores are those of guessing.

    Attributes:
        factors: of the axes after the first.
        seeds: of the first axis, ascending.
        test: score on the test set.
        validation: score of the best epoch on the validation set, which chose that epoch.
        failed: whether it diverged.
        ids: of the members.
    """

    factors: tuple[Factor, ...]
    seeds: tuple[int, ...]
    test: Float64[np.ndarray, " seed *levels"]
    validation: Float64[np.ndarray, " seed *levels"]
    failed: Bool[np.ndarray, " seed *levels"]
    ids: Shaped[np.ndarray, " seed *levels"]

    def axis(self, factor: Factor) -> int:
        """The axis of a factor."""
        return 1 + self.factors.index(factor)

    def at(self, factor: Factor, place: int) -> "Scores":
        """Those of one level of a factor, which is none any more."""
        axis = self.axis(factor)
        arrays = {name: getattr(self, name).take(place, axis) for name in _ARRAYS}
        return replace(self, factors=tuple(f for f in self.factors if f != factor), **arrays)


_ARRAYS = ("test", "validation", "failed", "ids")


def scores(record: Record, factors: Sequence[Factor], seeds: Sequence[int]) -> Scores:
    """The scores of the compared members of a record, which may be one of a part of a study.

    Args:
        record: of the members.
        factors: whose levels, as the record has them, tell the members apart.
        seeds: that count.
    """
    table = record.where(phase="compare").members
    axes = [axis for factor in factors for axis in factor.axes]
    columns = {name: table[name].to_pylist() for name in (*_COLUMNS, *axes)}
    shape = (len(seeds), *(len(factor.levels) for factor in factors))
    found = Scores(
        factors=tuple(factors),
        seeds=tuple(sorted(seeds)),
        test=np.full(shape, np.nan),
        validation=np.full(shape, np.nan),
        failed=np.zeros(shape, bool),
        ids=np.full(shape, "", object),
    )
    places = [
        {seed: place for place, seed in enumerate(found.seeds)},
        *({level: place for place, level in enumerate(factor.levels)} for factor in factors),
    ]
    for row in range(len(table)):
        keys = [columns["seed"][row], *_levels(columns, factors, row)]
        where = tuple(place.get(key, -1) for place, key in zip(places, keys, strict=True))
        if -1 not in where:
            _put(found, where, {name: columns[name][row] for name in _COLUMNS})
    return found


def _levels(columns: Mapping[str, list[Any]], factors: Sequence[Factor], row: int) -> list[Any]:
    return [tuple(columns[axis][row] for axis in factor.axes) for factor in factors]


def _put(found: Scores, where: tuple[int, ...], member: Mapping[str, Any]) -> None:
    failed, chance = member["diverged_at"] is not None, member["chance"]
    found.ids[where], found.failed[where] = member["id"], failed
    for name, array in (("test_score", found.test), ("validation_score", found.validation)):
        array[where] = chance if failed or member[name] is None else member[name]
