"""A dense layer as theory sees it: its widths and the variances of its parameters."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from actscope._errors import ActscopeError


@dataclass(frozen=True)
class Layer:
    """A dense layer before training: independent weights and biases of mean 0.

    Attributes:
        fan_in: numbers that a unit adds up.
        fan_out: units.
        weight_variance: of a single weight; PyTorch's default is 1/(3 fan_in).
        bias_variance: of a single bias.
        kurtosis: excess kurtosis of both: 0 if normal, -1.2 if uniform. Only what finite width
            does depends on it.

    Raises:
        ActscopeError: a width below 1, or a variance that is negative or not finite.
    """

    fan_in: int
    fan_out: int
    weight_variance: float
    bias_variance: float = 0.0
    kurtosis: float = 0.0

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

    @property
    def gain(self) -> float:
        """σ_w² = fan_in · Var W: the factor of the second moment from input to output."""
        return self.fan_in * self.weight_variance

    def second_moment(self, mean_square: float) -> float:
        """The second moment of its output, for inputs of that mean square."""
        return self.gain * mean_square + self.bias_variance


def network(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The layers in the order of the signal, once it is sure that they fit together.

    Raises:
        ActscopeError: there is none, or one does not take what the one before it gives.
    """
    if not layers:
        raise ActscopeError("a network without layers", expected="at least one")
    for index, (one, other) in enumerate(pairwise(layers)):
        if one.fan_out != other.fan_in:
            raise ActscopeError(
                f"layer {index + 1} has fan_in {other.fan_in}, after {one.fan_out} units",
                expected="a dense network, in which the two are the same",
            )
    return tuple(layers)
