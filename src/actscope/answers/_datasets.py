"""Over several data sets: average ranks, and which of them differ."""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from actscope import stats
from actscope._errors import ActscopeError
from actscope.answers._cells import cells
from actscope.answers._factors import Factor
from actscope.answers._scores import Scores
from actscope.stats import Friedman

_AXIS = "dataset"
_LEVEL = 0.95


@dataclass(frozen=True)
class Ranks:
    """How the levels of one factor rank over data sets, the seeds of each averaged first.

    Attributes:
        treatment: the factor's name.
        datasets: the blocks.
        left_out: data sets on which some level has no score to be compared by.
        ranks: average rank of each level, 1 being the best.
        friedman: whether any two differ at all.
        critical_difference: of two ranks that differ; None where Friedman's test does not reject.
        cliques: groups of levels that cannot be told apart.
        p: of each pair of levels, by Nemenyi's test.
        level: of the tests.
    """

    treatment: str
    datasets: tuple[str, ...]
    left_out: tuple[str, ...]
    ranks: dict[str, float]
    friedman: Friedman
    critical_difference: float | None
    cliques: tuple[tuple[str, ...], ...]
    p: dict[tuple[str, str], float]
    level: float


def ranks(scores: Scores, treatment: Factor) -> Ranks | None:
    """The ranks of a factor's levels; None where fewer than two data sets have all of them."""
    factor = next((factor for factor in scores.factors if _AXIS in factor.axes), None)
    if factor is None or factor == treatment:
        return None
    means = {
        name: _means(scores.only(factor, places), treatment)
        for name, places in _places(factor).items()
    }
    blocks = {name: values for name, values in means.items() if values is not None}
    if len(blocks) < 2:
        return None
    table, alpha, labels = np.array(list(blocks.values())), 1 - _LEVEL, treatment.labels
    found, p = stats.friedman(table), stats.nemenyi(table)
    critical = stats.critical_difference(found.k, found.n, alpha) if found.p <= alpha else None
    groups = stats.cliques(found.ranks, math.inf if critical is None else critical)
    return Ranks(
        treatment=treatment.name,
        datasets=tuple(blocks),
        left_out=tuple(name for name in means if name not in blocks),
        ranks=dict(zip(labels, found.ranks, strict=True)),
        friedman=found,
        critical_difference=critical,
        cliques=tuple(tuple(labels[place] for place in group) for group in groups),
        p={
            (labels[one], labels[other]): float(p[one, other])
            for one, other in combinations(range(len(labels)), 2)
        },
        level=_LEVEL,
    )


def _places(factor: Factor) -> dict[str, list[int]]:
    """Where each data set stands; more than once where it walks together with another axis."""
    axis = factor.axes.index(_AXIS)
    found: dict[str, list[int]] = {}
    for place, level in enumerate(factor.levels):
        found.setdefault(str(level[axis]), []).append(place)
    return found


def _means(scores: Scores, treatment: Factor) -> np.ndarray | None:
    """Mean score of each level over the seeds that all levels have; None if there is none."""
    try:
        found = cells(scores, [treatment])
    except ActscopeError:  # there is no cell that all levels have
        return None
    whole = np.isfinite(found.test).all(axis=1)
    if len(found.settings) < len(treatment.levels) or not whole.any():
        return None
    return found.test[whole].mean(axis=0)
