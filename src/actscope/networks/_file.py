"""A network in one file: hyperparameters as JSON in the header, weights as safetensors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from actscope import _archive
from actscope._errors import ActscopeError
from actscope._form import require
from actscope.networks import _layers
from actscope.networks._feed_forward import FeedForward, Params, State, build

FILE_NAME = "network.safetensors"
_SCHEMA = "actscope.network/1"


@dataclass(frozen=True)
class Saved:
    """A network with its weights.

    Attributes:
        network: hyperparameters, `init` and `apply`.
        params: its parameters.
        state: its state.
        notes: whatever was stored along: data set, training, provenance.
    """

    network: FeedForward
    params: Params
    state: State
    notes: Mapping[str, Any] = field(default_factory=dict)


def save(path: Path | str, saved: Saved) -> None:
    """Write hyperparameters and weights together, whole or not at all."""
    arrays = _archive.flatten({"params": saved.params, "state": saved.state})
    header = {
        "schema": _SCHEMA,
        "hyperparameters": saved.network.hyperparameters(),
        "notes": dict(saved.notes),
    }
    _archive.write(path, arrays, header)


def load(path: Path | str, *, into: tuple[FeedForward, Params, State] | None = None) -> Saved:
    """Build a network from its file alone, or load the file's weights into an existing one.

    A network with a user's own activation is saved with the name of its module, which is imported
    here: take such a file only from those whose code you would run.

    Args:
        path: the file, or the folder that holds it as `network.safetensors`.
        into: a network with parameters and state whose shapes the file must fit; its
            hyperparameters (its activation, say) are kept.

    Raises:
        ActscopeError: no such file, damaged, not a network, or of other shapes; or its activation
            is nowhere to be found.
    """
    path = Path(path)
    if path.is_dir():
        path = path / FILE_NAME
    arrays, header = _archive.read(path, _SCHEMA)
    try:
        require(header, {"notes": dict}, "its header")
        network = into[0] if into else build(header.get("hyperparameters"))
        like = into[1:] if into else _shapes(network, arrays)
        tree = _archive.unflatten(arrays, {"params": like[0], "state": like[1]})
    except ActscopeError as error:
        raise ActscopeError(f"{path}: {error}") from error
    tree = jax.tree.map(jnp.asarray, tree)
    return Saved(network, tree["params"], tree["state"], header["notes"])


def _shapes(network: FeedForward, arrays: Mapping[str, Any]) -> Any:
    """Shapes of parameters and state, the number of features taken from the file's first layer."""
    if len(arrays) <= len(network.hidden_sizes):  # or a line of text would take hours to build
        raise ActscopeError(
            f"{len(arrays)} arrays for {len(network.hidden_sizes)} hidden layers",
            expected="one a layer at least",
        )
    first = arrays.get("params.layers.0.kernel")
    if first is None or first.ndim < 2:
        raise ActscopeError("no weights of a first layer", expected="params.layers.0.kernel")
    smallest = _layers.layer(network.layer).smallest(first.shape[-2])
    inputs = jax.ShapeDtypeStruct((1, *smallest), jnp.float32)
    return jax.eval_shape(network.init, jax.random.key(0), inputs)
