"""The mean of g(z) over Gaussian z, and how it answers when z is not quite that Gaussian.

In a network of finite width the second moment of a layer differs from network to network. Over
all of them a pre-activation then has a slightly other variance than in the limit, and a kurtosis:
by Edgeworth's series E[g] moves by δ/2 · E[g He₂(u)] + κ/24 · E[g He₄(u)], u = z/√q.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

Intervals = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Spread:
    """How the pre-activations of a layer deviate from N(0, q), to first order in 1/width.

    Attributes:
        shift: δ, of the mean second moment over networks, relative to q.
        variance: between networks, of the second moment that a network's units share, relative
            to q².
        kurtosis: κ, the excess kurtosis of a pre-activation over networks.
    """

    shift: float = 0.0
    variance: float = 0.0
    kurtosis: float = 0.0


@dataclass(frozen=True)
class Response:
    """Averages of a function g of a pre-activation z ~ N(0, q), u = z/√q.

    Attributes:
        mean: E[g].
        second: E[g²].
        he2: E[g He₂(u)], He₂ = u² - 1; it is 2q dE[g]/dq.
        he4: E[g He₄(u)], He₄ = u⁴ - 6u² + 3; it is 4q² d²E[g]/dq².
    """

    mean: float
    second: float
    he2: float
    he4: float

    def shift(self, spread: Spread) -> float:
        """What to add to `mean` for the mean over networks of finite width."""
        return spread.shift / 2 * self.he2 + spread.kurtosis / 24 * self.he4

    def variance(self, spread: Spread, width: int) -> float:
        """Between networks, of the average of g over `width` units of a layer."""
        own = max(self.second - self.mean**2, 0.0) / width
        return own + spread.variance * (self.he2 / 2) ** 2


def share(intervals: Intervals, q: float) -> Response:
    """The response of g(z) = 1 on the intervals, else 0; by the normal distribution function.

    At q = 0 a closed interval that holds 0 holds everything.
    """
    if q == 0:
        inside = float(any(low <= 0 <= high for low, high in intervals))
        return Response(inside, inside, 0.0, 0.0)
    ends = np.asarray(intervals, float).reshape(-1, 2) / math.sqrt(q)
    # From the nearer tail, so that a small share keeps its digits.
    side = np.where(ends.sum(axis=1, keepdims=True) > 0, -1.0, 1.0)
    mean = float(np.abs(np.diff(ndtr(side * ends))).sum())
    u = np.where(np.isfinite(ends), ends, 0.0)
    density = np.where(np.isfinite(ends), np.exp(-(u**2) / 2) / math.sqrt(2 * math.pi), 0.0)
    # The integral of He_k times the density is -He_(k-1) times the density.
    he2, he4 = (-float(np.diff(h * density).sum()) for h in (u, u**3 - 3 * u))
    return Response(mean, mean, he2, he4)


def among(part: Response, whole: Response) -> Response:
    """The response of the share of `part` among those of `whole`, to first order."""
    if whole.mean == 0:
        return Response(math.nan, math.nan, math.nan, math.nan)
    ratio = part.mean / whole.mean
    return Response(
        mean=ratio,
        second=ratio**2 + ratio * (1 - ratio) / whole.mean,
        he2=(part.he2 - ratio * whole.he2) / whole.mean,
        he4=(part.he4 - ratio * whole.he4) / whole.mean,
    )
