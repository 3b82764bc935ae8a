"""A network of ours before the instruments of `probing`."""

from dataclasses import replace
from itertools import islice
from typing import Any

import jax
import jax.numpy as jnp
import optax

from actscope import probing
from actscope._errors import ActscopeError
from actscope.data import Dataset, Split
from actscope.diagnosis import diagnose
from actscope.networks import FeedForward, Saved
from actscope.probing import Dead, Model, Profile
from actscope.study._tapped import Stated, Tapped
from actscope.training import Job, Recipe

_BATCHES = 4  # on which the rules try things out


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
    require_fit(saved, dataset)
    return probing.profile(
        Tapped(saved.network),
        saved.params,
        Stated(saved.state, dataset, split),
        cross_entropy if gradients else None,
    )


def examine(saved: Saved, dataset: Dataset, split: Split) -> Profile:
    """As `probe`, with what is wrong with the network among the findings."""
    profile = probe(saved, dataset, split)

    def function(params: Any, images: jax.Array) -> jax.Array:
        return saved.network.apply(params, saved.state, images)[0]

    stated = Stated({}, dataset, split)
    pairs = [(images, labels) for (images, _), labels in islice(stated, _BATCHES)]
    model = Model.of(function, saved.params, pairs, cross_entropy)
    return replace(profile, findings=diagnose(profile, model))


def dead_units(saved: Saved, dataset: Dataset) -> dict[str, Dead]:
    """The dead units of each site, over the whole training set; much cheaper than `probe`.

    Raises:
        ActscopeError: as of `probe`.
    """
    require_fit(saved, dataset)
    return probing.dead_units(
        Tapped(saved.network), saved.params, Stated(saved.state, dataset, dataset.train)
    )


def untrained(network: FeedForward, dataset: Dataset, seed: int) -> Saved:
    """The network as training from `seed` begins with it, 0 to 2³² - 1, but for rounding.

    Raises:
        ActscopeError: the seed is outside its range, or the network has too few outputs.
    """
    job = Job(network, dataset, Recipe(batch_size=1), seed)
    return Saved(network, *job.begin(compiled=False))  # of most networks there is one


def require_fit(saved: Saved, dataset: Dataset) -> None:
    """Do nothing if the network takes the data set's images, and tells its classes apart."""
    name, network, do = dataset.name, saved.network, "name the data set that the network is for"
    if network.num_outputs < dataset.num_classes:
        raise ActscopeError(
            f"{name} has {dataset.num_classes} classes",
            expected=f"at most {network.num_outputs}, as the network has",
            do=do,
        )
    image = jax.ShapeDtypeStruct((1, *dataset.image_shape), jnp.float32)
    try:
        jax.eval_shape(network.apply, saved.params, saved.state, image)
    except ActscopeError as error:
        raise ActscopeError(f"{name}: {error}", do=do) from error
