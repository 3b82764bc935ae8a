"""A function of the inputs for networks to learn: a smooth random one, of stated form and noise."""

import math
from functools import lru_cache

import numpy as np
from jaxtyping import Float32, Shaped

from actscope.data import Dataset

NOISE = 0.1  # standard deviation, where that of the function is 1: at best R² = 0.990
_TERMS = 64
_SEED = 42
_ROWS = 4096
_PARTS = ("train", "validation", "test")


@lru_cache(maxsize=6)
def teacher(dataset: Dataset, part: str) -> Float32[np.ndarray, " example"]:
    """What the teacher says of each image of a part of the data, noise and all.

    y = g(x) + 0.1 ε, where g is √(2/64) Σ cos(wₖ·(x - μ) + bₖ) of 64 terms, brought to mean 0 and
    variance 1 over the training set: a draw, but for the finite sum, of a Gaussian process with a
    squared-exponential kernel. μ is the mean training image; wₖ is normal, its variance such
    that wₖ·(x - μ) has variance 1 over the training set; bₖ is uniform over a turn, ε standard
    normal. A cosine, so that none of the tutorial's functions is the teacher's own. All of it is
    fixed by a seed of its own: every member of a study learns the same.

    Args:
        dataset: whose images.
        part: `train`, `validation` or `test`.

    Reference:
        Rahimi and Recht, "Random Features for Large-Scale Kernel Machines", 2007, algorithm 1.
    """
    clean, reference = (_function(dataset, name) for name in (part, "train"))
    clean = (clean - reference.mean()) / (reference.std() or 1.0)
    generator = np.random.default_rng([_SEED, _PARTS.index(part)])
    return (clean + NOISE * generator.standard_normal(len(clean))).astype(np.float32)


def _function(dataset: Dataset, part: str) -> np.ndarray:
    """The sum of cosines, before it is brought to mean 0 and variance 1."""
    mean, variance = moments(dataset)
    generator = np.random.default_rng(_SEED)
    directions = generator.standard_normal((len(mean), _TERMS)) / math.sqrt(variance.sum() or 1.0)
    phases = generator.uniform(0, 2 * math.pi, _TERMS)
    images = dataset.split(part).images
    parts = [
        np.cos((_flat(dataset, images[row : row + _ROWS]) - mean) @ directions + phases)
        for row in range(0, len(images), _ROWS)
    ]
    return math.sqrt(2 / _TERMS) * np.concatenate(parts).sum(axis=1)


@lru_cache(maxsize=2)
def moments(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each normalised number of an image, over the training set."""
    images = dataset.train.images
    total, squares = 0.0, 0.0
    for row in range(0, len(images), _ROWS):
        x = _flat(dataset, images[row : row + _ROWS]).astype(np.float64)
        total, squares = total + x.sum(axis=0), squares + (x**2).sum(axis=0)
    mean = np.asarray(total / len(images))
    return mean, np.maximum(np.asarray(squares / len(images)) - mean**2, 0)


def _flat(dataset: Dataset, images: Shaped[np.ndarray, "example ..."]) -> np.ndarray:
    return dataset.normalization(images).reshape(len(images), -1)
