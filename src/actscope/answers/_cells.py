"""Scores by setting; those of the factors that a setting leaves open are averaged, by seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Bool, Float64, Shaped

from actscope._errors import ActscopeError
from actscope.answers._factors import Factor, Level
from actscope.answers._scores import Scores


@dataclass(frozen=True, eq=False)
class Cells:
    """Scores by setting. Each is the mean, within one seed, over the same cells of the study.

    The cells are those that every setting has by the design, so that settings differ in what is
    compared alone, and that no score changes its meaning while the study goes on. n counts seeds.

    Attributes:
        by: the factors that make a setting.
        settings: a level of each, in their order; those that the design excludes left out.
        seeds: of the first axis.
        over: the factors that are averaged.
        cells: a level of each of these, for every cell behind a score.
        left_out: likewise, for every cell that some settings lack, and which counts in none.
        test: mean test score; NaN where a seed lacks one of the cells.
        validation: likewise.
        chance: likewise, of guessing.
        failed: which of the members behind a score diverged.
        ids: of those members.
        datasets: that those members learned.
    """

    by: tuple[Factor, ...]
    settings: tuple[tuple[Level, ...], ...]
    seeds: tuple[int, ...]
    over: tuple[Factor, ...]
    cells: tuple[tuple[Level, ...], ...]
    left_out: tuple[tuple[Level, ...], ...]
    test: Float64[np.ndarray, "seed setting"]
    validation: Float64[np.ndarray, "seed setting"]
    chance: Float64[np.ndarray, "seed setting"]
    failed: Bool[np.ndarray, "seed setting cell"]
    ids: Shaped[np.ndarray, "seed setting cell"]
    datasets: Shaped[np.ndarray, "seed setting cell"]

    def whole(self, column: int) -> list[int]:
        """The rows of the seeds of which a setting has every cell."""
        return np.flatnonzero(np.isfinite(self.test[:, column])).tolist()


def cells(scores: Scores, by: Sequence[Factor]) -> Cells:
    """The scores by setting of the given factors.

    Raises:
        ActscopeError: there is no cell that all settings have.
    """
    over = tuple(factor for factor in scores.factors if factor not in by)
    planned = _arranged(scores.planned[None], scores, by)[0]
    settings = np.flatnonzero(planned.any(axis=1))
    common = planned[settings].all(axis=0)
    if not common.any():
        raise _nothing_shared(by, over)
    kept = np.ix_(np.arange(len(scores.seeds)), settings, np.flatnonzero(common))

    def part(array: np.ndarray) -> np.ndarray:
        return _arranged(array, scores, by)[kept]

    levels, rest = _combinations(by), _combinations(over)
    return Cells(
        by=tuple(by),
        settings=tuple(levels[place] for place in settings.tolist()),
        seeds=scores.seeds,
        over=over,
        cells=tuple(rest[place] for place in np.flatnonzero(common).tolist()),
        left_out=tuple(
            rest[place] for place in np.flatnonzero(planned.any(axis=0) & ~common).tolist()
        ),
        test=part(scores.test).mean(axis=2),
        validation=part(scores.validation).mean(axis=2),
        chance=part(scores.chance).mean(axis=2),
        failed=part(scores.failed),
        ids=part(scores.ids),
        datasets=part(scores.datasets),
    )


def _arranged(array: np.ndarray, scores: Scores, by: Sequence[Factor]) -> np.ndarray:
    """With the axes of `by` as the second, and all others as the third."""
    named = [scores.axis(factor) for factor in by]
    rest = [axis for axis in range(1, array.ndim) if axis not in named]
    settings = int(np.prod([array.shape[axis] for axis in named], dtype=np.int64))
    return array.transpose([0, *named, *rest]).reshape(len(array), settings, -1)


def _combinations(factors: Sequence[Factor]) -> list[tuple[Level, ...]]:
    return list(product(*(factor.levels for factor in factors)))


def _nothing_shared(by: Sequence[Factor], over: Sequence[Factor]) -> ActscopeError:
    names, rest = (" and ".join(factor.name for factor in each) for each in (by, over))
    return ActscopeError(
        f"the design leaves no value of {rest} that all values of {names} have",
        expected="a cell to compare them in",
        do=f"look at {names} and {rest} together",
    )
