"""From where to where the y axis of a function goes."""

import numpy as np

_LOWEST = -1.5  # of the y axis, as in the tutorial
_FLATTEST = 5.0  # a function that fills less than the fifth part of the axis gets one of its own
_TALLEST = 3.0  # spread of all values over that of the middle 96 %: beyond it is a pole
_LARGEST = 1e100  # larger values count as this, so that no difference of two overflows


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
