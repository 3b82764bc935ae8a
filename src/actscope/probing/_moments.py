"""Statistics of one array that comes in batches: a part a batch, merged on the host.

A part holds float32 sums over one batch, made on the device. Merging is float64, by the pairwise
update of Chan, Golub and LeVeque (1983), so the result does not depend on how the data was cut.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from actscope._signal import FINE_BINS, Histogram, Signal


class Part(NamedTuple):
    """What one batch says of each unit; NaN and infinite values only count as such.

    Attributes:
        finite: number of finite values.
        nonfinite: number of the others.
        zeros: number of values that are exactly 0.
        mean: of the finite values, divided by `scale`.
        squares: sum of their squared deviations from the mean, divided by `scale`².
        low: smallest finite value of any unit; infinite if there is none.
        high: largest finite value of any unit; -infinite if there is none.
        scale: a power of two near the largest magnitude. Squares leave the range of float32 long
            before values do: where gradients vanish below 1e-20 or signals explode beyond 1e19.
    """

    finite: Int[Array, " unit"]
    nonfinite: Int[Array, " unit"]
    zeros: Int[Array, " unit"]
    mean: Float[Array, " unit"]
    squares: Float[Array, " unit"]
    low: Float[Array, ""]
    high: Float[Array, ""]
    scale: Float[Array, ""]


@jax.jit
def part(
    x: Float[Array, "..."], ends: tuple[Float[Array, ""], Float[Array, ""]] | None = None
) -> Part:
    """The statistics of one batch; the last axis holds the units, if there is one.

    Args:
        x: the values.
        ends: the smallest and the largest, where both are known to be finite: no value then needs
            to be looked at to see whether it is, which takes two thirds of the time.
    """
    x = _wide(x).reshape(-1, x.shape[-1] if x.ndim > 1 else 1)
    good = None if ends else jnp.isfinite(x)

    def kept(values: jax.Array, other: float = 0) -> jax.Array:
        return values if good is None else jnp.where(good, values, other)

    low, high = ends or (kept(x, jnp.inf).min(), kept(x, -jnp.inf).max())
    scale = _scale(low, high)
    finite = jnp.full(x.shape[1], x.shape[0]) if good is None else good.sum(axis=0)
    scaled = x * (1 / scale)
    mean = kept(scaled).sum(axis=0) / jnp.maximum(finite, 1)
    return Part(
        finite=finite,
        nonfinite=x.shape[0] - finite,
        zeros=(x == 0).sum(axis=0),
        mean=mean,
        squares=kept((scaled - mean[None]) ** 2).sum(axis=0),
        low=low,
        high=high,
        scale=scale,
    )


def ends(x: Float[Array, "..."]) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """The smallest and the largest value; one of them at least is not finite if any value is."""
    x = _wide(x)
    return x.min(), x.max()


@jax.jit
def bin_counts(
    x: Float[Array, "..."], low: Float[Array, ""], high: Float[Array, ""]
) -> Int[Array, " bins"]:
    """Counts of one batch's finite values in `FINE_BINS` equal bins over [low, high].

    A value within float32 rounding of an edge may stand in either neighbour.
    """
    x = _wide(x).ravel()
    scale = _scale(low, high)  # without it the width of the range might overflow
    start, width = low / scale, high / scale - low / scale
    index = (x / scale - start) / jnp.where(width > 0, width, 1) * FINE_BINS
    index = jnp.where(jnp.isfinite(x), jnp.clip(index, 0, FINE_BINS - 1), FINE_BINS)
    return jnp.zeros(FINE_BINS + 1, jnp.int32).at[index.astype(jnp.int32)].add(1)[:FINE_BINS]


def _wide(x: jax.Array) -> jax.Array:
    """`x` in float32 at least."""
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def _scale(low: jax.Array, high: jax.Array) -> jax.Array:
    """The power of two nearest to the larger magnitude, if its reciprocal is a normal number."""
    largest = jnp.clip(jnp.maximum(jnp.abs(low), jnp.abs(high)), 2.0**-125, 2.0**125)
    return jax.lax.reduce_precision(largest, jnp.finfo(largest.dtype).nexp, 0)


@dataclass(frozen=True, eq=False)
class Moments:
    """What any number of batches say, in float64 and int64: a `Part`'s fields without its scale."""

    finite: Int[np.ndarray, " unit"]
    nonfinite: Int[np.ndarray, " unit"]
    zeros: Int[np.ndarray, " unit"]
    mean: Float[np.ndarray, " unit"]
    squares: Float[np.ndarray, " unit"]
    low: float
    high: float

    @classmethod
    def of(cls, found: Part) -> "Moments":
        """The moments of one part, fetched from the device."""
        scale = float(found.scale)
        return cls(
            finite=np.asarray(found.finite, np.int64),
            nonfinite=np.asarray(found.nonfinite, np.int64),
            zeros=np.asarray(found.zeros, np.int64),
            mean=np.asarray(found.mean, np.float64) * scale,
            squares=np.asarray(found.squares, np.float64) * scale**2,
            low=float(found.low),
            high=float(found.high),
        )

    def __add__(self, other: "Moments") -> "Moments":
        """The moments of the values of both."""
        finite = self.finite + other.finite
        share = other.finite / np.maximum(finite, 1)
        step = other.mean - self.mean
        return Moments(
            finite=finite,
            nonfinite=self.nonfinite + other.nonfinite,
            zeros=self.zeros + other.zeros,
            mean=self.mean + step * share,
            squares=self.squares + other.squares + step**2 * self.finite * share,
            low=min(self.low, other.low),
            high=max(self.high, other.high),
        )

    @property
    def always_zero(self) -> Bool[np.ndarray, " unit"]:
        """Units that were exactly 0 in every example."""
        return self.zeros == self.finite + self.nonfinite

    @property
    def range(self) -> tuple[float, float]:
        """Ends of the histogram: the extreme values; around a constant ± ½, as in NumPy."""
        low, high = (self.low, self.high) if self.finite.any() else (0.0, 0.0)
        return (low, high) if low < high else (low - 0.5, high + 0.5)

    def signal(self, counts: Int[np.ndarray, " bins"]) -> Signal:
        """All units together as one signal; `counts` are those of its fine bins."""
        count = int(self.finite.sum())
        n = count or math.nan  # of no value at all every statistic is NaN
        mean = float((self.mean * self.finite).sum()) / n
        deviation = float((self.squares + self.finite * (self.mean - mean) ** 2).sum())
        if self.low == self.high:  # rounding must not make a constant scatter
            mean, deviation = self.low, 0.0
        return Signal(
            count=count,
            nonfinite=int(self.nonfinite.sum()),
            mean=mean,
            std=math.sqrt(deviation / n),
            min=self.low if count else math.nan,
            max=self.high if count else math.nan,
            l2=math.sqrt(deviation + n * mean**2),
            fraction_zero=int(self.zeros.sum()) / n,
            histogram=Histogram(np.linspace(*self.range, FINE_BINS + 1), counts),
        )


