import math

import pytest

from actscope.figures._reach import logarithmic, wide_enough


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([1.0], (0.5, 2.0)),
        ([1e-12, 2e-12], (5e-13, 4e-12)),
        ([1.0, 1e100], (1e-6, 1e106)),
        ([], (0.5, 2.0)),
        ([0.0, -1.0, math.nan, math.inf, 3.0], (1.5, 6.0)),
        ([1e-300, 1e300], (1e-200, 1e200)),
    ],
)
def test_a_logarithmic_axis_goes_beyond_its_values(values, ends):
    assert logarithmic(values) == pytest.approx(ends, rel=1e-9)


@pytest.mark.parametrize(("low", "high"), [(0.88, 0.88), (0.88, 0.88 + 1e-12), (-1e30, -1e30)])
def test_an_axis_of_equal_values_is_widened_about_them(low, high):
    left, right = wide_enough(low, high)
    assert right - left == pytest.approx(1e-6 * max(abs(low), abs(high)), rel=1e-4)
    assert (left + right) / 2 == pytest.approx((low + high) / 2)


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-1e-12, 1e-12), (0.0, 1e30), (0.0, 0.0)])
def test_an_axis_of_others_is_left(ends):
    assert wide_enough(*ends) == ends
