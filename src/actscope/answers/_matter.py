"""Which factor matters, and whether the ranking of treatments changes with it."""

from collections.abc import Sequence
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
        importance: share of each factor and interaction.
        part: the cells that it rests on, in words.
        rankings: for each factor but the first whether the ranking of the first one's levels
            changes with it; the others are averaged out, by seed.
        treatment: the first factor's name.
    """

    importance: Importance
    part: str
    rankings: dict[str, RankingChange]
    treatment: str


def matter(scores: Scores) -> Matter | str:
    """What matters, or in words why that cannot be told."""
    if not scores.factors:
        return "nothing differs between the settings"
    try:
        grid = _balanced(scores)
        factors = [factor for factor in scores.factors if len(grid.levels[factor.name]) > 1]
        values = _part(scores, grid, factors)
        found = stats.importance(values, [factor.name for factor in factors])
    except ActscopeError as error:
        return str(error)
    return Matter(
        importance=found,
        part=grid.description,
        rankings=dict(_rankings(values, factors, grid)),
        treatment=scores.factors[0].name,
    )


def _balanced(scores: Scores) -> Balanced:
    names = {factor.name: factor.labels for factor in scores.factors}
    everything = {_SEED: scores.seeds, **names}
    there = np.argwhere(np.isfinite(scores.test)).tolist()
    levels = list(everything.values())
    cells = {tuple(level[place] for level, place in zip(levels, row, strict=True)) for row in there}
    return stats.balanced(everything, cells, essential=[scores.factors[0].name, _SEED])


def _part(
    scores: Scores, grid: Balanced, factors: Sequence[Factor]
) -> Float64[np.ndarray, " seed *levels"]:
    """The scores of the sub-grid, without the axes that it has one level of."""
    seeds = [scores.seeds.index(seed) for seed in grid.levels[_SEED]]
    places = [
        [factor.labels.index(level) for level in grid.levels[factor.name]]
        for factor in scores.factors
    ]
    part = scores.test[np.ix_(seeds, *places)]
    single = [axis for axis, f in enumerate(scores.factors, 1) if f not in factors]
    return part.squeeze(tuple(single))


def _rankings(
    values: Float64[np.ndarray, " seed *levels"], factors: Sequence[Factor], grid: Balanced
) -> list[tuple[str, RankingChange]]:
    found: list[tuple[str, RankingChange]] = []
    treatment = factors[0]
    for axis, factor in enumerate(factors[1:], 2):
        others = tuple(other for other in range(2, values.ndim) if other != axis)
        table = values.mean(axis=others)
        levels = (grid.levels[treatment.name], grid.levels[factor.name])
        found.append((factor.name, stats.ranking_changes(table, *levels)))
    return found
