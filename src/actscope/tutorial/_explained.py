"""Two of the tutorial's findings as theory foretells them, and the start that would have helped."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from actscope import activations, data, figures, study, theory
from actscope.data import Dataset
from actscope.figures import Foretold
from actscope.networks import FeedForward, Saved
from actscope.probing import Profile
from actscope.theory import Layer
from actscope.tutorial._measure import EXAMPLE_BATCH, HIDDEN_SIZES, initial

_SEEDS = range(5)
_STARTS = {"pytorch": "PyTorch's default", "critical": "critical"}

# Of the layers: what is expected in each, and how far single networks scatter, if that is known.
_Predict = Callable[[Sequence[Layer], np.ndarray, np.ndarray], tuple[list[float], list[float]]]


def explained(dataset: Dataset) -> Iterator[tuple[str, Figure]]:
    """A figure each, predicted against measured on the example batch, and its name.

    `why_sigmoid_vanishes` has the gradients of the weights of each layer of the tutorial's network,
    `why_relu_dies` the dead units of its ten layers: from PyTorch's default, which the tutorial
    has, and from the critical start. Networks with the former are the tutorial's, of five keys.
    """
    yield (
        "why_sigmoid_vanishes",
        figures.forecast_against_measured(
            "sigmoid",
            _beside(dataset, "sigmoid", "untrained", _gradients, _measured_gradients),
            caption="root mean square of a weight's gradient, from the first layer to the output "
            "layer; 256 images",
        ),
    )
    yield (
        "why_relu_dies",
        figures.forecast_against_measured(
            "relu",
            _beside(dataset, "relu", "deep", _dead, _measured_dead),
            caption="share of the units of each layer that are dead on 256 images",
        ),
    )


def _beside(
    dataset: Dataset,
    activation: str,
    layers: str,
    predict: _Predict,
    measure: Callable[[Profile], list[float]],
) -> Mapping[str, Foretold]:
    """What is predicted and measured, for each start."""
    batch = dataset.split(EXAMPLE_BATCH)
    ((images, labels),) = data.batches(batch, dataset.normalization, len(batch))
    inputs = np.asarray(images).reshape(len(images), -1)
    found: dict[str, Foretold] = {}
    for start, words in _STARTS.items():
        network = FeedForward(
            activations.get(activation), HIDDEN_SIZES[layers], initialisation=start
        )
        predicted, scatter = predict(study.in_theory(network, inputs), inputs, np.asarray(labels))
        drawn = [
            measure(study.probe(_begun(network, dataset, layers, seed), dataset, batch))
            for seed in _SEEDS
        ]
        pairs = list(zip(predicted, scatter, strict=False))
        found[words] = Foretold(
            predicted=tuple(predicted),
            low=tuple(max(middle - off, 0.0) for middle, off in pairs),
            high=tuple(middle + off for middle, off in pairs),
            measured=tuple(zip(*drawn, strict=True)),
            share=measure is _measured_dead,
        )
    return found


def _begun(network: FeedForward, dataset: Dataset, layers: str, seed: int) -> Saved:
    """The tutorial's own network where it starts as that does."""
    if network.initialisation == "pytorch":
        return initial(network.activation.name, seed, layers)
    return study.untrained(network, dataset, seed)


def _gradients(
    layers: Sequence[Layer], inputs: np.ndarray, labels: np.ndarray
) -> tuple[list[float], list[float]]:
    rng = np.random.default_rng(0)
    return list(theory.weight_gradients("sigmoid", layers, inputs, labels, rng=rng)), []


def _measured_gradients(profile: Profile) -> list[float]:
    kernels = [one.gradient for one in profile.parameters if len(one.shape) > 1]
    return [float(np.hypot(gradient.mean, gradient.std)) for gradient in kernels]


def _dead(
    layers: Sequence[Layer], inputs: np.ndarray, labels: np.ndarray
) -> tuple[list[float], list[float]]:
    del labels
    found = theory.dead_share("relu", layers, inputs, rng=np.random.default_rng(0))
    return [each.limit for each in found], [each.scatter for each in found]


def _measured_dead(profile: Profile) -> list[float]:
    return [float(site.dead.mean()) for site in profile.sites]
