"""The bias-corrected and accelerated bootstrap: an interval for a statistic that has no formula."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError
from actscope.stats._interval import _checked, _checked_level


def bca_interval(
    values: Sequence[float] | Float[np.ndarray, " n"],
    statistic: Callable[..., np.ndarray | np.floating],
    level: float = 0.95,
    *,
    generator: np.random.Generator,
    resamples: int = 9999,
) -> tuple[float, float]:
    """Lower and upper end of the BCa interval of a statistic.

    Resamples are drawn from the sorted values, so that the order in which runs finished changes no
    digit. Where leaving out any one value leaves the statistic as it is (all values equal, or ties
    about a median), the acceleration is 0/0; the ends are then the plain percentiles of the
    resamples, and equal values have a point.

    For small n it is too short: use `mean_interval` for a mean, and from n = 20 this for the rest.

    Args:
        values: one number a run, at least two.
        statistic: called as `statistic(array, axis=-1)`, such as `np.median`.
        level: between 0 and 1.
        generator: draws the resamples; one of a fixed seed gives the same ends each time.
        resamples: how many.

    Raises:
        ActscopeError: fewer than two values, one that is NaN or infinite, or an impossible level.

    Reference: Efron (1987), Better bootstrap confidence intervals; computed by `scipy.stats`.
    """
    from scipy.stats import bootstrap

    level, data = _checked_level(level), np.sort(_checked(values))
    if data.size < 2:
        raise ActscopeError("1 value", expected="at least 2 to resample from")
    left_out = np.asarray(statistic(_each_left_out(data), axis=-1))
    found = bootstrap(
        (data,),
        statistic,
        n_resamples=resamples,
        vectorized=True,
        axis=-1,
        confidence_level=level,
        method="percentile" if np.ptp(left_out) == 0 else "BCa",
        rng=generator,
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _each_left_out(data: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n n-1"]:
    """Row i holds all values but the i-th."""
    n = data.size
    return np.broadcast_to(data, (n, n))[~np.eye(n, dtype=bool)].reshape(n, n - 1)
