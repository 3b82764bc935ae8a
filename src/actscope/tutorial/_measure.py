"""Everything that the tutorial measures: what its figures and its words are checked by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool

from actscope import activations, study, training
from actscope.activations import Curve
from actscope.data import Dataset
from actscope.networks import FeedForward, Saved
from actscope.probing import Profile
from actscope.tutorial._pair import ACTIVATIONS
from actscope.tutorial._pretrained import Pretrained
from actscope.tutorial._stream import initial_params

EXAMPLE_BATCH = "first256"
# Of the networks whose dead neurons the tutorial counts.
HIDDEN_SIZES = {
    "untrained": (512, 256, 256, 128),
    "trained": (512, 256, 256, 128),
    "deep": (256, 256, 256, 256, 256, 128, 128, 128, 128, 128),
}
# The tutorial's keys: of the networks whose gradients it shows, and of those whose dead it counts.
_GRADIENT_SEED = 0
_DEAD_SEED = 42
# Those that it counts dead neurons of, and those that it says have none.
_RECTIFIED = ("relu", "leaky_relu", "elu", "swish")


class MissingError(Exception):
    """A measurement that was not made; the message says what it would have needed."""


@dataclass(frozen=True, eq=False)
class Dead:
    """The tutorial's dead neurons of one network: output exactly 0 for all training images.

    Attributes:
        counts: how many, in each hidden layer.
        widths: neurons in each hidden layer.
        masks: which; empty where only the counts are known.
    """

    counts: tuple[int, ...]
    widths: tuple[int, ...]
    masks: tuple[Bool[np.ndarray, " _"], ...] = ()

    @property
    def percentages(self) -> tuple[float, ...]:
        """Of each layer, to two decimals, as the tutorial prints them."""
        pairs = zip(self.counts, self.widths, strict=True)
        return tuple(round(100 * dead / width, 2) for dead, width in pairs)


@dataclass(frozen=True, eq=False)
class Measured:
    """Measurements, each by the canonical name of the activation unless said otherwise.

    Attributes:
        accuracy: of the pretrained networks on the test set, a fraction of 1.
        dead: by `"activation.network"`, the network being `untrained` or `deep` (ten layers),
            both at key 42, or `trained`.
        gradients: profiles of networks at key 0 over the example batch, the tutorial's first 256
            training images.
        signals: profiles of the pretrained networks over the example batch.
        curves: each function with its derivative over [-5, 5].
        learning: validation accuracy after each epoch of a training run by the recipe.
        missing: why a pretrained network is not available.
        altered: pretrained networks that are not the published ones.
    """

    accuracy: Mapping[str, float] = field(default_factory=dict[str, float])
    dead: Mapping[str, Dead] = field(default_factory=dict[str, Dead])
    gradients: Mapping[str, Profile] = field(default_factory=dict[str, Profile])
    signals: Mapping[str, Profile] = field(default_factory=dict[str, Profile])
    curves: Mapping[str, Curve] = field(default_factory=dict[str, Curve])
    learning: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    missing: Mapping[str, str] = field(default_factory=dict[str, str])
    altered: tuple[str, ...] = ()


def measure(
    dataset: Dataset,
    networks: Mapping[str, Pretrained],
    *,
    learning: Mapping[str, tuple[float, ...]] | None = None,
    watch: Callable[[str], None] = lambda _: None,
) -> Measured:
    """All of the tutorial's measurements, about a minute on two cores.

    Args:
        dataset: FashionMNIST in the tutorial's split (`data.load("fashion_mnist")`).
        networks: as from `pretrained`; what rests on one that is not available is left out.
        learning: validation accuracies of runs by the recipe, where some were made.
        watch: called with a word on what comes next.
    """
    available = {name: found.saved for name, found in networks.items() if found.saved}
    batch = dataset.split(EXAMPLE_BATCH)

    def each(
        what: str, measured: Callable[[Saved], Any], of: Mapping[str, Saved]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, saved in of.items():
            watch(f"{what}: {name}")
            found[name] = measured(saved)
        return found

    return Measured(
        accuracy=each("test accuracy", lambda saved: _accuracy(saved, dataset), available),
        dead=each("dead neurons", lambda saved: dead_neurons(saved, dataset), _counted(available)),
        gradients=each(
            "gradients",
            lambda saved: study.probe(saved, dataset, batch),
            {name: initial(name, _GRADIENT_SEED) for name in ACTIVATIONS},
        ),
        signals=each("signals", lambda saved: study.probe(saved, dataset, batch), available),
        curves={name: activations.curve(activations.get(name)) for name in ACTIVATIONS},
        learning=learning or {},
        missing={name: found.reason for name, found in networks.items() if not found.saved},
        altered=tuple(name for name in available if not networks[name].published),
    )


def initial(activation: str, seed: int, layers: str = "untrained") -> Saved:
    """One of the tutorial's untrained networks, `untrained` or `deep`, from this key."""
    network = FeedForward(activations.get(activation), HIDDEN_SIZES[layers])
    return Saved(network, initial_params(network, seed=seed), {})


def dead_neurons(saved: Saved, dataset: Dataset) -> Dead:
    """Neurons of each hidden layer whose output is exactly 0 for every training image."""
    masks = tuple(site.always_zero for site in study.dead_units(saved, dataset).values())
    return Dead(
        counts=tuple(int(mask.sum()) for mask in masks),
        widths=tuple(len(mask) for mask in masks),
        masks=masks,
    )


def _counted(available: Mapping[str, Saved]) -> dict[str, Saved]:
    """The networks whose dead neurons are counted, by `"activation.network"`."""
    found: dict[str, Saved] = {}
    for name in _RECTIFIED:
        found[f"{name}.untrained"] = initial(name, _DEAD_SEED)
        if name in available:
            found[f"{name}.trained"] = available[name]
        found[f"{name}.deep"] = initial(name, _DEAD_SEED, "deep")
    return found


def _accuracy(saved: Saved, dataset: Dataset) -> float:
    network, params, state = saved.network, saved.params, saved.state
    return training.evaluate(network, params, state, dataset).score
