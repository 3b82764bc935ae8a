"""Which factor matters, and whether the ranking of treatments changes with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from actscope import stats
from actscope._errors import ActscopeError
from actscope.answers._factors import Factor
from actscope.answers._scores import Scores
from actscope.stats import Balanced, Importance, RankingChange

_SEED = "seed"


@dataclass(frozen=True)
class Matter:
    """The variance of single scores taken apart, on a balanced part of the study.

    Attributes:
        treatment: name of the factor whose levels are ranked.
        importance: share of each factor and interaction.
        part: the cells that it rests on, in words.
        rankings: for each other factor whether the ranking of the treatments changes with it; the
            rest is averaged out, by seed. Empty where the part has one treatment.
    """

    treatment: str
    importance: Importance
    part: str
    rankings: Mapping[str, RankingChange]


@dataclass(frozen=True, eq=False)
class _Grid:
    """Scores without a gap.

    Attributes:
        factors: of the axes after the first, each with those of its levels that are kept.
        scores: on the test set.
    """

    factors: tuple[Factor, ...]
    scores: Float64[np.ndarray, " seed *levels"]


def matter(scores: Scores, treatment: Factor | None) -> Matter | str:
    """What matters, or in words why that cannot be told.

    Args:
        scores: of all members.
        treatment: the factor whose levels are ranked; None where the study has no factor.
    """
    if treatment is None:
        return "nothing differs between the settings"
    try:
        part = _balanced(scores, treatment)
        grid = _grid(scores, part)
        names = [factor.name for factor in grid.factors]
        found = stats.importance(grid.scores, names)
    except ActscopeError as error:
        return str(error)
    return Matter(treatment.name, found, part.description, dict(_rankings(grid, treatment.name)))


def _balanced(scores: Scores, treatment: Factor) -> Balanced:
    levels = {_SEED: scores.seeds, **{factor.name: factor.labels for factor in scores.factors}}
    columns = [np.array(names, object) for names in levels.values()]
    places = np.nonzero(scores.there)
    there = [column[place].tolist() for column, place in zip(columns, places, strict=True)]
    cells = set(zip(*there, strict=True))
    return stats.balanced(levels, cells, essential=[treatment.name, _SEED])


def _grid(scores: Scores, part: Balanced) -> _Grid:
    """The balanced part, without the factors of which it has one level."""
    kept = [
        [factor.labels.index(str(level)) for level in part.levels[factor.name]]
        for factor in scores.factors
    ]
    seeds = [scores.seeds.index(seed) for seed in part.levels[_SEED]]
    single = tuple(axis for axis, places in enumerate(kept, 1) if len(places) < 2)
    factors = (
        Factor(factor.axes, tuple(factor.levels[place] for place in places))
        for factor, places in zip(scores.factors, kept, strict=True)
        if len(places) > 1
    )
    return _Grid(tuple(factors), scores.test[np.ix_(seeds, *kept)].squeeze(single))


def _rankings(grid: _Grid, treatment: str) -> Iterator[tuple[str, RankingChange]]:
    names = [factor.name for factor in grid.factors]
    if treatment not in names:
        return
    ranked = names.index(treatment)
    for other, name in enumerate(names):
        if other != ranked:
            yield name, _ranking(grid, ranked, other)


def _ranking(grid: _Grid, ranked: int, other: int) -> RankingChange:
    """How the levels of one factor rank at those of another; both by their places."""
    rest = [axis for axis in range(len(grid.factors)) if axis not in (ranked, other)]
    table = grid.scores.transpose(0, ranked + 1, other + 1, *(axis + 1 for axis in rest))
    means = table.mean(axis=tuple(range(3, table.ndim)))
    return stats.ranking_changes(means, grid.factors[ranked].labels, grid.factors[other].labels)
