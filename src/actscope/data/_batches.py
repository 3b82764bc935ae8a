"""Batches: the rows of a split in order, or in an epoch's random order."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32

from actscope._errors import ActscopeError
from actscope.data._dataset import Normalization, Split


@dataclass(frozen=True, eq=False)
class Batches:
    """The rows of a split in their order, normalised; to be iterated over as often as one likes.

    Attributes:
        split: whose rows.
        normalization: of the images.
        size: rows of a batch. The last one has what is left.
    """

    split: Split
    normalization: Normalization
    size: int

    def __post_init__(self):
        if self.size < 1:
            raise ActscopeError(f"batches of {self.size}", expected="at least one example each")

    def __len__(self) -> int:
        return math.ceil(len(self.split) / self.size)

    def __iter__(
        self,
    ) -> Iterator[tuple[Float32[np.ndarray, "batch ..."], Int32[np.ndarray, " batch"]]]:
        for start in range(0, len(self.split), self.size):
            rows = slice(start, start + self.size)
            yield self.normalization(self.split.images[rows]), self.split.labels[rows]


def batches(split: Split, normalization: Normalization, size: int) -> Batches:
    """The rows of `split` in their order, normalised, `size` at a time; the last batch is ragged.

    Raises:
        ActscopeError: `size` is below 1.
    """
    return Batches(split, normalization, size)


def epoch_order(
    examples: int, batch_size: int, *, seed: int, epoch: int
) -> Int32[np.ndarray, "step batch"]:
    """Which rows each step of an epoch sees: every row at most once, in random order.

    The order follows from `seed` and `epoch` alone, so that an epoch can be done again without
    those before it, and two networks of the same seed see the same batches. The examples that do
    not fill a last batch are left out; in each epoch they are others.

    Args:
        examples: number of rows, at least one batch.
        batch_size: rows of a batch.
        seed: 0 or more.
        epoch: counted from 0.

    Returns:
        The rows of each batch, numbered from 0; examples // batch_size batches.

    Raises:
        ActscopeError: there is not one whole batch, or `seed` or `epoch` is negative.
    """
    if not 1 <= batch_size <= examples:
        raise ActscopeError(
            f"batches of {batch_size} from {examples} examples",
            expected="at least one example a batch, and enough for one batch",
        )
    if min(seed, epoch) < 0:
        raise ActscopeError(f"seed {seed} and epoch {epoch}", expected="0 or more")
    # A spawn key, not [seed, epoch]: NumPy reads both as 32-bit words, and a seed of two words
    # would be another's seed and epoch.
    sequence = np.random.SeedSequence(seed, spawn_key=(epoch,))
    order = np.random.default_rng(sequence).permutation(examples).astype(np.int32)
    steps = examples // batch_size
    return order[: steps * batch_size].reshape(steps, batch_size)