def quick_counts(
    values: Float[np.ndarray, " n"], edges: Float[np.ndarray, " edge"]
) -> Int[np.ndarray, " bins"]:
    """Counts in equal bins; `np.histogram`, which takes edges of any kind, takes six times as long.

    A value within float64 rounding of an edge may stand in either neighbour.
    """
    bins = len(edges) - 1
    index = ((values - edges[0]) * (bins / (edges[-1] - edges[0]))).astype(np.int64)
    return np.bincount(np.minimum(index, bins - 1), minlength=bins)


def summarise(values: Float[np.ndarray, "..."], *, quickly: bool = False) -> Signal:
    """The signal of an array that is in memory already, in float64.

    Args:
        values: of any shape.
        quickly: whether they are counted by `quick_counts` instead of NumPy's histogram.
    """
    flat = np.asarray(values, np.float64).ravel()
    finite = flat[np.isfinite(flat)]
    mean = finite.mean() if len(finite) else 0.0
    moments = Moments(
        finite=np.array([len(finite)]),
        nonfinite=np.array([len(flat) - len(finite)]),
        zeros=np.array([np.count_nonzero(finite == 0)]),
        mean=np.array([mean]),
        squares=np.array([((finite - mean) ** 2).sum()]),
        low=float(finite.min(initial=math.inf)),
        high=float(finite.max(initial=-math.inf)),
    )
    edges = np.linspace(*moments.range, FINE_BINS + 1)
    return moments.signal(
        quick_counts(finite, edges) if quickly else np.histogram(finite, edges)[0]
    )
