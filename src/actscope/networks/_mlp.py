"""The multilayer perceptron, with the activation injected."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float, Key, UInt32

from actscope import activations
from actscope._errors import ActscopeError, unknown
from actscope.activations import Activation
from actscope.networks import _initialisers

Params = dict[str, Any]
State = dict[str, Any]
Activate = Callable[[str, Activation, Float[Array, "batch feature"]], Float[Array, "batch feature"]]

_LARGEST_WIDTH = 1_000_000
_JSON_TYPES = {
    "activation": ((str, Mapping), "a name, or a table with a name and parameters"),
    "hidden_sizes": (list, "a list of widths"),
    "num_classes": (int, "a whole number"),
    "initialisation": (str, "a name"),
}


def plainly(
    name: str, activation: Activation, x: Float[Array, "batch feature"]
) -> Float[Array, "batch feature"]:
    """The activation of a site, and nothing else: what `activate` is unless somebody looks."""
    del name
    return activation(x)


@dataclass(frozen=True)
class MLP:
    """Dense layers with an activation after each but the last.

    The object holds hyperparameters only; `init` and `apply` are pure. Inputs are flattened to
    one axis a sample. Parameters are `{"layers": [{"kernel", "bias"}, ...]}` with kernels of shape
    (fan_in, fan_out).

    Attributes:
        activation: applied elementwise after every hidden layer.
        hidden_sizes: width of each hidden layer.
        num_classes: width of the output.
        initialisation: name of the initialiser (`networks.initialisations()`).
    """

    activation: Activation
    hidden_sizes: Sequence[int] = (512, 256, 256, 128)
    num_classes: int = 10
    initialisation: str = "pytorch"

    def __post_init__(self):
        # A list would do, were it hashable.
        object.__setattr__(self, "hidden_sizes", tuple(self.hidden_sizes))
        widths = (*self.hidden_sizes, self.num_classes)
        if not all(type(width) is int and 0 < width <= _LARGEST_WIDTH for width in widths):
            raise ActscopeError(
                f"layers of widths {widths}", expected=f"whole numbers from 1 to {_LARGEST_WIDTH:,}"
            )
        object.__setattr__(
            self, "initialisation", _initialisers.initialiser(self.initialisation).name
        )

    def init(
        self, key: Key[Array, ""] | UInt32[Array, "2"], x: Float[Array | np.ndarray, "batch ..."]
    ) -> tuple[Params, State]:
        """Fresh parameters and the (empty) state for inputs like `x`.

        Each array is drawn from `key` folded with its layer's index and its own name, so neither
        deeper layers nor other members of a study change it.

        Raises:
            ActscopeError: an input has no numbers.
        """
        if not math.prod(x.shape[1:]):
            raise ActscopeError(f"inputs of shape {x.shape}", expected="one number each at least")
        variables = self._linen().init(key, jnp.asarray(x))["params"]
        count = len(self.hidden_sizes) + 1
        return {"layers": [variables[f"layers_{index}"] for index in range(count)]}, {}

    def apply(
        self,
        params: Params,
        state: State,
        x: Float[Array | np.ndarray, "batch ..."],
        *,
        key: jax.Array | None = None,
        train: bool = False,
        activate: Activate = plainly,
    ) -> tuple[Float[Array, "batch classes"], State]:
        """Logits of each input and the new state.

        Args:
            params: as from `init`.
            state: as from `init`; what changes in training without a gradient (nothing here).
            x: inputs.
            key: for random layers (none here).
            train: whether layers that differ in training do so (none here).
            activate: called at each site as `activate("layers.0", activation, pre)`; returns
                post. The default applies the activation; the probe passes one that also looks.

        Raises:
            ActscopeError: the inputs have another size than those of `init`.
        """
        del key, train
        inputs = params["layers"][0]["kernel"].shape[0]
        if math.prod(x.shape[1:]) != inputs:
            raise ActscopeError(f"inputs of shape {x.shape}", expected=f"{inputs} numbers each")
        named = {f"layers_{index}": layer for index, layer in enumerate(params["layers"])}
        logits: Any = self._linen().apply({"params": named}, jnp.asarray(x), activate)
        return logits, state

    def hyperparameters(self) -> dict[str, Any]:
        """All that is needed to build this network again, as JSON values."""
        return {
            "architecture": "mlp",
            "activation": self.activation.spec,
            "hidden_sizes": list(self.hidden_sizes),
            "num_classes": self.num_classes,
            "initialisation": self.initialisation,
        }

    def _linen(self) -> "_Layers":
        initialiser = _initialisers.initialiser(self.initialisation)
        return _Layers((*self.hidden_sizes, self.num_classes), self.activation, initialiser)


def build(hyperparameters: Any) -> MLP:
    """The network that `hyperparameters()` describes.

    Args:
        hyperparameters: any JSON value, such as a file may hold.

    Raises:
        ActscopeError: a key is missing, unknown or of a wrong type, or names nothing known.
    """
    given: dict[str, Any] = dict(hyperparameters) if isinstance(hyperparameters, Mapping) else {}
    architecture = given.pop("architecture", None)
    if architecture != "mlp":
        raise unknown("architecture", str(architecture), ["mlp"])
    if given.keys() != _JSON_TYPES.keys():
        raise ActscopeError(
            f"hyperparameters {sorted(given)}", expected=f"exactly {sorted(_JSON_TYPES)}"
        )
    for name, (kind, expected) in _JSON_TYPES.items():
        if not isinstance(given[name], kind):
            raise ActscopeError(f"{name} {given[name]!r}", expected=expected)
    return MLP(activation=activations.get(given.pop("activation")), **given)


class _Layers(nn.Module):
    """The Linen module behind `MLP`; Linen folds each layer's name into its key."""

    widths: tuple[int, ...]
    activation: Activation
    initialiser: _initialisers.Initialiser

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch ..."], activate: Activate = plainly
    ) -> Float[Array, "batch classes"]:
        x = x.reshape(x.shape[0], math.prod(x.shape[1:]))
        for index, width in enumerate(self.widths):
            if index:
                x = activate(f"layers.{index - 1}", self.activation, x)
            x = nn.Dense(
                width,
                kernel_init=self.initialiser.kernel,
                bias_init=self.initialiser.bias(x.shape[1]),
                name=f"layers_{index}",
            )(x)
        return x
