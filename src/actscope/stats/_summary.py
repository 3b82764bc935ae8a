"""One setting over its seeds: centre, scatter and intervals, as far as n allows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Float

from actscope.stats._bootstrap import Statistic, bca_interval
from actscope.stats._interval import Interval, _checked, mean_interval

_RESAMPLED = 20  # seeds from which on BCa is shown: of 5 it covers 84 %, not 95
_NEEDED = {
    "sd": 2,
    "interval": 2,
    "iqm": 8,  # the middle half of fewer is 3 runs at most
    "median_interval": _RESAMPLED,
    "iqm_interval": _RESAMPLED,
}
_SEED = 0  # of the resamples, so that the same runs always print the same numbers


@dataclass(frozen=True)
class Summary:
    """What the runs of one setting say together; n counts seeds.

    Attributes:
        interval: the mean with its t interval (no ends for a single run).
        sd: sample standard deviation (n - 1); None for a single run.
        median: the middle run, or midway between the middle two.
        iqm: interquartile mean: of what is left when ⌊n/4⌋ runs are trimmed at each end, never a
            fraction of a run; None below n = 8.
        values: of the runs, of which the bootstrap's intervals are made when they are asked for:
            10,000 resamples take some milliseconds.
    """

    interval: Interval
    sd: float | None
    median: float
    iqm: float | None
    values: tuple[float, ...] = field(repr=False)

    @cached_property
    def median_interval(self) -> tuple[float, float] | None:
        """Lower and upper end by BCa; None below n = 20."""
        return _ends(np.array(self.values), _middle, self.interval.level)

    @cached_property
    def iqm_interval(self) -> tuple[float, float] | None:
        """Lower and upper end by BCa; None below n = 20."""
        return _ends(np.array(self.values), _interquartile_mean, self.interval.level)

    @property
    def n(self) -> int:
        """Number of runs."""
        return self.interval.n

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        return self.interval.mean

    @property
    def missing(self) -> dict[str, str]:
        """Why each number that is not here is not, by its name: `"needs 20 seeds"`."""
        return {
            name: f"needs {needed} seeds" for name, needed in _NEEDED.items() if self.n < needed
        }


def summarise(values: Sequence[float] | Float[np.ndarray, " n"], *, level: float = 0.95) -> Summary:
    """Summary of one number a seed, in any unit; every number of it but n has the same unit.

    Args:
        values: one a seed, never one an epoch or an image; `with_failures` counts diverged runs.
        level: of the intervals, between 0 and 1.

    Raises:
        ActscopeError: no values, a value that is NaN or infinite, or an impossible level.

    Reference: Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical
    precipice (interquartile mean).
    """
    array = _checked(values)
    n = array.size
    return Summary(
        interval=mean_interval(array, level),
        sd=float((array - array[0]).std(ddof=1)) if n >= _NEEDED["sd"] else None,
        median=float(np.median(array)),
        iqm=float(_interquartile_mean(np.sort(array))) if n >= _NEEDED["iqm"] else None,
        values=tuple(array.tolist()),
    )


def _ends(array: np.ndarray, statistic: Statistic, level: float) -> tuple[float, float] | None:
    """BCa ends, with resamples that are the same each time; None where n is too small for them."""
    return None if array.size < _RESAMPLED else bca_interval(array, statistic, level, seed=_SEED)


def _middle(ordered: np.ndarray, axis: int = -1) -> np.ndarray | np.floating:
    """Median along the axis, of what is in ascending order: that takes no time."""
    n = ordered.shape[axis]
    return ordered.take(range((n - 1) // 2, n // 2 + 1), axis).mean(axis)


def _interquartile_mean(ordered: np.ndarray, axis: int = -1) -> np.ndarray | np.floating:
    """Mean of what lies between the ⌊n/4⌋ smallest and as many of the largest, likewise."""
    n = ordered.shape[axis]
    return ordered.take(range(n // 4, n - n // 4), axis).mean(axis)
