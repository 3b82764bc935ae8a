"""A network before the instruments of `probing`."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax

from actscope import data
from actscope.data import Dataset, Split
from actscope.training import Network

_BATCH = 1000  # divides the data sets of images: no ragged rest to compile for


@dataclass(frozen=True)
class Tapped:
    """A network as `probing` wants it; two equal ones share one compilation.

    Its inputs are pairs of images and the network's state.
    """

    network: Network

    def __call__(self, params: Any, inputs: Any, activate: Any) -> jax.Array:
        """Outputs of the network as it is used, without dropout."""
        images, state = inputs
        apply: Any = self.network.apply
        outputs, _ = apply(params, state, images, activate=activate)
        return outputs


@dataclass(frozen=True)
class Stated:
    """A part of a data set in batches, with a network's state behind the images."""

    state: Any
    dataset: Dataset
    split: Split

    def __iter__(self) -> Iterator[Any]:
        for images, labels in data.batches(self.split, self.dataset.normalization, _BATCH):
            yield (images, self.state), labels


def has_sites(network: Network) -> bool:
    """Whether `apply` takes `activate`; a user's own network need not show what is inside."""
    return "activate" in inspect.signature(network.apply).parameters
