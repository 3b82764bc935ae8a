"""The exact sign-flip test: could the signs of paired differences as well have been coin tosses?"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError
from actscope.stats._interval import _checked

RESAMPLES = 100_000  # at p = 0.05 the standard error is then 0.0007
MOST_EXACT = 20  # differences of which every flip is counted: a million
ROUNDING = 1e-9  # relative: two accuracies 1e-4 apart differ exactly to 1e-12 only
_CHUNK = 2**20  # signs drawn at a time
_TOGETHER = 256  # tests that are summed at a time


def flip_test(
    differences: Sequence[float] | Float[np.ndarray, " n"],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> float:
    """Two-sided p of the hypothesis that the differences are symmetric about 0.

    The share of all 2ⁿ choices of signs under which |Σ ±d| reaches the |Σ d| seen, up to n = 20;
    beyond that (b + 1)/(B + 1), where b of B random choices reach it. Either way P(p ≤ α) ≤ α
    under the hypothesis, whatever the distribution; the smallest p is 2/2ⁿ, or 1/(B + 1). Zero
    differences stay in. A sum within 1e-9·Σ|d| of the one seen counts as reaching it, so rounding
    never makes p smaller. Order, a common factor and a common sign do not matter.

    Args:
        differences: one number a pair, in any unit.
        resamples: B.
        seed: of the random choices.

    Raises:
        ActscopeError: no differences, one that is NaN or infinite, or no resamples.

    Reference:
        Fisher (1935), The Design of Experiments, section 21; for (b + 1)/(B + 1): Phipson and
        Smyth (2010), Permutation p-values should never be zero.
    """
    return flip_tests([differences], resamples=resamples, seed=seed)[0]


def flip_tests(
    several: Sequence[Sequence[float] | Float[np.ndarray, " _"]],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[float]:
    """`flip_test` of each; those of as many pairs share the random choices, which take most time.

    Arguments and errors are those of `flip_test`.
    """
    if resamples < 1:
        raise ActscopeError(f"{resamples} resamples", expected="at least 1")
    found, random = [1.0] * len(several), dict[int, list[int]]()
    prepared = [_prepared(_checked(each)) for each in several]
    for place, (magnitudes, reach) in enumerate(prepared):
        if reach > 0 and len(magnitudes) <= MOST_EXACT:
            found[place] = _all_flips(magnitudes, reach)
        elif reach > 0:
            random.setdefault(len(magnitudes), []).append(place)
    for places in random.values():
        magnitudes, reach = zip(*(prepared[place] for place in places), strict=True)
        shares = _random_flips(np.stack(magnitudes), np.array(reach), resamples, seed)
        for place, p in zip(places, shares, strict=True):
            found[place] = p
    return found


def _prepared(values: Float[np.ndarray, " n"]) -> tuple[Float[np.ndarray, " n"], float]:
    """The magnitudes, and what their sum under a choice of signs has to reach; 0: all do."""
    largest = np.abs(values).max()
    if largest == 0:
        return values, 0.0
    values = values / largest  # its sums cannot overflow
    magnitudes = np.sort(np.abs(values))  # p depends on nothing else but the sum
    return magnitudes, float(abs(values.sum()) - ROUNDING * magnitudes.sum())


def _all_flips(magnitudes: Float[np.ndarray, " n"], reach: float) -> float:
    """Counts without enumerating: each sum of one half asks the sorted sums of the other."""
    half = len(magnitudes) // 2
    some, others = _sums(magnitudes[:half]), np.sort(_sums(magnitudes[half:]))
    above = len(others) - np.searchsorted(others, reach - some)
    # Flipping every sign mirrors the sums: as many lie at or below -reach.
    return 2 * int(above.sum()) / 2 ** len(magnitudes)


def _sums(magnitudes: Float[np.ndarray, " n"]) -> np.ndarray:
    """Σ ±d under each of the 2ⁿ choices of signs."""
    sums = np.zeros(1)
    for magnitude in magnitudes:
        sums = np.concatenate([sums - magnitude, sums + magnitude])
    return sums


def _random_flips(
    magnitudes: Float[np.ndarray, "test n"],
    reach: Float[np.ndarray, " test"],
    resamples: int,
    seed: int,
) -> list[float]:
    generator = np.random.default_rng(seed)
    tests, n = magnitudes.shape
    chunk = max(1, _CHUNK // n)
    reached = np.zeros(tests, np.int64)
    for start in range(0, resamples, chunk):
        size = (min(chunk, resamples - start), n)
        signs = (1 - 2 * generator.integers(0, 2, size, dtype=np.int8)).astype(np.float64)
        for first in range(0, tests, _TOGETHER):
            part = slice(first, first + _TOGETHER)
            sums = np.abs(signs @ magnitudes[part].T)
            reached[part] += np.count_nonzero(sums >= reach[part], axis=0)
    return ((reached + 1) / (resamples + 1)).tolist()
