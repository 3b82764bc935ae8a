"""The tutorial's pictures, of other data than the tutorial's."""

import numpy as np
import pytest

from actscope import data
from actscope.tutorial._gallery import _examples

pytestmark = pytest.mark.heavy


def test_digits_are_as_bright_as_they_are():
    digits = data.load("digits")  # bytes from 0 to 16
    figure = _examples(digits)
    drawn = np.stack([axis.images[0].get_array() for axis in figure.axes])
    np.testing.assert_array_equal(drawn, digits.train.images[:16] / 16)
    assert drawn.max() == 1
