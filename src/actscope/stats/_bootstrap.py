"""The bias-corrected and accelerated bootstrap: an interval for a statistic that has no formula."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from actscope._errors import ActscopeError
from actscope.stats._interval import _checked, _checked_level

Statistic = Callable[..., np.ndarray | np.floating]


def bca_interval(
    values: Sequence[float] | Float[np.ndarray, " n"],
    statistic: Statistic,
    level: float = 0.95,
    *,
    seed: int,
    resamples: int = 9999,
) -> tuple[float, float]:
    """Lower and upper end of the BCa interval of a statistic.

    Resamples are drawn from the sorted values, so that the order in which runs finished changes no
    digit. All calls of one seed, number of values and number of resamples draw the same places:
    they are kept, so that the thousandth setting of a study costs a fifth of the first.

    Where leaving out any one value leaves the statistic as it is (all values equal, or ties about a
    median), the acceleration is 0/0; the ends are then the plain percentiles of the resamples, and
    equal values have a point.

    For small n it is too short: use `mean_interval` for a mean, and from n = 20 this for the rest.

    Args:
        values: one number a run, at least two.
        statistic: called as `statistic(array, axis=-1)`, such as `np.median`; what it is given is
            in ascending order along that axis.
        level: between 0 and 1.
        seed: of the resamples.
        resamples: how many.

    Raises:
        ActscopeError: fewer than two values, one that is NaN or infinite, or an impossible level.

    Reference: Efron (1987), Better bootstrap confidence intervals, equations 2.3, 6.6 and 6.7.
    """
    from scipy.special import ndtr, ndtri

    level, data = _checked_level(level), np.sort(_checked(values))
    if data.size < 2:
        raise ActscopeError("1 value", expected="at least 2 to resample from")
    drawn = statistic(data[_places(data.size, resamples, seed)], axis=-1)
    left_out = np.asarray(statistic(_each_left_out(data), axis=-1))
    shares = np.array([(1 - level) / 2, (1 + level) / 2])
    if np.ptp(left_out) > 0:
        whole = statistic(data, axis=-1)
        bias = ndtri((np.mean(drawn < whole) + np.mean(drawn <= whole)) / 2)
        pull = left_out.mean() - left_out
        acceleration = (pull**3).sum() / (6 * (pull**2).sum() ** 1.5)
        shifted = bias + ndtri(shares)
        shares = ndtr(bias + shifted / (1 - acceleration * shifted))
    low, high = np.quantile(drawn, shares)
    return float(low), float(high)


@lru_cache(maxsize=1)  # of a thousand values they take 40 MB
def _places(n: int, resamples: int, seed: int) -> Int[np.ndarray, "resample n"]:
    """Which of n sorted values each resample takes, in ascending order."""
    places = np.random.default_rng(seed).integers(0, n, (resamples, n))
    return np.sort(places.astype(np.int32), axis=-1)


def _each_left_out(data: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n n-1"]:
    """Row i holds all values but the i-th."""
    n = data.size
    return np.broadcast_to(data, (n, n))[~np.eye(n, dtype=bool)].reshape(n, n - 1)
