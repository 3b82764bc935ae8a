"""The feed-forward network: layers of one kind, with the activation injected after each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, UInt32

from actscope import activations
from actscope._errors import ActscopeError, shown, unknown
from actscope._form import require
from actscope.activations import Activation
from actscope.networks import _initialisers, _layers
from actscope.networks._activate import Activate, Signal, plainly
from actscope.networks._stack import RANDOM, STATISTICS, Parts, Stack

Params = dict[str, Any]
State = dict[str, Any]

_ARCHITECTURE = "feed_forward"
_LARGEST_WIDTH = 1_000_000
_JSON_TYPES = {
    "activation": ((str, Mapping), "a name, or a table with a name and parameters"),
    "hidden_sizes": (list, "a list of widths"),
    "num_outputs": (int, "a whole number"),
    "layer": (str, "a name"),
    "normalization": (str, "a name"),
    "dropout": ((int, float), "a number"),
    "initialisation": (str, "a name"),
}


@dataclass(frozen=True)
class FeedForward:
    """Hidden layers of one kind with an activation f after each, and a dense output layer.

    The object holds hyperparameters only; `init` and `apply` are pure. The kinds of layers, W and
    b being each layer's own (layers count from 0):

    - `dense`: h_i = W_i x + b_i, of inputs flattened to one axis a sample.
    - `convolution`: 3 × 3 kernels over images (batch, height, width, channel), the last axis added
      where there is none; padding SAME with zeros, stride 2 in layers 1, 3, 5, … and 1 in the
      others; the output layer sees the mean over all positions.
    - `residual`: dense, pre-activation. h_0 = W_0 x + b_0, then
      h_i = S_i h_(i-1) + β (W_i f(norm(h_(i-1))) + b_i), β = 1/√L for the L blocks after the first
      layer. S_i is the identity where the widths agree, else a projection without bias, drawn like
      a kernel that no activation precedes. The output layer sees f(norm(h_L)).

    Everywhere the next layer sees dropout(f(norm(h_i))), and h_i is normalised

    - `none`: not at all;
    - `layer`: by mean and variance of each sample over all its positions and features;
    - `batch`: by mean and variance of each feature over the batch and all positions; in training
      those of the batch, else running ones, which keep 0.9 of their value in each step.

    Then comes a learned scale and offset for each feature; 1e-5 is added to variances, which are
    those of the population. Dropout sets values to 0 at its rate, in training alone, and divides
    the others by what is left.

    Parameters are `{"layers": [{"kernel", "bias", …}, …]}`, kernels of shape (…, fan_in, fan_out);
    where there are such, `shortcut` is S_i, `scale` and `offset` the normalisation's, and
    `activation` holds what the activation learns. The state is `{}`, or with running statistics
    `{"layers": [{"mean", "variance"}, …]}`, one entry a hidden layer.

    Attributes:
        activation: applied after every hidden layer: as many sites as hidden sizes.
        hidden_sizes: width of each hidden layer: how many units (or channels) its activation has.
            For a unit that reads two numbers (maxout, the gated ones) the layer makes twice as
            many; from a unit that makes two (crelu) the next layer gets twice as many.
        num_outputs: width of the output.
        layer: kind of the hidden layers (`networks.layers()`).
        normalization: between each of them and its activation (`networks.normalizations()`).
        dropout: rate of dropout after each activation, from 0 to below 1.
        initialisation: name of the initialiser (`networks.initialisations()`).

    Raises:
        ActscopeError: a width or the rate is out of range, a name unknown, or the initialiser has
            no scale for the activation.
    """

    activation: Activation
    hidden_sizes: Sequence[int] = (512, 256, 256, 128)
    num_outputs: int = 10
    layer: str = "dense"
    normalization: str = "none"
    dropout: float = 0.0
    initialisation: str = "pytorch"

    def __post_init__(self):
        # A list would do, were it hashable.
        object.__setattr__(self, "hidden_sizes", tuple(self.hidden_sizes))
        widths = (*self.hidden_sizes, self.num_outputs)
        if not all(type(width) is int and 0 < width <= _LARGEST_WIDTH for width in widths):
            raise ActscopeError(
                f"layers of widths {shown(widths)}",
                expected=f"whole numbers from 1 to {_LARGEST_WIDTH:,}",
            )
        if isinstance(self.dropout, bool) or not 0 <= self.dropout < 1:
            raise ActscopeError(
                f"dropout {shown(self.dropout)}", expected="a rate from 0 to below 1"
            )
        object.__setattr__(self, "dropout", float(self.dropout))
        initialiser = self._parts().initialiser
        if initialiser.start:
            initialiser.start(self.activation)  # no scale: known now, not in the midst of a study
        object.__setattr__(self, "initialisation", initialiser.name)

    @property
    def program(self) -> "FeedForward":
        """The network with the default initialisation: what `apply` is compiled for."""
        return replace(self, initialisation=FeedForward.initialisation)

    def init(
        self, key: Key[Array, ""] | UInt32[Array, "2"], x: Float[Array | np.ndarray, "batch ..."]
    ) -> tuple[Params, State]:
        """Fresh parameters and state for inputs like `x`, at which some initialisers look.

        Each array is drawn from `key` folded with its layer's index and its place in the layer, so
        neither deeper layers nor other members of a study change it.

        Raises:
            ActscopeError: an input has no numbers, or cannot enter a layer of this kind.
        """
        if not math.prod(x.shape[1:]):
            raise ActscopeError(f"inputs of shape {x.shape}", expected="one number each at least")
        entered = _layers.layer(self.layer).enter(jnp.asarray(x))
        variables = self._linen().init(key, entered)
        params = _listed(variables["params"], len(self.hidden_sizes) + 1)
        kept = variables.get(STATISTICS)
        return params, _listed(kept, len(self.hidden_sizes)) if kept else {}

    def apply(
        self,
        params: Params,
        state: State,
        x: Float[Array | np.ndarray, "batch ..."],
        *,
        key: jax.Array | None = None,
        train: bool = False,
        activate: Activate = plainly,
    ) -> tuple[Float[Array, "batch output"], State]:
        """Outputs for each input and the new state.

        Args:
            params: as from `init`.
            state: as from `init`; what changes in training without a gradient.
            x: inputs.
            key: of what dropout and a random activation draw in training.
            train: whether dropout and batch normalisation do as in training.
            activate: called at each site as `activate("layers.0", activation, pre, learned)`, with
                what the activation has learned by name; returns post. The default applies the
                activation; the probe passes one that also looks.

        Raises:
            ActscopeError: the inputs have another size than those of `init`, the state is that of
                another network, or dropout lacks a key.
        """
        x = self._entered(params, x)
        if train and key is None and (self.dropout or self.activation.random):
            who = "dropout" if self.dropout else self.activation.label
            raise ActscopeError(f"{who} in training without a key", do="pass key=…")
        variables = {"params": _named(params)}
        if self._keeps(state):
            variables[STATISTICS] = _named(state)
        rngs = {} if key is None else {RANDOM: key}
        mutable = [STATISTICS] if train and state else []
        outputs, changed = self._linen().apply(
            variables, x, activate, train, rngs=rngs, mutable=mutable
        )
        if not changed:
            return outputs, state
        return outputs, _listed(changed[STATISTICS], len(self.hidden_sizes))

    def hyperparameters(self) -> dict[str, Any]:
        """All that is needed to build this network again, as JSON values."""
        return {
            "architecture": _ARCHITECTURE,
            "activation": self.activation.spec,
            "hidden_sizes": list(self.hidden_sizes),
            "num_outputs": self.num_outputs,
            "layer": self.layer,
            "normalization": self.normalization,
            "dropout": self.dropout,
            "initialisation": self.initialisation,
        }

    def _parts(self) -> Parts:
        return Parts(
            activation=self.activation,
            layer=_layers.layer(self.layer),
            normalization=_layers.normalization(self.normalization),
            dropout=self.dropout,
            initialiser=_initialisers.initialiser(self.initialisation),
        )

    def _linen(self) -> Stack:
        return Stack(self._parts(), tuple(self.hidden_sizes), self.num_outputs)

    def _entered(self, params: Params, x: Float[Array | np.ndarray, "batch ..."]) -> Signal:
        kind = _layers.layer(self.layer)
        entered = kind.enter(jnp.asarray(x))
        features = params["layers"][0]["kernel"].shape[-2]
        if entered.shape[-1] != features:
            raise ActscopeError(
                f"inputs of shape {x.shape}", expected=f"{features} {kind.feature} each"
            )
        return entered

    def _keeps(self, state: State) -> bool:
        """Whether there are running statistics; whoever forgot them is told so."""
        keeps = _layers.normalization(self.normalization).running and bool(self.hidden_sizes)
        if keeps != bool(state):
            raise ActscopeError(
                "a state with running statistics" if state else "a state without any statistics",
                expected=f"the state that init gave, for normalization {self.normalization!r}",
            )
        return keeps


def build(hyperparameters: Any) -> FeedForward:
    """The network that `hyperparameters()` describes.

    Args:
        hyperparameters: any JSON value, such as a file may hold.

    Raises:
        ActscopeError: a key is missing, unknown or of a wrong type, or names nothing known.
    """
    given: dict[str, Any] = dict(hyperparameters) if isinstance(hyperparameters, Mapping) else {}
    architecture = given.pop("architecture", None)
    if architecture != _ARCHITECTURE:
        raise unknown("architecture", str(architecture), [_ARCHITECTURE])
    if given.keys() != _JSON_TYPES.keys():
        raise ActscopeError(
            f"hyperparameters {sorted(given)}", expected=f"exactly {sorted(_JSON_TYPES)}"
        )
    for name, (kind, expected) in _JSON_TYPES.items():
        if not isinstance(given[name], kind):
            raise ActscopeError(f"{name} {shown(given[name])}", expected=expected)
    require(given["hidden_sizes"], [int], "hidden_sizes")
    return FeedForward(activation=activations.get(given.pop("activation")), **given)


def _named(tree: Mapping[str, Any]) -> dict[str, Any]:
    """A list of layers by the names that they have in Linen."""
    return {f"layers_{index}": layer for index, layer in enumerate(tree["layers"])}


def _listed(named: Mapping[str, Any], count: int) -> dict[str, Any]:
    return {"layers": [named[f"layers_{index}"] for index in range(count)]}
