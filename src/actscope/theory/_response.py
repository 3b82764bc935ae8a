"""The mean of g(z) over Gaussian z, and how it answers when z is not quite that Gaussian.

In a network of finite width the second moment of a layer differs from network to network. Over
all of them a pre-activation then has a slightly other variance than in the limit, and a kurtosis:
by Edgeworth's series E[g] moves by δ/2 · E[g He₂(u)] + κ/24 · E[g He₄(u)], u = z/√q. A bias that
is not normal is another matter: with PyTorch's default it is most of a pre-activation, however wide
the network, so what it does is calculated with the density that z then has.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from actscope.theory._gaussian import expectation

Curve = Callable[[np.ndarray], np.ndarray]
Intervals = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Spread:
    """How the pre-activations of a layer deviate from N(0, q), to first order in 1/width.

    Attributes:
        shift: δ, of the mean second moment over networks, relative to q.
        variance: between networks, of the second moment that a network's units share, relative
            to q².
        kurtosis: κ, the excess kurtosis of a pre-activation over networks, its bias left out.
    """

    shift: float = 0.0
    variance: float = 0.0
    kurtosis: float = 0.0


@dataclass(frozen=True)
class Response:
    """Averages of a function g of a pre-activation z ~ N(0, q), u = z/√q.

    Attributes:
        mean: E[g].
        second: E[g²], with what a bias that is not normal does to it.
        he2: E[g He₂(u)], He₂ = u² - 1; it is 2q dE[g]/dq.
        he4: E[g He₄(u)], He₄ = u⁴ - 6u² + 3; it is 4q² d²E[g]/dq².
        biased: what such a bias adds to E[g].
    """

    mean: float
    second: float
    he2: float
    he4: float
    biased: float = 0.0

    def shift(self, spread: Spread) -> float:
        """What to add to `mean` for the mean over networks of finite width."""
        return spread.shift / 2 * self.he2 + spread.kurtosis / 24 * self.he4 + self.biased

    def variance(self, spread: Spread, width: int) -> float:
        """Between networks, of the average of g over `width` units of a layer."""
        own = max(self.second - (self.mean + self.biased) ** 2, 0.0) / width
        return own + spread.variance * (self.he2 / 2) ** 2


@dataclass(frozen=True)
class Uniform:
    """A pre-activation z = v + b of variance q, v normal and b uniform.

    Attributes:
        q: the variance of z.
        bound: of |b|.
    """

    q: float
    bound: float

    @property
    def ends(self) -> tuple[float, float]:
        """Near which the density may be steep."""
        return -self.bound, self.bound

    def excess(self, z: np.ndarray) -> np.ndarray:
        """(p - n)/n of its density p and the normal density n of variance q."""
        narrow = math.sqrt(max(self.q - self.bound**2 / 3, 1e-18 * self.q))
        size = np.abs(z)  # from the nearer tail, which keeps its digits
        within = ndtr((self.bound - size) / narrow) - ndtr((-self.bound - size) / narrow)
        normal = np.exp(-(z**2) / (2 * self.q)) / math.sqrt(2 * math.pi * self.q)
        return within / (2 * self.bound) / normal - 1


def response(
    g: Curve, q: float, breaks: Sequence[float] = (), uniform: Uniform | None = None
) -> Response:
    """The response of g.

    Args:
        g: of float64 points of any shape.
        q: the variance; at 0 there is nothing that could be a little wider.
        breaks: points between which g is analytic.
        uniform: what z is, if its bias is not normal.

    Raises:
        ActscopeError: as of `expectation`.
    """
    if q == 0:
        value = expectation(g, 0.0)
        return Response(value, value**2, 0.0, 0.0)

    def square(z: np.ndarray) -> np.ndarray:
        return g(z) ** 2

    def hermite(order: int) -> Curve:
        coefficients = [0.0] * order + [1.0]
        return lambda z: g(z) * np.polynomial.hermite_e.hermeval(z / math.sqrt(q), coefficients)

    return Response(
        mean=expectation(g, q, breaks),
        second=expectation(square, q, breaks) + _biased(square, breaks, uniform),
        he2=expectation(hermite(2), q, breaks),
        he4=expectation(hermite(4), q, breaks),
        biased=_biased(g, breaks, uniform),
    )


def _biased(g: Curve, breaks: Sequence[float], uniform: Uniform | None) -> float:
    if uniform is None:
        return 0.0
    ends = (*breaks, *uniform.ends)
    return expectation(lambda z: g(z) * uniform.excess(z), uniform.q, ends)


def share(intervals: Intervals, q: float, uniform: Uniform | None = None) -> Response:
    """The response of g(z) = 1 on the intervals, else 0; by the normal distribution function.

    At q = 0 a closed interval that holds 0 holds everything.
    """
    if q == 0:
        inside = float(any(low <= 0 <= high for low, high in intervals))
        return Response(inside, inside, 0.0, 0.0)
    ends = np.asarray(intervals, float).reshape(-1, 2) / math.sqrt(q)
    # From the nearer tail, so that a small share keeps its digits.
    side = np.where(ends[:, :1] > -ends[:, 1:], -1.0, 1.0)
    mean = float(np.abs(np.diff(ndtr(side * ends))).sum())
    u = np.where(np.isfinite(ends), ends, 0.0)
    density = np.where(np.isfinite(ends), np.exp(-(u**2) / 2) / math.sqrt(2 * math.pi), 0.0)
    # The integral of He_k times the density is -He_(k-1) times the density.
    he2, he4 = (-float(np.diff(h * density).sum()) for h in (u, u**3 - 3 * u))
    edges = [float(end) for interval in intervals for end in interval if math.isfinite(end)]
    biased = _biased(lambda z: _within(z, intervals), edges, uniform) if mean else 0.0
    return Response(mean, mean + biased, he2, he4, biased)


def _within(z: np.ndarray, intervals: Intervals) -> np.ndarray:
    return sum((((z >= low) & (z <= high)) * 1.0 for low, high in intervals), np.zeros(z.shape))


def among(part: Response, whole: Response) -> Response:
    """The response of the share of `part` among those of `whole`, to first order."""
    if whole.mean == 0:
        return Response(math.nan, math.nan, math.nan, math.nan)
    ratio = part.mean / whole.mean
    biased = (part.biased - ratio * whole.biased) / whole.mean
    return Response(
        mean=ratio,
        second=(ratio + biased) ** 2 + ratio * (1 - ratio) / whole.mean,
        he2=(part.he2 - ratio * whole.he2) / whole.mean,
        he4=(part.he4 - ratio * whole.he4) / whole.mean,
        biased=biased,
    )
