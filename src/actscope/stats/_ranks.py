"""Several data sets: settings ranked within each, and Friedman's test of these ranks.

The blocks are data sets that share no data, each score the mean over its seeds. Settings compared
on one data set are described by `paired`, not by these.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from jaxtyping import Float, Int

from actscope._errors import ActscopeError
from actscope.stats._flip import RESAMPLES

_MOST_SUMS = 300_000  # rank sums held at once; six settings are then exact on three data sets
_CHUNK = 2**17  # ranks shuffled at a time

Scores = Sequence[Sequence[float]] | Float[np.ndarray, "block treatment"]


@dataclass(frozen=True)
class Friedman:
    """Friedman's test of the hypothesis that all settings are alike on every data set.

    Attributes:
        statistic: χ² with the correction for ties; 0 where every block is one tie.
        p: by permutation within blocks.
        ranks: each setting's rank, averaged over the blocks; 1 is best.
        n: blocks.
        k: settings.
    """

    statistic: float
    p: float
    ranks: tuple[float, ...]
    n: int
    k: int


def average_ranks(scores: Scores) -> Float[np.ndarray, " treatment"]:
    """Rank of each setting, averaged over the blocks: 1 is the best, equal scores share a rank.

    Args:
        scores: one a data set and setting, larger being better.

    Raises:
        ActscopeError: not a table of at least one block and two settings, or a score that is NaN
            or infinite.
    """
    return _doubled_ranks(scores).mean(axis=0) / 2


def friedman(scores: Scores, *, resamples: int = RESAMPLES, seed: int = 0) -> Friedman:
    """Friedman's rank test, its p by permutation of the ranks within each block.

    With R the rank sums, r the ranks, n blocks and k settings,
    χ² = (k - 1)·Σ(R - n(k + 1)/2)² / Σ(r - (k + 1)/2)². p is exact where few enough rank sums
    can be reached (k = 3 at any n, k = 6 at n = 3), else (b + 1)/(B + 1) of B random permutations:
    for the few data sets of a study the χ² distribution is too coarse. Ranks are counted in whole
    halves, so ties of the statistic are exact. The order of blocks and settings does not matter.

    Args:
        scores: as for `average_ranks`, and so are the errors.
        resamples: B.
        seed: of the random permutations.

    Raises:
        ActscopeError: as `average_ranks`, or no resamples.

    Reference:
        Friedman (1937), The use of ranks to avoid the assumption of normality.
    """
    if resamples < 1:
        raise ActscopeError(f"{resamples} resamples", expected="at least 1")
    ranks = _doubled_ranks(scores)
    n, k = ranks.shape
    spread = int(_spread(ranks.sum(axis=0, keepdims=True), n)[0])
    most = int(((ranks - (k + 1)) ** 2).sum())
    statistic = (k - 1) * spread / most if most else 0.0
    # Sorted, equal tables give equal p: under the hypothesis no order means anything.
    blocks = np.array(sorted(np.sort(ranks, axis=1).tolist()))
    p = _all_orders(blocks, spread)
    if p is None:
        p = _random_orders(blocks, spread, resamples, seed)
    return Friedman(statistic, p, tuple((ranks.mean(axis=0) / 2).tolist()), n, k)


def _doubled_ranks(scores: Scores) -> Int[np.ndarray, "block treatment"]:
    """Twice the mid-ranks, which are whole numbers."""
    from scipy.stats import rankdata

    array = np.asarray(scores, np.float64)
    if array.ndim != 2 or array.shape[0] < 1 or array.shape[1] < 2:
        raise ActscopeError(
            f"scores of shape {array.shape}",
            expected="a row a data set and a column a setting, at least one and two",
        )
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise ActscopeError(
            f"the score of data set {row} and setting {column} is {array[row, column]}",
            expected="finite numbers",
            do="leave out the data set or the setting that is not complete",
        )
    return np.rint(2 * rankdata(-array, axis=1)).astype(np.int64)


def _spread(sums: Int[np.ndarray, "row treatment"], n: int) -> Int[np.ndarray, " row"]:
    """Σ(2R - n(k + 1))²: four times the numerator of χ², in whole numbers."""
    k = sums.shape[-1]
    return ((sums - n * (k + 1)) ** 2).sum(axis=-1)


def _all_orders(blocks: Int[np.ndarray, "block treatment"], spread: int) -> float | None:
    """Exact p from the distribution of rank sums, one block after the other; None if too many.

    Sums that differ in the order of settings alone stand for each other: the blocks still to come
    take every order alike.
    """
    n, k = blocks.shape
    sums, chances = blocks[:1], np.ones(1)
    for block in blocks[1:]:
        if math.factorial(k) * len(sums) > _MOST_SUMS:
            return None
        orders = np.unique(list(permutations(block.tolist())), axis=0)
        reached = np.sort((sums[:, None, :] + orders).reshape(-1, k), axis=1)
        sums, index = np.unique(reached, axis=0, return_inverse=True)
        chances = np.bincount(index.ravel(), np.repeat(chances, len(orders))) / len(orders)
    return min(1.0, float(chances[_spread(sums, n) >= spread].sum()))


def _random_orders(
    blocks: Int[np.ndarray, "block treatment"], spread: int, resamples: int, seed: int
) -> float:
    generator = np.random.default_rng(seed)
    n, k = blocks.shape
    chunk = max(1, _CHUNK // k)
    reached = 0
    for start in range(0, resamples, chunk):
        size = (min(chunk, resamples - start), k)
        sums = np.zeros(size, np.int64)
        for block in blocks:
            sums += generator.permuted(np.broadcast_to(block, size), axis=1)
        reached += np.count_nonzero(_spread(sums, n) >= spread)
    return (reached + 1) / (resamples + 1)
