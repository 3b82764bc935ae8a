"""Every treatment against a reference, paired by seed, within each stratum."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from actscope import stats
from actscope._errors import unknown
from actscope.answers._factors import label
from actscope.answers._settings import Cells
from actscope.stats import Comparison, Family

Differences = dict[tuple[str, str], Float64[np.ndarray, " pair"]]


@dataclass(frozen=True)
class Comparisons:
    """The differences of the settings from a reference, all tested as one family.

    Attributes:
        treatment: name of the factor whose levels are compared.
        strata: for each level of the other factors, as words, what each treatment is compared to.
        reason: how the reference was chosen; never by the test data.
        rows: stratum, treatment and comparison; above 0 the treatment is the better.
        family: all of them.
    """

    treatment: str
    strata: dict[str, str]
    reason: str
    rows: tuple[tuple[str, str, Comparison], ...]
    family: Family


def comparisons(
    cells: Cells, compare: str | None, *, correction: str, relevant: float
) -> Comparisons | None:
    """The comparisons of the first factor of `cells`; None if nothing can be compared.

    Args:
        cells: the scores by setting.
        compare: the level that the others are compared to; the best on the validation set of each
            stratum if None.
        correction: as of `stats.compare`.
        relevant: likewise.

    Raises:
        ActscopeError: no level is called `compare`.
    """
    if not cells.by:
        return None
    treatment = cells.by[0]
    if compare is not None and compare not in treatment.labels:
        raise unknown(treatment.name, compare, treatment.labels)
    strata: dict[str, str] = {}
    differences: Differences = {}
    for stratum, columns in _strata(cells).items():
        reference = compare or _best(cells, columns)
        if reference in columns:
            strata[stratum] = reference
            differences |= dict(_differences(cells, stratum, columns, reference))
    if not differences:
        return None
    keys = {f"{number}": key for number, key in enumerate(differences)}
    pairs = {name: differences[key] for name, key in keys.items()}
    family = stats.compare(pairs, correction=correction, relevant=relevant)
    return Comparisons(
        treatment=treatment.name,
        strata=strata,
        reason="as asked" if compare else "best on the validation set",
        rows=tuple((*keys[each.label], each) for each in family.comparisons),
        family=family,
    )


def _strata(cells: Cells) -> dict[str, dict[str, int]]:
    """For each level of the factors after the first the columns of the treatments."""
    found: dict[str, dict[str, int]] = {}
    for column, (treatment, *rest) in enumerate(cells.settings):
        stratum = " · ".join(label(level) for level in rest)
        found.setdefault(stratum, {})[label(treatment)] = column
    return found


def _best(cells: Cells, columns: dict[str, int]) -> str:
    """The treatment with the best mean validation score over the seeds that it has."""
    means = {name: _mean(cells.validation[:, column]) for name, column in columns.items()}
    return max(means, key=means.__getitem__)


def _mean(values: Float64[np.ndarray, " seed"]) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if there.size else -np.inf


def _differences(
    cells: Cells, stratum: str, columns: dict[str, int], reference: str
) -> Iterator[tuple[tuple[str, str], Float64[np.ndarray, " pair"]]]:
    for name, column in columns.items():
        pairs = cells.test[:, column] - cells.test[:, columns[reference]]
        pairs = pairs[np.isfinite(pairs)]
        if name != reference and pairs.size:
            yield (stratum, name), pairs
