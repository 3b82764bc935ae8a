"""What is said of one array of numbers, however many batches it came in."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Int

# Divisible by the 50 and the 30 bins of the tutorial's figures, and fine enough for the density
# curve: a Gaussian kernel is seldom narrower than the 1/1200 of the range.
FINE_BINS = 1200


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts of values in bins of equal width.

    Attributes:
        edges: bin boundaries, ascending; the last bin includes its right edge, as in NumPy.
        counts: number of values in each bin.
    """

    edges: Float[np.ndarray, "bins+1"]
    counts: Int[np.ndarray, " bins"]

    def rebinned(self, bins: int) -> "Histogram":
        """The same counts in fewer bins; `bins` must divide the present number of bins."""
        width, rest = divmod(len(self.counts), bins)
        if rest:
            raise ValueError(f"{bins} bins do not divide {len(self.counts)}")
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
    histogram: Histogram

    @cached_property
    def second_moment(self) -> float:
        """Mean of squares, uncentred."""
        return self.l2**2 / self.count if self.count else float("nan")

    def density(self, points: int = 200) -> tuple[np.ndarray, np.ndarray]:
        """Gaussian kernel density estimate over [min, max].

        The bandwidth is Scott's, std · count^(-1/5), as in `scipy.stats.gaussian_kde` and
        seaborn. The kernel is averaged over each fine bin, so a bandwidth below the bin width
        loses nothing but resolution.

        Returns:
            Positions and densities, each of shape `(points,)`; both empty for a constant signal,
            which has no density.
        """
        if self.count < 2 or not self.std > 0:
            return np.empty(0), np.empty(0)
        from scipy.special import ndtr

        bandwidth = self.std * self.count ** (-1 / 5)
        x = np.linspace(self.min, self.max, points)
        below = ndtr((x[:, None] - self.histogram.edges) / bandwidth)
        return x, -np.diff(below, axis=1) @ self.histogram.heights

    def to_json(self, bins: int = 50) -> dict[str, Any]:
        """The contract's SIGNAL object; `nonfinite` appears where it is not 0."""
        histogram = self.histogram.rebinned(bins)
        found = {
            name: getattr(self, name)
            for name in ("mean", "std", "min", "max", "l2", "fraction_zero")
        }
        if self.nonfinite:
            found["nonfinite"] = self.nonfinite
        return found | {
            "histogram": {"edges": histogram.edges.tolist(), "counts": histogram.counts.tolist()}
        }


def summarise(values: np.ndarray) -> Signal:
    """The signal of an array that is already in memory."""
    flat = np.asarray(values, np.float64).ravel()
    finite = flat[np.isfinite(flat)]
    if not len(finite):
        nan = float("nan")
        return Signal(0, len(flat), nan, nan, nan, nan, nan, nan, histogram_of(finite, 0.0, 0.0))
    low, high = float(finite.min()), float(finite.max())
    return Signal(
        count=len(finite),
        nonfinite=len(flat) - len(finite),
        mean=float(finite.mean()),
        std=float(finite.std()),
        min=low,
        max=high,
        l2=float(np.linalg.norm(finite)),
        fraction_zero=float(np.mean(finite == 0)),
        histogram=histogram_of(finite, low, high),
    )


def bin_edges(low: float, high: float) -> np.ndarray:
    """`FINE_BINS + 1` edges from `low` to `high`; around a constant, as NumPy does, ± ½."""
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, FINE_BINS + 1)


def histogram_of(values: np.ndarray, low: float, high: float) -> Histogram:
    """Fine histogram of `values`, all within [low, high]."""
    edges = bin_edges(low, high)
    return Histogram(edges, np.histogram(values, edges)[0])
