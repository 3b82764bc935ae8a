"""How weights and biases start."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp
from jax.nn import initializers

from actscope._errors import unknown
from actscope.activations import Activation
from actscope.theory import Start, start

Draw = Callable[[jax.Array, tuple[int, ...], jax.typing.DTypeLike], jax.Array]
Connect = Callable[[jax.Array], jax.Array]


@dataclass(frozen=True)
class Initialiser:
    """How one layer's weights and biases start.

    Attributes:
        name: as on the command line.
        kernel: draws weights of shape (..., fan_in, fan_out).
        bias: for a layer of the given fan_in, draws its biases.
        start: what the activation asks of weights and biases. Weights of a layer that follows it
            are multiplied by its σ_w, those of the first layer so that what it makes of a batch has
            the second moment q; biases are normal of standard deviation σ_b. None: nothing.
        fit: `fit(kernel, connect)`, the weights in the light of a batch, of which
            `connect(kernel)` is what the layer makes, without its biases. None: as they are drawn.
    """

    name: str
    kernel: Draw
    bias: Callable[[int], Draw]
    start: Callable[[Activation], Start] | None = None
    fit: Callable[[jax.Array, Connect], jax.Array] | None = None

    @property
    def needs_key_alone(self) -> bool:
        """Neither the activation nor the data decides on a layer's numbers."""
        return self.start is None and self.fit is None


def initialiser(name: str) -> Initialiser:
    """The initialiser of that name.

    Raises:
        ActscopeError: there is none.
    """
    if name not in _TABLE:
        raise unknown("initialisation", name, _TABLE)
    return _TABLE[name]


def initialisations() -> tuple[str, ...]:
    """All names, without the alias `tutorial`."""
    return tuple(name for name, found in _TABLE.items() if found.name == name)


def of_second_moment(kernel: jax.Array, connect: Connect, target: float) -> jax.Array:
    """The weights, scaled so that the second moment of what they make of a batch is `target`.

    What cannot be scaled, such as the response to a blank image, stays.
    """
    moment = (connect(kernel) ** 2).mean()
    scalable = (moment > 0) & jnp.isfinite(moment)
    return kernel * jnp.sqrt(target / jnp.where(scalable, moment, target))


def _uniform(bound: float) -> Draw:
    return lambda key, shape, dtype: jax.random.uniform(key, shape, dtype, -bound, bound)


def _pytorch_kernel(
    key: jax.Array, shape: tuple[int, ...], dtype: jax.typing.DTypeLike
) -> jax.Array:
    fan_in = math.prod(shape[:-1])
    return _uniform(1 / math.sqrt(fan_in))(key, shape, dtype)


def _zeros(fan_in: int) -> Draw:
    del fan_in
    return initializers.zeros


def _unit_variance(kernel: jax.Array, connect: Connect) -> jax.Array:
    """Mishkin and Matas 2016, Algorithm 1, for one layer: output of variance 1 within 0.1.

    They repeat the division up to ten times. Without biases a layer is linear in its weights, and
    once is enough. What cannot be scaled, such as the response to a blank image, stays.
    """
    variance = connect(kernel).var()
    scalable = (jnp.abs(variance - 1) >= 0.1) & (variance > 0) & jnp.isfinite(variance)
    return kernel / jnp.sqrt(jnp.where(scalable, variance, 1))


# torch.nn.Linear's default, U(±1/√fan_in) for weights and biases alike: weights of variance
# 1/(3 fan_in), a third of LeCun's.
_PYTORCH = Initialiser("pytorch", _pytorch_kernel, lambda fan_in: _uniform(1 / math.sqrt(fan_in)))

# Variance of the weights: LeCun 1/fan_in, Glorot 2/(fan_in + fan_out), He 2/fan_in.
_VARIANCES: dict[str, tuple[float, Literal["fan_in", "fan_avg"]]] = {
    "lecun": (1.0, "fan_in"),
    "glorot": (1.0, "fan_avg"),
    "he": (2.0, "fan_in"),
}
# A truncated one is cut off at two standard deviations, and has that variance afterwards.
_DISTRIBUTIONS: dict[str, Literal["normal", "uniform", "truncated_normal"]] = {
    "normal": "normal",
    "uniform": "uniform",
    "truncated": "truncated_normal",
}
_SCALED = (
    Initialiser(f"{who}_{what}", initializers.variance_scaling(*variance, distribution), _zeros)
    for who, variance in _VARIANCES.items()
    for what, distribution in _DISTRIBUTIONS.items()
)
_ORTHOGONAL = initializers.orthogonal()

_TABLE = {"pytorch": _PYTORCH, "tutorial": _PYTORCH} | {
    known.name: known
    for known in (
        *_SCALED,
        Initialiser("orthogonal", _ORTHOGONAL, _zeros),
        # σ_w²/fan_in and σ_b² on the edge of chaos: neither the signal nor its gradient fades.
        Initialiser(
            "critical",
            initializers.variance_scaling(1.0, "fan_in", "normal"),
            _zeros,
            start=start,
        ),
        Initialiser("lsuv", _ORTHOGONAL, _zeros, fit=_unit_variance),
    )
}
