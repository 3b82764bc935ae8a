import numpy as np
from sklearn.datasets import load_digits

from actscope.data._digits import read_digits


def test_every_digit_is_in_one_of_the_parts():
    train, test = read_digits()
    images = np.concatenate([train.images, test.images]).reshape(-1, 64)
    labels = np.concatenate([train.labels, test.labels])
    assert images.dtype == np.uint8
    found = sorted(zip(images.tolist(), labels.tolist(), strict=True))
    pixels, marks = load_digits(return_X_y=True)
    assert found == sorted(zip(pixels.tolist(), marks.tolist(), strict=True))


def test_a_sixth_of_each_class_is_tested():
    train, test = read_digits()
    assert (len(train), len(test)) == (1497, 300)
    share = np.bincount(test.labels) / np.bincount(np.r_[train.labels, test.labels])
    assert np.abs(share - 1 / 6).max() < 1 / 170  # a class has at least 174 images


def test_the_test_set_is_always_the_same():
    (_, first), (_, second) = read_digits(), read_digits()
    np.testing.assert_array_equal(first.images, second.images)
    # Its head, so that a change of the split is not made unknowingly.
    assert first.labels[:8].tolist() == [3, 9, 6, 9, 2, 1, 1, 3]
