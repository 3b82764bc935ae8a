"""The 1,797 handwritten digits that scikit-learn brings along: no file, no download."""

import hashlib

import numpy as np

from actscope.data._dataset import Dataset, Normalization, Split
from actscope.data._split import stratified_split

_TEST_FRACTION = 1 / 6


def read_digits(*, validation_fraction: float, seed: int) -> Dataset:
    """Images of 8 × 8 values from 0 to 16, which normalise to [-1, 1].

    They come without a test set, so a stratified sixth is set aside; of the rest, the validation
    set. There is no file to take a sum of: the checksum is that of the images' and labels' bytes.

    Args:
        validation_fraction: of what is not the test set.
        seed: of both splits.

    Reference:
        Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998.
    """
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    pixels = images.reshape(-1, 8, 8).astype(np.uint8)
    marks = labels.astype(np.int32)
    rest, test = stratified_split(marks, _TEST_FRACTION, seed)
    train, validation = (
        rest[rows] for rows in stratified_split(marks[rest], validation_fraction, seed)
    )
    return Dataset(
        name="digits",
        train=Split(pixels[train], marks[train]),
        validation=Split(pixels[validation], marks[validation]),
        test=Split(pixels[test], marks[test]),
        class_names=tuple("0123456789"),
        normalization=Normalization(16.0, 0.5, 0.5),
        checksums={"digits": hashlib.sha256(pixels.tobytes() + marks.tobytes()).hexdigest()},
    )
