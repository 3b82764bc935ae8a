"""The 1,797 handwritten digits that scikit-learn brings along: no file, no download."""

from typing import Any

import numpy as np

from actscope.data._dataset import Split
from actscope.data._split import stratified_split

_TEST_FRACTION = 1 / 6
_TEST_SEED = 42


def read_digits() -> tuple[Split, Split]:
    """Training and test set of images of 8 × 8 values from 0 to 16.

    They come in one piece. A stratified sixth is set aside for the test, always the same, so that
    whatever seed splits off the validation set, all are tested on the same images.

    Reference:
        Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998.
    """
    from sklearn.datasets import load_digits

    digits: Any = load_digits()
    images, labels = digits.images.astype(np.uint8), digits.target.astype(np.int32)
    train, test = stratified_split(labels, _TEST_FRACTION, _TEST_SEED)
    return Split(images[train], labels[train]), Split(images[test], labels[test])
