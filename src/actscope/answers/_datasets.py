"""Over several data sets: average ranks, and which of them differ."""

import math
from dataclasses import dataclass

import numpy as np

from actscope import stats
from actscope.answers._factors import Factor
from actscope.answers._scores import Scores
from actscope.answers._settings import cells
from actscope.stats import Friedman

_AXIS = "dataset"
_LEVEL = 0.95


@dataclass(frozen=True)
class Ranks:
    """How the levels of the first factor rank over data sets, the seeds of each averaged first.

    Attributes:
        treatment: the factor's name.
        datasets: the blocks.
        ranks: average rank of each level, 1 being the best.
        friedman: whether any two differ at all.
        critical_difference: of two ranks that differ; None where Friedman's test does not reject.
        cliques: groups of levels that cannot be told apart.
        p: of each pair of levels, by Nemenyi's test.
        level: of the tests.
    """

    treatment: str
    datasets: tuple[str, ...]
    ranks: dict[str, float]
    friedman: Friedman
    critical_difference: float | None
    cliques: tuple[tuple[str, ...], ...]
    p: dict[tuple[str, str], float]
    level: float


def ranks(scores: Scores) -> Ranks | None:
    """The ranks of the first factor's levels; None where the data set is no factor."""
    datasets = next((factor for factor in scores.factors if _AXIS in factor.axes), None)
    if datasets is None or scores.factors[0] == datasets:
        return None
    treatment = scores.factors[0]
    table, blocks = _table(scores, treatment, datasets)
    if min(table.shape) < 2:
        return None
    found, alpha = stats.friedman(table), 1 - _LEVEL
    critical = stats.critical_difference(found.k, found.n, alpha) if found.p <= alpha else None
    labels, p = treatment.labels, stats.nemenyi(table)
    groups = stats.cliques(found.ranks, math.inf if critical is None else critical)
    return Ranks(
        treatment=treatment.name,
        datasets=blocks,
        ranks=dict(zip(labels, found.ranks, strict=True)),
        friedman=found,
        critical_difference=critical,
        cliques=tuple(tuple(labels[place] for place in group) for group in groups),
        p={
            (one, other): float(p[i, j])
            for i, one in enumerate(labels)
            for j, other in enumerate(labels)
            if i < j
        },
        level=_LEVEL,
    )


def _table(
    scores: Scores, treatment: Factor, datasets: Factor
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Mean score of each data set and treatment; data sets that lack one are left out."""
    rows: dict[str, np.ndarray] = {}
    for place, name in enumerate(datasets.labels):
        found = cells(scores.at(datasets, place), [treatment])
        whole = np.isfinite(found.test)
        if len(found.settings) == len(treatment.levels) and whole.any(axis=0).all():
            rows[name] = np.where(whole, found.test, 0).sum(axis=0) / whole.sum(axis=0)
    return np.array(list(rows.values())).reshape(len(rows), len(treatment.levels)), tuple(rows)
