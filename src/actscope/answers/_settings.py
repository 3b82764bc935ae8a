"""Each setting over its seeds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Bool, Float64, Shaped

from actscope import stats
from actscope.answers._factors import Factor, Level, label
from actscope.answers._scores import Scores
from actscope.stats import Interval, Reached, Share, Summary, area_under, curve_intervals

Curves = Mapping[str, Float64[np.ndarray, " epoch"]]


@dataclass(frozen=True, eq=False)
class Cells:
    """Scores by setting; those of the factors that a setting leaves open are averaged, by seed.

    So n counts seeds, and settings are compared over the same cells.

    Attributes:
        by: the factors that make a setting.
        settings: a level of each, in their order; only those with at least one seed.
        seeds: of the first axis.
        test: mean over the cells that all settings have; NaN where a seed lacks one of them.
        validation: likewise.
        failed: which of the members behind a score diverged.
        ids: of those members.
        averaged: how many cells stand behind a score.
        left_out: how many cells only some settings have, which therefore count in none.
    """

    by: tuple[Factor, ...]
    settings: tuple[tuple[Level, ...], ...]
    seeds: tuple[int, ...]
    test: Float64[np.ndarray, "seed setting"]
    validation: Float64[np.ndarray, "seed setting"]
    failed: Bool[np.ndarray, "seed setting cell"]
    ids: Shaped[np.ndarray, "seed setting cell"]
    averaged: int
    left_out: int


@dataclass(frozen=True, eq=False)
class Setting:
    """What the seeds of one setting say.

    Attributes:
        levels: by the factor's name.
        seeds: that have finished.
        scores: test score of each.
        summary: of these.
        failures: members that diverged, of all members; the interval where each is a seed's own.
        reached: when each seed's validation score reached the target; None if cells are averaged.
        area: mean over the seeds of the mean validation score over all epochs.
        curve: best validation score so far, by epoch, with its interval over seeds; likewise.
    """

    levels: Mapping[str, str]
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    summary: Summary
    failures: Share
    reached: Reached | None
    area: float | None
    curve: tuple[Interval, ...]

    @property
    def label(self) -> str:
        """The levels as words."""
        return " · ".join(self.levels.values())


def cells(scores: Scores, by: Sequence[Factor]) -> Cells:
    """The scores by setting of the given factors."""
    order = [0, *(scores.axis(factor) for factor in by)]
    order += [axis for axis in range(scores.test.ndim) if axis not in order]
    width = int(np.prod([len(factor.levels) for factor in by], dtype=int))

    def arranged(array: np.ndarray) -> np.ndarray:
        return array.transpose(order).reshape(len(scores.seeds), width, -1)

    ids, test, validation, failed = map(
        arranged, (scores.ids, scores.test, scores.validation, scores.failed)
    )
    there = (ids != "").any(axis=0)
    kept = there.any(axis=1)
    common = there[kept].all(axis=0)
    levels = list(product(*(factor.levels for factor in by)))
    return Cells(
        by=tuple(by),
        settings=tuple(level for level, keep in zip(levels, kept.tolist(), strict=True) if keep),
        seeds=scores.seeds,
        test=_mean(test, kept, common),
        validation=_mean(validation, kept, common),
        failed=failed[:, kept][:, :, common],
        ids=ids[:, kept][:, :, common],
        averaged=int(common.sum()),
        left_out=int(there[kept].any(axis=0).sum() - common.sum()),
    )


def _mean(
    array: np.ndarray, kept: Bool[np.ndarray, " setting"], common: Bool[np.ndarray, " cell"]
) -> Float64[np.ndarray, "seed setting"]:
    part = array[:, kept][:, :, common]
    return part.mean(axis=2) if part.shape[2] else np.full(part.shape[:2], np.nan)


def settings(
    found: Cells, curves: Curves, *, target: float, epochs: int, chance: float
) -> Iterator[Setting]:
    """Each setting that has a whole seed.

    Args:
        found: the scores.
        curves: validation scores by epoch of each member, by its id.
        target: of the learning speed.
        epochs: the horizon of the area under the curve.
        chance: the score of a network that has learned nothing.
    """
    for column, levels in enumerate(found.settings):
        values = found.test[:, column]
        whole: list[int] = np.flatnonzero(np.isfinite(values)).tolist()
        if not whole:
            continue
        members = [member for row in whole for member in _members(found, row, column)]
        runs = [_run(curves[name], failed=bad) for name, bad in members]
        alone = found.averaged == 1
        yield Setting(
            levels={f.name: label(v) for f, v in zip(found.by, levels, strict=True)},
            seeds=tuple(found.seeds[row] for row in whole),
            scores=tuple(values[whole].tolist()),
            summary=stats.summarise(values[whole]),
            failures=stats.share_interval(sum(bad for _, bad in members), len(members)),
            reached=stats.epochs_to(runs, target) if alone else None,
            area=float(np.mean([_area(run, epochs, chance) for run in runs])),
            curve=curve_intervals(runs, chance=chance) if alone else (),
        )


def _members(found: Cells, row: int, column: int) -> Iterator[tuple[str, bool]]:
    """The members behind a score, and whether each has failed."""
    return zip(found.ids[row, column].tolist(), found.failed[row, column].tolist(), strict=True)


def _run(curve: np.ndarray, *, failed: bool) -> list[float]:
    """A run's scores; NaN last where it diverged."""
    return [*curve.tolist(), np.nan] if failed else curve.tolist()


def _area(run: Sequence[float], epochs: int, chance: float) -> float:
    return chance if np.isnan(run[-1]) else area_under(run, epochs)
