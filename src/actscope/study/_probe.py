"""A network of ours before the instruments of `probing`."""

import math
from dataclasses import dataclass
from typing import Any

import jax
import optax

from actscope import data, probing
from actscope._errors import ActscopeError
from actscope.data import Dataset, Split
from actscope.networks import MLP, Activate, Saved
from actscope.probing import Dead, Profile
from actscope.training import Job, Recipe

_BATCH = 1000  # divides the data sets of images: no ragged rest to compile for


@dataclass(frozen=True)
class _Tapped:
    """A network as `probing` wants it; two equal ones share one compilation."""

    network: MLP

    def __call__(self, params: Any, inputs: Any, activate: Activate) -> jax.Array:
        logits, _ = self.network.apply(params, {}, inputs, activate=activate)
        return logits


def cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """Mean cross-entropy of a batch, in nats."""
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def probe(saved: Saved, dataset: Dataset, split: Split, *, gradients: bool = True) -> Profile:
    """Every signal of a network of ours over a part of a data set.

    Args:
        saved: the network with its weights.
        dataset: the data set; its normalisation is applied.
        split: the examples, a part of it.
        gradients: of the mean cross-entropy; without them the profile has no loss either.

    Raises:
        ActscopeError: the data set's images or classes do not fit the network.
    """
    _require_fit(saved, dataset)
    return probing.profile(
        _Tapped(saved.network),
        saved.params,
        data.batches(split, dataset.normalization, _BATCH),
        cross_entropy if gradients else None,
    )


def dead_units(saved: Saved, dataset: Dataset) -> dict[str, Dead]:
    """The dead units of each site, over the whole training set; much cheaper than `probe`.

    Raises:
        ActscopeError: as of `probe`.
    """
    _require_fit(saved, dataset)
    return probing.dead_units(
        _Tapped(saved.network),
        saved.params,
        data.batches(dataset.train, dataset.normalization, _BATCH),
    )


def untrained(network: MLP, dataset: Dataset, seed: int) -> Saved:
    """The network as training from `seed` begins with it, 0 to 2³² - 1.

    Raises:
        ActscopeError: the seed is outside its range, or the network has too few outputs.
    """
    return Saved(network, *Job(network, dataset, Recipe(batch_size=1), seed).begin())


def _require_fit(saved: Saved, dataset: Dataset) -> None:
    inputs, pixels = saved.params["layers"][0]["kernel"].shape[0], math.prod(dataset.image_shape)
    if inputs != pixels or saved.network.num_classes < dataset.num_classes:
        raise ActscopeError(
            f"{dataset.name} has {pixels} numbers an image and {dataset.num_classes} classes",
            expected=f"{inputs} inputs and at most {saved.network.num_classes} classes, as the "
            "network has",
            do="name the data set that the network is for",
        )
