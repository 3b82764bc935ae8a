"""Each setting over its seeds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np
from jaxtyping import Float64

from actscope import stats
from actscope.answers._cells import Cells
from actscope.answers._factors import label, values
from actscope.answers._tuned import Tuned, together
from actscope.answers._yardstick import Yardstick
from actscope.stats import Interval, Reached, Share, Summary
from actscope.study import Shown

Curve = Float64[np.ndarray, " _"]


@dataclass(frozen=True)
class Failures:
    """Members of a setting that diverged, of all its members.

    Attributes:
        k: that diverged.
        n: in all; a multiple of the seeds where cells are averaged.
        share: k/n with its interval; None where cells are averaged, as n has to count seeds.
    """

    k: int
    n: int
    share: Share | None


@dataclass(frozen=True, eq=False)
class Setting:
    """What the seeds of one setting say.

    What takes long, and is looked at for few of many settings, is computed when it is asked for.

    Attributes:
        levels: in words, by the factor's name.
        axes: the same as values, by the axis' name.
        seeds: that have every cell of it.
        scores: test score of each.
        validation: validation score of each.
        chance: score of guessing; the mean over the cells that are averaged.
        failures: how many diverged; they count at chance level.
        tuned: the values that were chosen for it, those of most cells first; empty in a study that
            tunes nothing.
        reached: when each seed's validation score reached the target of its data set; None where
            cells are averaged, or there is no target.
        speed: interval of the area under the curve, the mean validation score over all epochs.
        runs: validation score of each seed by epoch, NaN last if it diverged; empty where cells
            are averaged.
    """

    levels: Mapping[str, str]
    axes: Mapping[str, Shown]
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    validation: tuple[float, ...]
    chance: float
    failures: Failures
    tuned: tuple[Tuned, ...]
    reached: Reached | None
    speed: Interval
    runs: tuple[Curve, ...]

    @property
    def label(self) -> str:
        """The levels as words."""
        return " · ".join(self.levels.values()) or "all"

    @property
    def stratum(self) -> str:
        """The levels after the first as words: what treatments are compared within."""
        return " · ".join([*self.levels.values()][1:])

    @property
    def by_seed(self) -> dict[int, float]:
        """Test score by seed."""
        return dict(zip(self.seeds, self.scores, strict=True))

    @property
    def area(self) -> float:
        """Mean over the seeds of the area under the curve."""
        return self.speed.mean

    @cached_property
    def summary(self) -> Summary:
        """Of the test scores."""
        return stats.summarise(self.scores)

    @cached_property
    def curve(self) -> tuple[Interval, ...]:
        """The best validation score so far, by epoch, with its interval over seeds.

        Empty where cells are averaged.
        """
        runs = [run.tolist() for run in self.runs]
        return stats.curve_intervals(runs, chance=self.chance) if runs else ()


@dataclass(frozen=True, eq=False)
class Background:
    """What is known of members beside their scores.

    Attributes:
        curves: validation score by epoch, by the member's id.
        epochs: the horizon of the area under a curve.
        yardsticks: by the data set's name.
        tuned: what was chosen for a member, by its id; empty if nothing is tuned.
    """

    curves: Mapping[str, Curve]
    epochs: int
    yardsticks: Mapping[str, Yardstick]
    tuned: Mapping[str, Tuned]


@dataclass(frozen=True, eq=False)
class _Run:
    """The training of one member; NaN last in its curve if it diverged."""

    curve: Curve
    failed: bool
    yardstick: Yardstick

    def area(self, epochs: int) -> float:
        return self.yardstick.chance if self.failed else stats.area_under(self.curve, epochs)


def settings(found: Cells, known: Background) -> Iterator[Setting]:
    """Each setting that has a whole seed."""
    for column in range(len(found.settings)):
        if rows := found.whole(column):
            yield _setting(found, column, rows, known)


def best(known: Sequence[Setting]) -> Setting:
    """The setting with the best mean validation score over the seeds that all of them have.

    Where there are none yet, each has the mean of its own; of equals the first is taken.
    """
    shared = set[int].intersection(*(set(setting.seeds) for setting in known))

    def mean(setting: Setting) -> float:
        pairs = zip(setting.seeds, setting.validation, strict=True)
        return fmean(score for seed, score in pairs if seed in shared or not shared)

    return max(known, key=mean)


def _setting(found: Cells, column: int, rows: Sequence[int], known: Background) -> Setting:
    runs = [_runs(found, row, column, known) for row in rows]
    alone = [run for (run,) in runs] if len(found.cells) == 1 else []
    chosen = [known.tuned[name] for name in found.ids[rows[0], column] if known.tuned]
    levels = list(zip(found.by, found.settings[column], strict=True))
    return Setting(
        levels={factor.name: label(level) for factor, level in levels},
        axes=values(found.by, found.settings[column]),
        seeds=tuple(found.seeds[row] for row in rows),
        scores=tuple(found.test[rows, column].tolist()),
        validation=tuple(found.validation[rows, column].tolist()),
        chance=fmean(run.yardstick.chance for run in runs[0]),
        failures=_failures(runs),
        tuned=together(chosen),
        reached=_reached(alone),
        speed=stats.mean_interval([fmean(run.area(known.epochs) for run in seed) for seed in runs]),
        runs=tuple(run.curve for run in alone),
    )


def _runs(found: Cells, row: int, column: int, known: Background) -> list[_Run]:
    """The members behind a score."""
    members = zip(
        found.ids[row, column], found.failed[row, column], found.datasets[row, column], strict=True
    )
    return [
        _Run(_ended(known.curves[name], failed=bool(failed)), bool(failed), known.yardsticks[data])
        for name, failed, data in members
    ]


def _ended(curve: Curve, *, failed: bool) -> Curve:
    return np.append(curve, np.nan) if failed else curve


def _failures(runs: Sequence[Sequence[_Run]]) -> Failures:
    failed = [run.failed for seed in runs for run in seed]
    share = stats.share_interval(sum(failed), len(failed)) if len(failed) == len(runs) else None
    return Failures(sum(failed), len(failed), share)


def _reached(runs: Sequence[_Run]) -> Reached | None:
    target = runs[0].yardstick.target if runs else None
    return None if target is None else stats.epochs_to([run.curve for run in runs], target)
