"""Statistics of one array in many batches: a part a batch on the device, merged on the host.

Parts are float32 sums over one batch's examples; merging is float64, by the pairwise update of
Chan, Golub and LeVeque (1983), so the result does not depend on how the data was cut.
"""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from actscope.probing._signal import FINE_BINS, Histogram, Signal, bin_edges


class Part(NamedTuple):
    """What one batch says of each unit (last axis); NaN and infinite values only count as such."""

    count: Int[Array, " unit"]
    nonfinite: Int[Array, " unit"]
    zeros: Int[Array, " unit"]
    mean: Float[Array, " unit"]
    squares: Float[Array, " unit"]
    low: Float[Array, " unit"]
    high: Float[Array, " unit"]


def part(x: Float[Array, "batch *position unit"]) -> Part:
    """The statistics of one batch; `squares` is the sum of squared deviations from `mean`."""
    x = x.reshape(-1, x.shape[-1]).astype(jnp.promote_types(x.dtype, jnp.float32))
    finite = jnp.isfinite(x)
    count = finite.sum(axis=0)
    mean = jnp.where(finite, x, 0).sum(axis=0) / jnp.maximum(count, 1)
    return Part(
        count=count,
        nonfinite=x.shape[0] - count,
        zeros=(x == 0).sum(axis=0),
        mean=mean,
        squares=jnp.where(finite, (x - mean) ** 2, 0).sum(axis=0),
        low=jnp.where(finite, x, jnp.inf).min(axis=0),
        high=jnp.where(finite, x, -jnp.inf).max(axis=0),
    )


def bin_counts(
    x: Float[Array, "batch *position unit"], low: Float[Array, ""], high: Float[Array, ""]
) -> Int[Array, " bins"]:
    """Counts of one batch's finite values in `FINE_BINS` equal bins over [low, high].

    A value's bin follows from its float32 distance to `low`; a value within float32 rounding of
    an edge may stand in either neighbour.
    """
    x = x.ravel().astype(jnp.promote_types(x.dtype, jnp.float32))
    span = jnp.where(high > low, high - low, 1)
    # Scaled before it is multiplied: FINE_BINS / span overflows for the smallest spans.
    index = jnp.clip((x - low) / span * FINE_BINS, 0, FINE_BINS - 1)
    index = jnp.where(jnp.isfinite(x), index.astype(jnp.int32), FINE_BINS)
    return jnp.zeros(FINE_BINS + 1, jnp.int32).at[index].add(1)[:FINE_BINS]


@dataclass
class Moments:
    """The running sum of parts, a number a unit, in float64 and int64."""

    count: np.ndarray
    nonfinite: np.ndarray
    zeros: np.ndarray
    mean: np.ndarray
    squares: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, first: Part) -> "Moments":
        """The moments of one part."""
        counts = (np.asarray(field, np.int64) for field in first[:3])
        values = (np.asarray(field, np.float64) for field in first[3:])
        return cls(*counts, *values)

    def merged(self, other: "Moments") -> "Moments":
        """The moments of both together."""
        count = self.count + other.count
        share = np.divide(other.count, count, out=np.zeros(len(count)), where=count > 0)
        step = other.mean - self.mean
        return Moments(
            count=count,
            nonfinite=self.nonfinite + other.nonfinite,
            zeros=self.zeros + other.zeros,
            mean=self.mean + step * share,
            squares=self.squares + other.squares + step**2 * self.count * share,
            low=np.minimum(self.low, other.low),
            high=np.maximum(self.high, other.high),
        )

    @property
    def always_zero(self) -> Bool[np.ndarray, " unit"]:
        """Units that were exactly 0 in every example."""
        return (self.zeros == self.count) & (self.nonfinite == 0)

    def range(self) -> tuple[float, float]:
        """Smallest and largest finite value; (0, 0) if there is none."""
        if not self.count.any():
            return 0.0, 0.0
        return float(self.low.min()), float(self.high.max())

    def signal(self, counts: Int[np.ndarray, " bins"]) -> Signal:
        """All units together as one signal; `counts` are its fine histogram's."""
        low, high = self.range()
        histogram = Histogram(bin_edges(low, high), np.asarray(counts, np.int64))
        count, nonfinite = int(self.count.sum()), int(self.nonfinite.sum())
        if not count:
            nan = float("nan")
            return Signal(0, nonfinite, nan, nan, nan, nan, nan, nan, histogram)
        mean = float((self.mean * self.count).sum() / count)
        deviation = float((self.squares + self.count * (self.mean - mean) ** 2).sum())
        return Signal(
            count=count,
            nonfinite=nonfinite,
            mean=mean,
            std=(deviation / count) ** 0.5,
            min=low,
            max=high,
            l2=(deviation + count * mean**2) ** 0.5,
            fraction_zero=float(self.zeros.sum() / count),
            histogram=histogram,
        )


def merge(running: dict[str, Moments], parts: dict[str, Part]) -> dict[str, Moments]:
    """`running` with one batch's parts, fetched from the device, added to each entry."""
    fetched = {name: Moments.of(found) for name, found in jax.device_get(parts).items()}
    if not running:
        return fetched
    return {name: moments.merged(fetched[name]) for name, moments in running.items()}
