"""The scores of a study as arrays: an axis for the seeds, then one for each factor."""

# pyright: reportUnknownParameterType=false
# Arrow's classes come without types.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float64, Int64, Shaped

from actscope.answers._factors import TASK, Factor, factors, of_task, planned
from actscope.study import Spec

_EMPTY: Mapping[str, Any] = {
    "test": np.nan,
    "validation": np.nan,
    "chance": np.nan,
    "failed": False,
    "ids": "",
    "datasets": "",
}


@dataclass(frozen=True, eq=False)
class Scores:
    """What every member of one task came to; NaN, or no word, where there is no member.

    A member that diverged has failed: its scores are those of guessing.

    Attributes:
        factors: of the axes after the first.
        seeds: of the first axis, ascending.
        planned: which combinations of levels the study has; the others it excludes.
        test: score on the test set.
        validation: score of the best epoch on the validation set, which chose that epoch.
        chance: score of guessing.
        failed: whether it diverged.
        ids: of the members.
        datasets: that they learned.
    """

    factors: tuple[Factor, ...]
    seeds: tuple[int, ...]
    planned: Bool[np.ndarray, " *levels"]
    test: Float64[np.ndarray, " seed *levels"]
    validation: Float64[np.ndarray, " seed *levels"]
    chance: Float64[np.ndarray, " seed *levels"]
    failed: Bool[np.ndarray, " seed *levels"]
    ids: Shaped[np.ndarray, " seed *levels"]
    datasets: Shaped[np.ndarray, " seed *levels"]

    @property
    def there(self) -> Bool[np.ndarray, " seed *levels"]:
        """Which members are finished."""
        return np.isfinite(self.test)

    def axis(self, factor: Factor) -> int:
        """The axis of a factor."""
        return 1 + self.factors.index(factor)

    def only(self, factor: Factor, places: Sequence[int]) -> "Scores":
        """Those of some levels of a factor."""
        axis = self.axis(factor)
        kept = replace(factor, levels=tuple(factor.levels[place] for place in places))
        arrays = {name: getattr(self, name).take(places, axis) for name in _EMPTY}
        return replace(
            self,
            factors=tuple(kept if each == factor else each for each in self.factors),
            planned=self.planned.take(places, axis - 1),
            **arrays,
        )


def scores(members: pa.Table, spec: Spec, task: str) -> Scores:
    """The scores of the compared members of one task.

    Args:
        members: of the study's record.
        spec: of the study, whose factors and seeds tell them apart.
        task: its name.
    """
    known, seeds = of_task(factors(spec), task), tuple(sorted(spec.seeds))
    columns = [[(seed,) for seed in seeds], *(factor.levels for factor in known)]
    axes = [("seed",), *(factor.axes for factor in known)]
    ours = zip(members["phase"].to_pylist(), members[TASK].to_pylist(), strict=True)
    counts = np.array([each == ("compare", task) for each in ours], np.bool_)
    where = [_where(members, *each) for each in zip(axes, columns, strict=True)]
    rows = np.flatnonzero(np.logical_and.reduce([counts, *(place >= 0 for place in where)]))
    found = _columns(members.take(pa.array(rows)))
    shape, places = tuple(map(len, columns)), tuple(place[rows] for place in where)
    arrays = {name: _placed(found[name], places, shape, empty) for name, empty in _EMPTY.items()}
    return Scores(known, seeds, planned(spec, known, task), **arrays)


def _where(
    members: pa.Table, axes: Sequence[str], levels: Sequence[tuple[Any, ...]]
) -> Int64[np.ndarray, " member"]:
    """Which of the levels each member has; -1 for another."""
    place = {level: index for index, level in enumerate(levels)}
    values = zip(*(members[axis].to_pylist() for axis in axes), strict=True)
    return np.array([place.get(value, -1) for value in values], np.int64)


def _columns(members: pa.Table) -> dict[str, np.ndarray]:
    """What is asked of every member; without a score it has failed, however it ended."""
    names = ("test_score", "validation_score", "chance")
    test, validation, chance = (members[name].to_numpy().astype(np.float64) for name in names)
    diverged = members["diverged_at"].is_valid().to_numpy()
    failed = diverged | np.isnan(test) | np.isnan(validation)
    return {
        "test": np.where(failed, chance, test),
        "validation": np.where(failed, chance, validation),
        "chance": chance,
        "failed": failed,
        "ids": np.array(members["id"].to_pylist(), object),
        "datasets": np.array(members["dataset"].to_pylist(), object),
    }


def _placed(
    values: np.ndarray, places: tuple[np.ndarray, ...], shape: tuple[int, ...], empty: Any
) -> np.ndarray:
    found = np.full(shape, empty, values.dtype)
    found[places] = values
    return found
