"""How fast something grows or shrinks from layer to layer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from actscope import stats


@dataclass(frozen=True)
class Rate:
    """Growth along the depth of a network.

    Attributes:
        ratio: of the last size by the first.
        per_layer: factor from one layer to the next, the geometric mean.
        low: lower end of its 95 % interval; NaN for fewer than three layers.
        high: upper end.
    """

    ratio: float
    per_layer: float
    low: float
    high: float


def rate(sizes: Sequence[float]) -> Rate | None:
    """The growth of positive sizes, one a layer; None for fewer than two, or if one is not.

    Student's t over the increments of the logarithm: they are a random walk, of which a regression
    would give too narrow an interval.
    """
    found = np.asarray(sizes, np.float64)
    if len(found) < 2 or not (np.isfinite(found).all() and (found > 0).all()):
        return None
    steps = np.diff(np.log(found))
    interval = stats.mean_interval(steps)
    return Rate(
        ratio=float(found[-1] / found[0]),
        per_layer=math.exp(interval.mean),
        low=math.nan if interval.low is None else math.exp(interval.low),
        high=math.nan if interval.high is None else math.exp(interval.high),
    )
