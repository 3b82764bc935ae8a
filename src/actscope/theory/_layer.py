"""A dense layer as theory sees it: its widths, and the law of its parameters."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr, ndtri

from actscope._errors import ActscopeError, unknown

Distribution = Literal["normal", "uniform", "truncated"]

_CUT = 2.0  # standard deviations of a normal distribution, at which "truncated" is cut off
_INSIDE = float(ndtr(_CUT) - ndtr(-_CUT))
_EDGE = 2 * _CUT * math.exp(-(_CUT**2) / 2) / math.sqrt(2 * math.pi) / _INSIDE
_LEFT = 1 - _EDGE  # of the variance, 0.774, after the cut; of the fourth moment, the next line
_FOURTH = 3 * _LEFT - _CUT**2 * _EDGE
_KURTOSIS = {"normal": 0.0, "uniform": -6 / 5, "truncated": _FOURTH / _LEFT**2 - 3}


@dataclass(frozen=True)
class Layer:
    """A dense layer before training: independent weights and biases of mean 0.

    Attributes:
        fan_in: numbers that a unit adds up.
        fan_out: units.
        weight_variance: of a single weight; PyTorch's default is 1/(3 fan_in).
        bias_variance: of a single bias.
        distribution: of both. It matters little: for what finite width does, and where a bias
            that is not normal is most of a pre-activation.

    Raises:
        ActscopeError: a width below 1, a variance that is negative or not finite, or an unknown
            distribution.
    """

    fan_in: int
    fan_out: int
    weight_variance: float
    bias_variance: float = 0.0
    distribution: Distribution = "normal"

    def __post_init__(self):
        for name in ("fan_in", "fan_out"):
            if getattr(self, name) < 1:
                raise ActscopeError(
                    f"a layer with {name} = {getattr(self, name)}", expected="at least 1"
                )
        for name in ("weight_variance", "bias_variance"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ActscopeError(
                    f"a layer with {name} = {getattr(self, name)}",
                    expected="a finite number of at least 0",
                )
        if self.distribution not in _KURTOSIS:
            raise unknown("distribution", self.distribution, _KURTOSIS)

    @property
    def gain(self) -> float:
        """σ_w² = fan_in · Var W: the factor of the second moment from input to output."""
        return self.fan_in * self.weight_variance

    @property
    def kurtosis(self) -> float:
        """Excess kurtosis of a weight and of a bias."""
        return _KURTOSIS[self.distribution]

    def second_moment(self, mean_square: float) -> float:
        """The second moment of its output, for inputs of that mean square."""
        return self.gain * mean_square + self.bias_variance

    def weights(self, rng: np.random.Generator) -> Float[np.ndarray, "{self.fan_in} unit"]:
        """Weights as training would begin with."""
        return _draw(rng, self.distribution, self.weight_variance, (self.fan_in, self.fan_out))

    def biases(self, rng: np.random.Generator, units: int) -> Float[np.ndarray, " {units}"]:
        """Biases of that many units."""
        return _draw(rng, self.distribution, self.bias_variance, (units,))


Law = Callable[[int, int], Layer]


def network(widths: Sequence[int], law: Law, first: Law | None = None) -> tuple[Layer, ...]:
    """The layers of a dense network: `network([784, 256, 256, 10], law("pytorch"))` has three.

    Args:
        widths: numbers of an input, units of each hidden layer, and outputs.
        law: what a layer is like, of its fan_in and fan_out.
        first: the same of the first layer, before which no activation stands, if it differs.

    Raises:
        ActscopeError: there are not two widths, or one is below 1.
    """
    if len(widths) < 2:
        raise ActscopeError(
            f"a network of widths {list(widths)}", expected="inputs and outputs at least"
        )
    laws = (first or law, *(law for _ in widths[2:]))
    return tuple(of(*fans) for of, fans in zip(laws, pairwise(widths), strict=True))


def law(initialisation: str) -> Law:
    """The law of an initialisation that looks at neither the activation nor the data.

    Args:
        initialisation: by the name that it has in networks: `"pytorch"`, `"he_normal"`, ….

    Raises:
        ActscopeError: there is no such.
    """
    if initialisation not in _LAWS:
        raise unknown("initialisation", initialisation, _LAWS)
    return _LAWS[initialisation]


def gaussian(sigma_w: float, sigma_b: float = 0.0) -> Law:
    """Normal weights of variance σ_w²/fan_in and biases of variance σ_b²."""
    return lambda fan_in, fan_out: Layer(fan_in, fan_out, sigma_w**2 / fan_in, sigma_b**2)


def require_network(layers: Sequence[Layer]) -> None:
    """Pass if the layers fit together, in the order of the signal.

    Raises:
        ActscopeError: there is no hidden one, or one does not take what the one before it gives.
    """
    if len(layers) < 2:
        raise ActscopeError(
            f"a network of {len(layers)} layers", expected="a hidden layer and an output layer"
        )
    for index, (one, other) in enumerate(pairwise(layers)):
        if one.fan_out != other.fan_in:
            raise ActscopeError(
                f"layer {index + 1} has fan_in {other.fan_in}, after {one.fan_out} units",
                expected="a dense network, in which the two are the same",
            )


def _draw(
    rng: np.random.Generator, distribution: Distribution, variance: float, shape: tuple[int, ...]
) -> np.ndarray:
    scale = math.sqrt(variance)
    if distribution == "uniform":
        return rng.uniform(-scale * math.sqrt(3), scale * math.sqrt(3), shape)
    if distribution == "truncated":
        return scale / math.sqrt(_LEFT) * ndtri(rng.uniform(ndtr(-_CUT), ndtr(_CUT), shape))
    return rng.normal(0, scale, shape)


def _pytorch(fan_in: int, fan_out: int) -> Layer:
    """U(±1/√fan_in) for weights and biases alike (`torch.nn.Linear`)."""
    return Layer(fan_in, fan_out, 1 / (3 * fan_in), 1 / (3 * fan_in), "uniform")


def _orthogonal(fan_in: int, fan_out: int) -> Layer:
    """Rows or columns, whichever are fewer, are orthonormal (Saxe, McClelland and Ganguli 2014).

    Its weights are not independent: second moments hold, and scatter less than is said here.
    """
    return Layer(fan_in, fan_out, 1 / max(fan_in, fan_out))


def _scaled(variance: Callable[[int, int], float], distribution: Distribution) -> Law:
    return lambda fan_in, fan_out: Layer(
        fan_in, fan_out, variance(fan_in, fan_out), distribution=distribution
    )


_VARIANCES: dict[str, Callable[[int, int], float]] = {
    "lecun": lambda fan_in, _: 1 / fan_in,
    "glorot": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he": lambda fan_in, _: 2 / fan_in,
}
_DISTRIBUTIONS: tuple[Distribution, ...] = ("normal", "uniform", "truncated")

_LAWS: dict[str, Law] = {
    "pytorch": _pytorch,
    **{
        f"{who}_{what}": _scaled(variance, what)
        for who, variance in _VARIANCES.items()
        for what in _DISTRIBUTIONS
    },
    "orthogonal": _orthogonal,
}
