"""A data set by its name, or from a user's own file."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from actscope._errors import ActscopeError
from actscope.data._catalogue import known
from actscope.data._dataset import Dataset, Split
from actscope.data._download import download
from actscope.data._folders import locate
from actscope.data._npz import read_npz
from actscope.data._source import Source, check

_FRACTION = 1 / 6


def load(name: str | Path, *, validation_fraction: float = _FRACTION, seed: int = 42) -> Dataset:
    """The data set called `name`, downloaded first where it is not here yet.

    What is set aside for validation is fixed by `seed`. As they stand, the defaults split
    FashionMNIST as the tutorial does: 50,000 training images, in the order of torch's seeded
    `random_split`, and 10,000. In all other data sets each class has the same share in both parts.

    Args:
        name: one of `names()`, or the path of an `.npz` file with the arrays `x_train`, `y_train`,
            `x_test` and `y_test`, and `x_validation` and `y_validation` where it has them.
        validation_fraction: of what is published as training set.
        seed: of that split, and of nothing else.

    Raises:
        UnavailableError: a file is not here and cannot be had.
        ActscopeError: there is no such data set, or a file of it is not what it should be. The
            file is left as it is.

    Examples:
        >>> digits = load("digits")
        >>> digits.train.images.shape, digits.class_names[:3]
        ((1248, 8, 8), ('0', '1', '2'))
    """
    if str(name).endswith(".npz"):
        try:
            path = Path(name).expanduser()
        except RuntimeError as error:  # nobody is called so
            raise ActscopeError(f"{name}: {error}", expected="the path of an .npz file") from error
        return read_npz(path, validation_fraction=validation_fraction, seed=seed)
    name = str(name)
    found = known(name, "FILE.npz")
    files = _files(found.source)
    whole, test = found.read(files)
    check(found.source, files)  # last: the reader says better what is wrong with a file
    train, validation = found.divide(whole.labels, validation_fraction, seed)
    return Dataset(
        name=name,
        train=whole.rows(train),
        validation=whole.rows(validation),
        test=test,
        class_names=found.class_names,
        normalization=found.normalization,
        checksums=dict(found.source.files) or {name: _digest(whole, test)},
    )


def _files(source: Source) -> Mapping[str, Path]:
    files = locate(source)
    return files if len(files) == len(source.files) else download(source)


def _digest(*splits: Split) -> str:
    """Of a data set without a file, the SHA-256 of its images and labels."""
    digest = hashlib.sha256()
    for split in splits:
        for array in (split.images, split.labels):
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
