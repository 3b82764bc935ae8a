"""Critical initialisation: the σ_w and σ_b with which depth neither fades nor explodes a signal."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import jax
from jax.nn import initializers

from actscope._errors import ActscopeError, unknown
from actscope.theory._critical import critical
from actscope.theory._gain import gain
from actscope.theory._hosted import Hosted, hosted
from actscope.theory._layer import Layer, gaussian, network
from actscope.theory._maps import Function

Architecture = Literal["dense", "convolution", "residual"]
Initializer = Callable[..., jax.Array]

SIGMA_BS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)  # in this order

_ARCHITECTURES = ("dense", "convolution", "residual")


@dataclass(frozen=True)
class Start:
    """How the layers of a network with some activation should start.

    Weights are independent of mean 0 and variance σ_w²/fan_in, where fan_in counts all numbers that
    a unit adds up: k² · C_in in a convolution. Biases have mean 0 and standard deviation σ_b.

    Attributes:
        sigma_w: σ_w of every layer that follows the activation.
        sigma_b: standard deviation of the biases.
        q: variance that the first layer should give its pre-activations: the one that stays. None:
            any does, and 1 is as good.
        branch: β, the factor of a residual branch; 1 without one.
        message: what to know about it; empty at a stable critical point of a plain network.
    """

    sigma_w: float
    sigma_b: float
    q: float | None
    branch: float = 1.0
    message: str = ""

    @property
    def first_variance(self) -> float:
        """Second moment that the first layer's weights should give, before biases: q - σ_b²."""
        return (1.0 if self.q is None else self.q) - self.sigma_b**2

    def first_sigma_w(self, mean_square: float) -> float:
        """σ_w of the first layer, for inputs of that mean square: its outputs have variance q.

        Raises:
            ActscopeError: the mean square is not a finite number above 0.
        """
        if not 0 < mean_square < math.inf:
            raise ActscopeError(
                f"inputs of mean square {mean_square:g}", expected="a finite number above 0"
            )
        return math.sqrt(self.first_variance / mean_square)


def critical_network(f: Function, widths: Sequence[int], mean_square: float) -> tuple[Layer, ...]:
    """The layers of a dense network from the critical start of its activation.

    Args:
        f: an activation, its name, or a callable of one array.
        widths: numbers of an input, units of each hidden layer, and outputs.
        mean_square: of the inputs.

    Raises:
        ActscopeError: as for `start` and `network`, or the mean square is no finite number above 0.
    """
    found = start(f)
    first = gaussian(found.first_sigma_w(mean_square), found.sigma_b)
    return network(widths, gaussian(found.sigma_w, found.sigma_b), first)


def start(f: Function, layer: Architecture = "dense", blocks: int = 1) -> Start:
    """The critical start for an activation: a stable point on the edge of chaos.

    Of σ_b = 0, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3 it takes the first with a stable critical
    point at a variance above 0, which a first layer can give; of several the smallest variance.
    So relu, and what scales as it, gets σ_b = 0, tanh 0.1, gelu 0.5 and swish 1. Where there is
    none it is the backward gain 1/√E[f'(z)²], z ~ N(0, 1), without biases, and the message says
    why: the gradient keeps its size while pre-activations have variance 1, which they will not
    for ever.

    What critical means depends on the network, without normalisation:

    - dense, and convolution apart from what happens at borders: V(q) = q and χ₁ = 1.
    - residual, h + β (W f(h) + b): nothing is critical, since χ = 1 + β² σ_w² E[f'²] > 1. With the
      same σ_w and σ_b for W and b, and β = 1/√L, gradient and signal grow in mean square by about
      (1 + 1/L)^L < e over L blocks. It is about, since q leaves the point where χ₁ = 1 with it.
      Normalisation in the branch, norm(h) for h, sets q to 1 there, and growth is linear.

    Args:
        f: an activation, its name, or a callable of one array. A trainable one is taken as it
            starts.
        layer: `"dense"`, `"convolution"` or `"residual"`.
        blocks: L, the number of residual blocks.

    Raises:
        ActscopeError: no such layer, no block, or E[f'(z)²] is 0 or infinite where no critical
            point exists.

    Reference:
        Schoenholz, Gilmer, Ganguli and Sohl-Dickstein 2017; for residual networks Hanin and Rolnick
        2018, section 3.
    """
    if layer not in _ARCHITECTURES:
        raise unknown("kind of layer", layer, _ARCHITECTURES)
    if blocks < 1:
        raise ActscopeError(f"{blocks} residual blocks", expected="at least 1")
    plain = _start(hosted(f))
    if layer != "residual":
        return plain
    grown = (
        f"a residual network has no critical point: with β = 1/√{blocks} the gradient's mean square"
        f" grows by about e over {blocks} blocks, without it by about 2 in each"
    )
    message = "; ".join(part for part in (grown, plain.message) if part)
    return replace(plain, branch=1 / math.sqrt(blocks), message=message)


