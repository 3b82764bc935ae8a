"""Where an activation function is 0, where it is constant, and where its slope is small."""

import math
from dataclasses import dataclass, replace

import numpy as np

from actscope.activations import describe
from actscope.theory._gaussian import expectation
from actscope.theory._hosted import Hosted
from actscope.theory._response import Intervals, Response, Uniform, among, share

_SATURATED = 0.05  # share of the largest slope: as in probing
_REACH = 9.0  # standard deviations within which all is that matters to a share
_NEAR = 20.0  # where functions have their features
_POINTS = 2**15  # at which the slope is looked at, near and within reach
_HALVINGS = 60


@dataclass(frozen=True)
class Shares:
    """Intervals of pre-activations that are counted.

    Attributes:
        zero: where f is 0.
        flat: the half-lines on which f is constant.
        small: outside of them, where |f'| is under 5 % of its supremum, or where that is
            infinite, of the root mean square of f' under N(0, 1).
    """

    zero: Intervals
    flat: Intervals
    small: Intervals

    @staticmethod
    def of(f: Hosted, deviation: float) -> "Shares":
        """Those of a function, for pre-activations of at most this standard deviation."""
        flat = describe(f.activation).flat
        # What a network learns may give a flat part a slope: before training it has none.
        today = describe(replace(f.activation, trainable=())).flat
        half_lines = tuple(ends for ends in flat if not np.isfinite(ends).all())
        return Shares(
            zero=tuple(ends for ends in today if f.value(np.array([_inside(*ends)]))[0] == 0),
            flat=half_lines,
            small=_small(f, half_lines, _REACH * deviation),
        )

    def zeros(self, q: float, uniform: Uniform | None = None) -> Response:
        """The share of post-activations that are 0, for pre-activations of variance q."""
        return share(self.zero, q, uniform)

    def saturated(self, q: float, uniform: Uniform | None = None) -> Response:
        """The share of small slopes outside of the flat half-lines; NaN where nothing is."""
        flat = share(self.flat, q, uniform)
        sloping = Response(1 - flat.mean, 1 - flat.mean, -flat.he2, -flat.he4, -flat.biased)
        return among(share(self.small, q, uniform), sloping)


def _inside(low: float, high: float) -> float:
    if math.isinf(low) and math.isinf(high):
        return 0.0
    return low + 1 if math.isinf(high) else high - 1 if math.isinf(low) else (low + high) / 2


def _small(f: Hosted, flat: Intervals, reach: float) -> Intervals:
    largest = describe(f.activation).largest_slope
    if math.isinf(largest):
        largest = math.sqrt(expectation(lambda z: f.slope(z) ** 2, 1.0, f.breaks))

    def small(z: np.ndarray) -> np.ndarray:
        outside = np.ones(z.shape, bool)
        for low, high in flat:
            outside &= (z < low) | (z > high)
        return outside & (np.abs(f.slope(z)) < _SATURATED * largest)

    sides = [np.linspace(-end, end, _POINTS) for end in {_NEAR, max(_NEAR, reach)}]
    points = np.unique(np.concatenate(sides))
    found = small(points)
    changes = np.flatnonzero(found[1:] != found[:-1])
    low, high, before = points[changes], points[changes + 1], found[changes]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        same = small(middle) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    begins = [-math.inf] if found[0] else []
    ends = [math.inf] if found[-1] else []
    edges = np.array([*begins, *high.tolist(), *ends]).reshape(-1, 2)
    return tuple((float(one), float(other)) for one, other in edges)
