"""What a data set is: images with labels in three parts, and how its numbers enter a network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Int, Int32, Shaped, UInt8

from actscope._errors import ActscopeError, unknown

_FIRST = 256


@dataclass(frozen=True, eq=False)
class Split:
    """Images and their labels, row by row.

    Attributes:
        images: as stored: uint8 pixels of shape (n, height, width) or (n, height, width, channel),
            or float32 numbers of shape (n, ...).
        labels: the class of each image, counted from 0.
    """

    images: UInt8[np.ndarray, "n ..."] | Float32[np.ndarray, "n ..."]
    labels: Int32[np.ndarray, " n"]

    def __post_init__(self):
        if len(self.images) != len(self.labels):
            raise ActscopeError(
                f"{len(self.images)} images and {len(self.labels)} labels",
                expected="one label an image",
            )

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, n: int) -> "Split":
        """The first `n` rows, all of them where there are fewer."""
        return self.rows(slice(n))

    def rows(self, which: Int[np.ndarray, " rows"] | slice) -> "Split":
        """The rows that `which` indexes, in its order."""
        return Split(self.images[which], self.labels[which])


@dataclass(frozen=True)
class Normalization:
    """(x / scale - mean) / std, every operation in float32.

    uint8 images are looked up in a table of the 256 results, which NumPy computes. So they come
    out the same to the bit in NumPy and in JAX, under `jit` or not: XLA computes the quotient as a
    product with the reciprocal, and errs by an ulp for some pixel values. Float images are
    computed, and may differ by that ulp in JAX.

    Attributes:
        scale: what divides a stored number; 255 for pixels in a byte.
        mean: subtracted after the division.
        std: divides the difference.
    """

    scale: float
    mean: float
    std: float

    def __call__(self, images: Shaped[Any, "*shape"]) -> Float32[Any, "*shape"]:
        """The normalised `images`: a NumPy array of a NumPy array, a JAX array of a JAX array."""
        if images.dtype != np.uint8:
            return self._computed(images)
        table = self._computed(np.arange(256, dtype=np.uint8))
        if isinstance(images, np.ndarray):
            return table[images]
        import jax.numpy as jnp

        return jnp.asarray(table)[images]

    def _computed(self, images: Any) -> Any:
        # Python floats are weakly typed, in NumPy as in JAX: nothing here is wider than float32.
        return (images.astype(np.float32) / self.scale - self.mean) / self.std


# Of pixels in a byte, to [-1, 1]: the tutorial's.
PIXELS = Normalization(255.0, 0.5, 0.5)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A classification task.

    Attributes:
        name: what it is called: a known name, or the file name of a user's own without `.npz`.
        train: what the weights are fitted to.
        validation: what early stopping and the choice of settings look at.
        test: what is reported.
        class_names: in the order of the labels.
        normalization: what to do to `images` before they enter a network.
        checksums: SHA-256 of each file that was read, by file name.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    normalization: Normalization
    checksums: Mapping[str, str]

    @property
    def num_classes(self) -> int:
        """Number of classes, and so of logits."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Shape of one image, without the example axis."""
        return self.train.images.shape[1:]

    def split(self, name: str) -> Split:
        """The part called `name`: `train`, `validation`, `test`, or `first256`.

        `first256` is the head of the training set in its order: for FashionMNIST the batch on
        which the tutorial shows gradients and activations.

        Raises:
            ActscopeError: there is no such part.
        """
        parts = {
            "train": self.train,
            "validation": self.validation,
            "test": self.test,
            f"first{_FIRST}": self.train.first(_FIRST),
        }
        if name not in parts:
            raise unknown("split", name, parts)
        return parts[name]
