"""What theory expects of a network before training, beside what the probe finds in some of them."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from actscope import probing, theory, training
from actscope._errors import ActscopeError
from actscope.activations import describe
from actscope.data import Dataset
from actscope.networks import FeedForward, Saved
from actscope.probing import Profile, Site
from actscope.study._build import network, recipe
from actscope.study._probe import examine, untrained
from actscope.study._tapped import Tapped
from actscope.theory import Estimate, Layer, LayerForecast

Inputs = Float[np.ndarray, "example feature"]

_EXAMPLES = 1000  # whose mean square is taken for that of all

_READ: dict[str, Callable[[Site], float]] = {
    "second_moment": lambda site: site.pre.mean**2 + site.pre.std**2,
    "post_mean": lambda site: site.post.mean,
    "post_second_moment": lambda site: site.post.mean**2 + site.post.std**2,
    "zeros": lambda site: site.post.fraction_zero,
    "saturated": lambda site: site.saturated_fraction,
}


@dataclass(frozen=True)
class Foreseen:
    """One number of a layer: what theory expects, and what networks have.

    Attributes:
        estimate: over networks drawn at random.
        measured: in each network that was drawn.
        average: of those; of a norm the square is averaged. NaN if there are none.
    """

    estimate: Estimate
    measured: tuple[float, ...]
    average: float

    @property
    def deviation(self) -> float:
        """The average's distance from what is expected, in standard errors by the scatter.

        NaN where nothing was measured or nothing scatters.
        """
        off = self.average - self.estimate.expected
        scatter = self.estimate.scatter
        return off / scatter * math.sqrt(len(self.measured)) if scatter else math.nan


@dataclass(frozen=True)
class Foresight:
    """What theory expects of a network before training, beside what the probe finds.

    Attributes:
        network: the network.
        networks: how many of its kind were drawn and probed.
        layers: for each hidden layer, by the names of `theory.LayerForecast` and `dead`, the share
            of dead units, where f has a flat part.
    """

    network: FeedForward
    networks: int
    layers: tuple[Mapping[str, Foreseen], ...]

    def to_json(self) -> list[dict[str, Any]]:
        """The contract's `forecast`."""
        return [
            {"layer": number, "width": width}
            | {name: found.estimate.limit for name, found in layer.items()}
            | {
                "shift": {name: found.estimate.shift for name, found in layer.items()},
                "scatter": {name: found.estimate.scatter for name, found in layer.items()},
                "measured": {name: found.average for name, found in layer.items()}
                if self.networks
                else None,
            }
            for number, (width, layer) in enumerate(
                zip(self.network.hidden_sizes, self.layers, strict=True), start=1
            )
        ]


def in_theory(network: FeedForward, inputs: Inputs) -> tuple[Layer, ...]:
    """The layers of a network as theory sees them.

    Args:
        network: dense, without normalisation.
        inputs: the examples; the critical start asks for their mean square.

    Raises:
        ActscopeError: the network is of another kind, or its initialisation one that theory has no
            law for.
    """
    if (network.layer, network.normalization) != ("dense", "none"):
        raise ActscopeError(
            f"a network with layer {network.layer!r} and normalization {network.normalization!r}",
            expected="a dense one without normalisation: the forecast is of those",
        )
    widths = (inputs.shape[1], *network.hidden_sizes, network.num_outputs)
    if network.initialisation != "critical":
        return theory.network(widths, _law(network.initialisation))
    return theory.critical_network(network.activation, widths, _mean_square(inputs))


def foresee(network: FeedForward, inputs: Inputs, seeds: Iterable[int] = range(10)) -> Foresight:
    """A forecast for a dense network, and the same numbers of networks that were drawn.

    Gradients are those of a loss whose gradient with respect to the outputs is N(0, 1), and
    independent for each example.

    Args:
        network: dense, without normalisation.
        inputs: the examples on which it is probed; the forecast needs their mean square, and for
            dead units their products with each other.
        seeds: of the networks that are probed, one each.

    Raises:
        ActscopeError: the network is of another kind, or its initialisation one that theory has no
            law for; or as for `theory.forecast` and `theory.dead_share`.
    """
    layers = in_theory(network, inputs)
    foretold = theory.forecast(network.activation, layers, _mean_square(inputs))
    profiles = [_probed(network, inputs, seed) for seed in seeds]
    found = [
        {
            name: _foreseen(getattr(layer, name), [read(each.sites[index]) for each in profiles])
            for name, read in _READ.items()
        }
        | {"gradient_norm": _norm(layer.gradient_norm, profiles, index)}
        for index, layer in enumerate(foretold.layers)
    ]
    if describe(network.activation).flat:
        rng = np.random.default_rng(0)
        dead = theory.dead_share(network.activation, layers, inputs.astype(np.float64), rng=rng)
        for index, (layer, share) in enumerate(zip(found, dead, strict=True)):
            estimate = Estimate(share.limit, share.expected - share.limit, share.scatter)
            shares = [float(each.sites[index].dead.mean()) for each in profiles]
            layer["dead"] = _foreseen(estimate, shares)
    return Foresight(network, len(profiles), tuple(found))


