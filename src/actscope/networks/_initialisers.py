"""How weights and biases start."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import jax
from jax.nn import initializers

from actscope._errors import unknown
from actscope.activations import Activation

Draw = Callable[[jax.Array, tuple[int, ...], jax.typing.DTypeLike], jax.Array]
Connect = Callable[[jax.Array], jax.Array]


@dataclass(frozen=True)
class Initialiser:
    """How one layer's weights and biases start.

    Attributes:
        name: as on the command line.
        kernel: draws weights of shape (..., fan_in, fan_out).
        bias: for a layer of the given fan_in, draws its biases.
        gain: factor of the weights of a layer that follows this activation; 1 if None.
        fit: `fit(kernel, connect)`, the weights in the light of a batch, of which
            `connect(kernel)` is what the layer makes, without its biases. None: as they are drawn.
    """

    name: str
    kernel: Draw
    bias: Callable[[int], Draw]
    gain: Callable[[Activation], float] | None = None
    fit: Callable[[jax.Array, Connect], jax.Array] | None = None

    @property
    def needs_key_alone(self) -> bool:
        """Neither the activation nor the data decides on a layer's numbers."""
        return self.gain is None and self.fit is None


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


# torch.nn.Linear's default, U(±1/√fan_in) for weights and biases alike: weights of variance
# 1/(3 fan_in), a third of LeCun's.
_PYTORCH = Initialiser("pytorch", _pytorch_kernel, lambda fan_in: _uniform(1 / math.sqrt(fan_in)))

_TABLE = {
    "pytorch": _PYTORCH,
    "tutorial": _PYTORCH,
    "lecun_normal": Initialiser("lecun_normal", initializers.lecun_normal(), _zeros),
    "lecun_uniform": Initialiser("lecun_uniform", initializers.lecun_uniform(), _zeros),
    "glorot_normal": Initialiser("glorot_normal", initializers.glorot_normal(), _zeros),
    "glorot_uniform": Initialiser("glorot_uniform", initializers.glorot_uniform(), _zeros),
    "he_normal": Initialiser("he_normal", initializers.he_normal(), _zeros),
    "he_uniform": Initialiser("he_uniform", initializers.he_uniform(), _zeros),
    "orthogonal": Initialiser("orthogonal", initializers.orthogonal(), _zeros),
}