def initializer(
    f: Function, inputs: float | None = None, *, in_axis: int = -2, out_axis: int = -1
) -> Initializer:
    """Critical weights for layers that follow an activation, as `jax.nn.initializers` has them.

    It is `initializer(key, shape, dtype)`: normal weights of variance σ_w²/fan_in, where fan_in is
    the product of all axes but the last, as in flax. For weights of shape (out, in), as in equinox,
    take `in_axis=-1, out_axis=-2`, or transpose. The biases are `bias_initializer`'s.

    Args:
        f: an activation, its name, or a callable of one array.
        inputs: for the first layer, which no activation precedes: the mean square of its inputs,
            1 if they are standardised. Its outputs then have the variance that stays.
        in_axis: of the weights, the axis of the inputs.
        out_axis: of the weights, the axis of the units.

    Warns:
        UserWarning: there is no stable critical point, and these are weights of the backward gain.

    Raises:
        ActscopeError: as for `start`, or `inputs` is not a finite number above 0.

    Examples:
        >>> import actscope, flax.linen as nn
        >>> first = nn.Dense(256, kernel_init=actscope.theory.initializer("tanh", inputs=1.0))
        >>> later = nn.Dense(256, kernel_init=actscope.theory.initializer("tanh"))
    """
    found = start(f)
    if found.message:
        warnings.warn(found.message, stacklevel=2)
    sigma_w = found.sigma_w if inputs is None else found.first_sigma_w(inputs)
    return initializers.variance_scaling(
        sigma_w**2, "fan_in", "normal", in_axis=in_axis, out_axis=out_axis
    )


def bias_initializer(f: Function) -> Initializer:
    """The biases beside `initializer`: normal of standard deviation σ_b, or zeros.

    Args:
        f: an activation, its name, or a callable of one array.

    Raises:
        ActscopeError: as for `start`.
    """
    sigma_b = start(f).sigma_b
    return initializers.normal(sigma_b) if sigma_b else initializers.zeros


@lru_cache(maxsize=256)
def _start(host: Hosted) -> Start:
    for sigma_b in SIGMA_BS:
        for point in critical(host.activation, sigma_b).points:
            if point.stable and point.q != 0:
                return Start(point.sigma_w, sigma_b, point.q)
    message = (
        f"{host.activation.label} has no stable critical point: {_why(host)}; these are weights of"
        " the backward gain, which keeps gradients while pre-activations have variance 1"
    )
    return Start(gain(host.activation, "backward"), 0.0, 1.0, message=message)


def _why(host: Hosted) -> str:
    found = [critical(host.activation, sigma_b) for sigma_b in SIGMA_BS]
    if any(one.points for one in found):
        return (
            f"at σ_b from {SIGMA_BS[0]:g} to {SIGMA_BS[-1]:g} there are only such that a variance"
            " next to them moves away"
        )
    return found[-1].reason