def foretell(settings: Mapping[str, Any], dataset: Dataset) -> tuple[LayerForecast, ...]:
    """What theory expects of a member's hidden layers before training, the first one first.

    Args:
        settings: of the member, as the record holds them.
        dataset: that it learns.

    Raises:
        ActscopeError: the network is of another kind than `foresee` takes, or its initialisation
            one that theory has no law for.
    """
    made = network(settings, training.task(settings["task"]), dataset)
    if not isinstance(made, FeedForward):
        raise ActscopeError(
            f"the network {settings['network']}", expected="one that theory knows: FeedForward"
        )
    images = dataset.normalization(dataset.train.first(_EXAMPLES).images)
    inputs = np.asarray(images).reshape(len(images), -1)
    return theory.forecast(made.activation, in_theory(made, inputs), _mean_square(inputs)).layers


def at_start(settings: Mapping[str, Any], dataset: Dataset, seed: int = 0) -> Profile:
    """What the probe and the diagnosis find in a member before its first step.

    Args:
        settings: of the member, as the record holds them.
        dataset: that it learns.
        seed: of its first weights.

    Raises:
        ActscopeError: its task is no classification, or its network one of the user's own.
    """
    return examine(_begun(settings, dataset, seed), dataset, dataset.train.first(_EXAMPLES))


def fresh(settings: Mapping[str, Any], dataset: Dataset, seed: int = 0) -> Saved:
    """A member's network before its first step, with the member's recipe in its notes.

    Arguments and errors are those of `at_start`.
    """
    notes = {"identity": {"recipe": recipe(settings).to_json()}}
    return replace(_begun(settings, dataset, seed), notes=notes)


def _begun(settings: Mapping[str, Any], dataset: Dataset, seed: int) -> Saved:
    made = network(settings, training.task(settings["task"]), dataset)
    if not isinstance(made, FeedForward) or settings["task"] != "classification":
        raise ActscopeError("another network or task", expected="FeedForward, classification")
    return untrained(made, dataset, seed)


def _law(initialisation: str) -> Callable[[int, int], Layer]:
    try:
        return theory.law(initialisation)
    except ActscopeError as error:
        raise ActscopeError(
            f"theory says nothing about initialisation {initialisation!r}",
            expected="one that does not look at the data: there is no law of its weights",
        ) from error


def _mean_square(inputs: Inputs) -> float:
    return float(np.square(inputs, dtype=np.float64).mean())


def _probed(network: FeedForward, inputs: Inputs, seed: int) -> Profile:
    batch = jnp.asarray(inputs, jnp.float32)
    drawn, other = jax.random.split(jax.random.key(seed))
    params, state = network.init(drawn, batch)
    cotangents = jax.random.normal(other, (len(batch), network.num_outputs))
    return probing.profile(Tapped(network), params, [((batch, state), cotangents)], _product)


def _product(outputs: jax.Array, cotangents: jax.Array) -> jax.Array:
    """A loss with these gradients with respect to an example's outputs."""
    return (outputs * cotangents).sum(axis=-1).mean()


def _foreseen(estimate: Estimate, measured: list[float]) -> Foreseen:
    return Foreseen(estimate, tuple(measured), float(np.mean(measured)) if measured else math.nan)


def _norm(estimate: Estimate, profiles: list[Profile], index: int) -> Foreseen:
    """Norms relative to the last layer's: those of the networks, and the root of the averages."""
    if not profiles:
        return _foreseen(estimate, [])
    here, last = (np.array([_length(each.sites[at]) for each in profiles]) for at in (index, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        single = tuple((here / last).tolist())
        return Foreseen(estimate, single, float(np.sqrt((here**2).sum() / (last**2).sum())))


def _length(site: Site) -> float:
    """The norm of the gradients of all examples."""
    return site.gradient.l2 if site.gradient else math.nan
