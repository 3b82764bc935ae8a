"""Which settings differ in average rank: Nemenyi's test, once Friedman's has found that some do.

Nemenyi's test rests on the normal limit of rank sums. Alone, on few data sets, it finds too much:
of two equal settings on four data sets it tells 12 % apart at α = 0.05, of four on twenty 6 %.
Behind Friedman's permutation test the chance of any such finding stays ≤ α, where all are equal.
"""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError
from actscope.stats._flip import RESAMPLES
from actscope.stats._ranks import Scores, friedman


def critical_difference(k: int, n: int, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference: average ranks this far apart differ, all pairs at once.

    CD = q·√(k(k + 1)/(6n)), q the studentized range's quantile at infinite degrees of freedom,
    over √2. To be used where Friedman's p ≤ alpha.

    Args:
        k: settings.
        n: blocks.
        alpha: chance that any pair of equal settings is told apart.

    Raises:
        ActscopeError: fewer than two settings or one block, or an alpha not between 0 and 1.

    Reference:
        Demšar (2006), Statistical comparisons of classifiers over multiple data sets, section
        3.2.2 and table 5(a).
    """
    from scipy.stats import studentized_range

    if k < 2 or n < 1:
        raise ActscopeError(f"{k} settings on {n} data sets", expected="at least 2 on at least 1")
    if not 0 < alpha < 1:
        raise ActscopeError(f"alpha {alpha}", expected="a share between 0 and 1")
    return float(studentized_range.ppf(1 - alpha, k, np.inf)) / math.sqrt(2) * _rank_scale(k, n)


def nemenyi(
    scores: Scores, *, resamples: int = RESAMPLES, seed: int = 0
) -> Float[np.ndarray, "treatment treatment"]:
    """P of each pair of settings, adjusted for all pairs; 1 on the diagonal.

    The larger of Friedman's p and Nemenyi's: p ≤ α where Friedman's test rejects and the average
    ranks differ by `critical_difference` or more.

    Args:
        scores: as for `friedman`, and so are the others and the errors.
        resamples: likewise.
        seed: likewise.
    """
    from scipy.stats import studentized_range

    found = friedman(scores, resamples=resamples, seed=seed)
    ranks = np.array(found.ranks)
    apart = np.abs(ranks[:, None] - ranks[None, :]) / _rank_scale(found.k, found.n)
    alone = studentized_range.sf(math.sqrt(2) * apart, found.k, np.inf)
    p = np.clip(np.maximum(alone, found.p), 0, 1)
    np.fill_diagonal(p, 1)
    return p


def cliques(
    ranks: Sequence[float] | Float[np.ndarray, " treatment"], difference: float
) -> tuple[tuple[int, ...], ...]:
    """The bars of a critical-difference diagram: largest groups that cannot be told apart.

    Args:
        ranks: average rank of each setting.
        difference: the critical one; ranks that far apart, or farther, are told apart. Infinite
            where Friedman's test does not reject: then nothing is.

    Returns:
        Indices into `ranks`, best rank first, of each group of two or more; a setting may stand
        in several, a group in no other.
    """
    values = np.asarray(ranks, np.float64)
    order = np.argsort(values, kind="stable")
    groups: list[tuple[int, ...]] = []
    last = 0  # where the group before ended: one that ends there too is part of it
    for first, start in enumerate(values[order]):
        end = int(np.searchsorted(values[order] - start, difference))
        if end > max(last, first + 1):
            groups.append(tuple(order[first:end].tolist()))
        last = max(last, end)
    return tuple(groups)


def _rank_scale(k: int, n: int) -> float:
    """Standard deviation of the difference of two average ranks of equal settings."""
    return math.sqrt(k * (k + 1) / (6 * n))
