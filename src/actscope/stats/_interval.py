"""Student's t intervals: where the mean of all runs lies, and where one more run would fall."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError


@dataclass(frozen=True)
class Interval:
    """An estimated mean, and an interval about it.

    Attributes:
        mean: arithmetic mean of the values.
        low: lower end; None for a single value, from which no interval follows.
        high: upper end; None likewise.
        n: number of values.
        level: share of such intervals that hold what they are for.
    """

    mean: float
    low: float | None
    high: float | None
    n: int
    level: float


def mean_interval(
    values: Sequence[float] | Float[np.ndarray, " n"], level: float = 0.95
) -> Interval:
    """Interval for the mean of all runs: mean ± t·s/√n.

    t is Student's quantile at n - 1 degrees of freedom, s the sample standard deviation (n - 1).
    Exact for independent normal values; on skewed ones a small n covers less than `level`.

    Args:
        values: one number a run, in any unit; the interval has the same.
        level: between 0 and 1.

    Raises:
        ActscopeError: no values, a value that is NaN or infinite, or an impossible level.
    """
    return _interval(values, level, scatter=0)


def prediction_interval(
    values: Sequence[float] | Float[np.ndarray, " n"], level: float = 0.95
) -> Interval:
    """Interval for the value of one more run of the same kind: mean ± t·s·√(1 + 1/n).

    A published single run inside it is not contradicted by `values`; that is all it shows. t and
    s are those of `mean_interval`, and so are the arguments, the errors and the assumption.
    """
    return _interval(values, level, scatter=1)


def _interval(values: Sequence[float] | np.ndarray, level: float, *, scatter: int) -> Interval:
    """Mean ± t·s·√(scatter + 1/n): `scatter` is the target's own variance, as a multiple of s²."""
    from scipy.special import stdtrit

    level, array = _checked_level(level), _checked(values)
    # From the first value: of equal ones the mean is that value, and they do not scatter at all.
    deviations = array - array[0]
    n, mean = len(array), float(array[0] + deviations.mean())
    if n < 2:
        return Interval(mean, None, None, n, level)
    quantile = float(stdtrit(n - 1, (1 + level) / 2))
    margin = quantile * float(deviations.std(ddof=1)) * math.sqrt(scatter + 1 / n)
    return Interval(mean, mean - margin, mean + margin, n, level)


def _checked(values: Sequence[float] | np.ndarray) -> np.ndarray:
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or not array.size:
        raise ActscopeError(
            f"values of shape {array.shape}", expected="one number a run, at least one"
        )
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise ActscopeError(
            f"value {bad[0]} of {array.size} is {array[bad[0]]}",
            expected="finite numbers",
            do="count a diverged run at chance level, never leave it out",
        )
    return array


def _checked_level(level: float) -> float:
    if not 0 < level < 1:
        raise ActscopeError(f"level {level}", expected="a share between 0 and 1, such as 0.95")
    return level
