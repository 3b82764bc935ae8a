"""From where to where an axis goes."""

import math
from collections.abc import Iterable

import numpy as np

_LOWEST = -1.5  # of the y axis, as in the tutorial
_FLATTEST = 5.0  # a function that fills less than the fifth part of the axis gets one of its own
_TALLEST = 3.0  # spread of all values over that of the middle 96 %: beyond it is a pole
_LARGEST = 1e100  # larger values count as this, so that no difference of two overflows
_DOUBLE = 2.0  # a logarithmic axis reaches beyond what it shows by this factor, or
_DECADES = 0.06  # by this share of its decades
_ENDS = -200.0, 200.0  # powers of ten; matplotlib looks for ticks well beyond, within float64
_NARROWEST = 1e-6  # of the largest value: what differs by less is rounding, and its ticks are long


def limits(x: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """From -1.5 to the largest x, further or less far as the values need it; a pole is cut off."""
    right = float(x[-1])
    low, high = _extent(values, usual=max(right, 1.0) - _LOWEST)
    room = 0.05 * (high - low)
    height = max(high, 1.0)
    return (
        _LOWEST if low >= _LOWEST else low - room,
        right if height <= right <= _FLATTEST * height else height + room,
    )


def tight_limits(values: np.ndarray) -> tuple[float, float]:
    """No further than the values need it; a pole is cut off."""
    low, high = _extent(values, usual=1.0)
    room = 0.06 * (high - low) or 0.5
    return low - room, high + room


def _extent(values: np.ndarray, usual: float) -> tuple[float, float]:
    """The smallest and the largest finite value; with a pole, what lies well beside it."""
    finite = np.clip(values[np.isfinite(values)], -_LARGEST, _LARGEST)
    if not len(finite):
        return 0.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    left, right = np.percentile(finite, [2, 98]).tolist()
    if high - low > _TALLEST * max(right - left, usual):
        beyond = max(right - left, usual) / 2
        return max(low, left - beyond), min(high, right + beyond)
    return low, high


def logarithmic(values: Iterable[float]) -> tuple[float, float]:
    """Beyond the smallest and the largest of those that have a place on a logarithmic axis."""
    shown = [math.log10(value) for value in values if 0 < value < math.inf]
    low, high = min(shown, default=0.0), max(shown, default=0.0)
    margin = max(math.log10(_DOUBLE), _DECADES * (high - low))
    return 10 ** max(low - margin, _ENDS[0]), 10 ** min(high + margin, _ENDS[1])


def wide_enough(low: float, high: float) -> tuple[float, float]:
    """The ends of a linear axis, apart so far that its ticks are short numbers."""
    missing = _NARROWEST * max(abs(low), abs(high)) - (high - low)
    return low - max(missing, 0) / 2, high + max(missing, 0) / 2
