"""What is said of one array of numbers, however many batches it came in."""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from actscope._errors import ActscopeError

# Divisible by the 50 and the 30 bins of the tutorial's figures, and fine enough for the density
# curve: a Gaussian kernel is seldom narrower than 1/1200 of the range.
FINE_BINS = 1200


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts of values in bins of equal width.

    Attributes:
        edges: bin boundaries, ascending; the last bin includes its right edge, as in NumPy.
        counts: number of values in each bin.
    """

    edges: Float[np.ndarray, " edge"]
    counts: Int[np.ndarray, " bins"]

    def rebinned(self, bins: int) -> "Histogram":
        """The same counts in fewer bins.

        Raises:
            ActscopeError: `bins` does not divide the present number of bins.
        """
        width, rest = divmod(len(self.counts), bins)
        if rest:
            raise ActscopeError(
                f"{bins} bins", expected=f"a number that divides {len(self.counts)}, such as 50"
            )
        return Histogram(self.edges[::width], self.counts.reshape(bins, width).sum(axis=1))

    @cached_property
    def heights(self) -> Float[np.ndarray, " bins"]:
        """Density in each bin: the bars' area is 1 (0 everywhere if there is no value)."""
        area = self.counts.sum() * np.diff(self.edges)
        return np.divide(self.counts, area, out=np.zeros(len(area)), where=area > 0)


@dataclass(frozen=True, eq=False)
class Signal:
    """Summary of all finite values of one array over all examples.

    Attributes:
        count: number of finite values.
        nonfinite: number of NaN and infinite values; they enter nothing else here.
        mean: arithmetic mean.
        std: population standard deviation (0 degrees of freedom taken off).
        min: smallest value.
        max: largest value.
        l2: Euclidean norm of all values together.
        fraction_zero: share of values that are exactly 0.
        histogram: `FINE_BINS` bins over [min, max]; over [min - ½, min + ½] for a constant.
    """

    count: int
    nonfinite: int
    mean: float
    std: float
    min: float
    max: float
    l2: float
    fraction_zero: float
    histogram: Histogram = field(repr=False)

    @property
    def rms(self) -> float:
        """Root mean square; NaN of no value."""
        return self.l2 / math.sqrt(self.count) if self.count else math.nan

    def density(self, points: int = 200) -> tuple[np.ndarray, np.ndarray]:
        """Gaussian kernel density estimate over [min, max].

        The bandwidth is Scott's, s · count^(-1/5) with the sample standard deviation s, as in
        `scipy.stats.gaussian_kde` and seaborn. The kernel is averaged over each fine bin, so a
        bandwidth below the bin width loses nothing but resolution.

        Returns:
            Positions and densities, each of shape `(points,)`; both empty for a constant signal,
            which has no density.
        """
        # The deviation of a large constant may be some rounding instead of 0.
        if self.count < 2 or self.min == self.max or not self.std > 0:
            return np.empty(0), np.empty(0)
        from scipy.special import ndtr

        sample_std = self.std * math.sqrt(self.count / (self.count - 1))
        bandwidth = sample_std * self.count ** (-1 / 5)
        x = np.linspace(self.min, self.max, points)
        below = ndtr((x[:, None] - self.histogram.edges) / bandwidth)
        return x, -np.diff(below, axis=1) @ self.histogram.heights

    def to_json(self, bins: int = 50) -> dict[str, Any]:
        """The contract's SIGNAL object, with the number of values that are not finite beside it."""
        histogram = self.histogram.rebinned(bins)
        return {
            "mean": json_number(self.mean),
            "std": json_number(self.std),
            "min": json_number(self.min),
            "max": json_number(self.max),
            "l2": json_number(self.l2),
            "fraction_zero": json_number(self.fraction_zero),
            "nonfinite": self.nonfinite,
            "histogram": {"edges": histogram.edges.tolist(), "counts": histogram.counts.tolist()},
        }


def json_number(value: float | None) -> float | None:
    """`value` as JSON can hold it: None where it is NaN, infinite or not known."""
    return value if value is not None and math.isfinite(value) else None
