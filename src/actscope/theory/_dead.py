"""How many units of a network are dead before training, on given inputs."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float

from actscope._errors import ActscopeError
from actscope.activations import Activation, describe
from actscope.theory._hosted import Hosted, hosted
from actscope.theory._kernel import kernel, root
from actscope.theory._layer import Layer, require_network
from actscope.theory._response import Intervals

_MOST = 4096  # examples: the work grows with their number's cube
_AT_ONCE = 512  # units

Inputs = Float[np.ndarray, "example feature"]


@dataclass(frozen=True)
class DeadShare:
    """The share of a layer's units that are dead, over networks drawn at random.

    Attributes:
        limit: at infinite width.
        error: its binomial standard error.
        expected: the average over the networks that were drawn at the given widths.
        binomial: scatter of a single network's share by the number of its units alone.
        upstream: what its scatter has beyond that: units of a layer see the same signals.
        networks: how many were drawn.
    """

    limit: float
    error: float
    expected: float
    binomial: float
    upstream: float
    networks: int

    @property
    def scatter(self) -> float:
        """Standard deviation between single networks."""
        return math.hypot(self.binomial, self.upstream)

    @property
    def expected_error(self) -> float:
        """Standard error of `expected`."""
        return self.scatter / math.sqrt(self.networks)


def dead_share(
    f: Activation | str | Callable[..., object],
    layers: Sequence[Layer],
    inputs: Inputs,
    *,
    rng: np.random.Generator,
    draws: int = 4096,
    networks: int = 20,
) -> tuple[DeadShare, ...]:
    """The share of dead units of each hidden layer of a dense network.

    A unit is dead if every example lies where f is constant, so for relu if the largest of its
    pre-activations is at most 0. In the limit those of a unit are a draw from a Gaussian process
    over the examples (Lee, Bahri, Novak et al. 2018; Matthews et al. 2018), whose kernel one layer
    hands to the next, plus a bias by its own law. Units that only rounding makes dead are not
    counted. Where parameters have mean 0 at most half of the units of relu are dead in the limit;
    so many are where examples have become alike.

    Args:
        f: the activation function; a learned one has no flat part to stay on.
        layers: the hidden ones and the output layer, in the order of the signal.
        inputs: the examples, as the network gets them; what is dead on a part of them may not be
            on all.
        rng: of all that is drawn.
        draws: units of each layer in the limit.
        networks: that are drawn at the given widths.

    Raises:
        ActscopeError: the layers do not fit together or the inputs do not fit them; there are too
            many, or too few draws; a moment of f is infinite, or f is no fixed function of one
            number.
    """
    require_network(layers)
    inputs = _require_inputs(inputs, layers[0])
    if draws < 1 or networks < 2:
        raise ActscopeError(
            f"{draws} draws and {networks} networks", expected="at least 1 draw and 2 networks"
        )
    curves = hosted(f)
    flat = describe(curves.activation).flat
    limits = _limits(curves, flat, layers, inputs, (rng, draws))
    drawn = np.array([_drawn(curves, flat, layers, inputs, rng) for _ in range(networks)])
    return tuple(
        _share(limit, draws, shares, layer.fan_out)
        for limit, shares, layer in zip(limits, drawn.T, layers, strict=False)
    )


def _share(limit: float, draws: int, shares: np.ndarray, width: int) -> DeadShare:
    expected = float(shares.mean())
    binomial = expected * (1 - expected) / width
    return DeadShare(
        limit=limit,
        error=math.sqrt(limit * (1 - limit) / draws),
        expected=expected,
        binomial=math.sqrt(binomial),
        upstream=math.sqrt(max(float(shares.var(ddof=1)) - binomial, 0.0)),
        networks=shares.size,
    )


def _limits(
    f: Hosted,
    flat: Intervals,
    layers: Sequence[Layer],
    inputs: np.ndarray,
    sample: tuple[np.random.Generator, int],
) -> list[float]:
    """The share of dead units in each layer's Gaussian process."""
    moments = inputs @ inputs.T / inputs.shape[1]
    shares: list[float] = []
    for layer, after in pairwise(layers):
        share = _of_process(flat, layer, layer.gain * moments, *sample)
        shares.append(share)
        if after is not layers[-1]:
            moments = kernel(f, layer.gain * moments + layer.bias_variance)
    return shares


def _of_process(
    flat: Intervals,
    layer: Layer,
    covariance: np.ndarray,
    rng: np.random.Generator,
    draws: int,
) -> float:
    if not flat:
        return 0.0
    mixing = root(covariance)
    dead = 0
    for start in range(0, draws, _AT_ONCE):
        units = min(_AT_ONCE, draws - start)
        z = mixing @ rng.standard_normal((len(covariance), units)) + layer.biases(rng, units)
        dead += int(_dead(flat, z).sum())
    return dead / draws


def _drawn(
    f: Hosted,
    flat: Intervals,
    layers: Sequence[Layer],
    inputs: np.ndarray,
    rng: np.random.Generator,
) -> list[float]:
    """The share of dead units in each layer of one network."""
    shares: list[float] = []
    for layer in layers[:-1]:
        z = inputs @ layer.weights(rng) + layer.biases(rng, layer.fan_out)
        shares.append(float(_dead(flat, z).mean()))
        inputs = f.value(z)
    return shares


def _dead(flat: Intervals, z: Float[np.ndarray, "example unit"]) -> Bool[np.ndarray, " unit"]:
    inside = np.zeros(z.shape, bool)
    for low, high in flat:
        inside |= (z >= low) & (z <= high)
    return np.logical_and.reduce(inside, axis=0)


def _require_inputs(inputs: Inputs, first: Layer) -> np.ndarray:
    examples = np.asarray(inputs, np.float64)
    if not 0 < len(examples) <= _MOST:
        raise ActscopeError(
            f"{len(examples)} examples", expected=f"1 to {_MOST}", do="take some at random"
        )
    if examples.shape[1] != first.fan_in or not np.isfinite(examples).all():
        raise ActscopeError(
            f"inputs of {examples.shape[1]} numbers", expected=f"{first.fan_in} finite ones"
        )
    return examples
