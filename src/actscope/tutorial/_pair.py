"""The tutorial's pair of files: `NAME.config`, hyperparameters in JSON, and `NAME.tar`, a pickle.

Reading one runs nothing of it; what is written, the notebook's own `load_model` reads.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from actscope import activations
from actscope._atomic import write_bytes, write_text
from actscope._errors import ActscopeError, shown, unknown
from actscope._form import require
from actscope.activations import Activation
from actscope.networks import FeedForward, Params, Saved, State
from actscope.tutorial._pickle_reader import Layers, read_layers
from actscope.tutorial._pickle_writer import write_layers

_CONFIG, _WEIGHTS = ".config", ".tar"
_LARGEST_CONFIG = 2**16
_LARGEST_WEIGHTS = 2**30


@dataclass(frozen=True)
class _Class:
    """A class of the notebook: our activation's name, and its fields by our settings' names."""

    activation: str
    fields: Mapping[str, str] = field(default_factory=dict[str, str])


# By the name that the notebook's config gives: its class's in small letters. Its ELU has no field.
_CLASSES = {
    "sigmoid": _Class("sigmoid"),
    "tanh": _Class("tanh"),
    "relu": _Class("relu"),
    "leakyrelu": _Class("leaky_relu", {"negative_slope": "alpha"}),
    "elu": _Class("elu"),
    "swish": _Class("swish"),
}


# The canonical names, in the notebook's order.
ACTIVATIONS = tuple(found.activation for found in _CLASSES.values())


def notebook_name(activation: str) -> str:
    """What the notebook calls the activation of this canonical name.

    Raises:
        ActscopeError: the notebook has none like it.
    """
    for name, found in _CLASSES.items():
        if found.activation == activation:
            return name
    raise unknown("activation of the tutorial", activation, ACTIVATIONS)


def load(path: Path | str, *, into: tuple[FeedForward, Params, State] | None = None) -> Saved:
    """A network from the tutorial's pair, or the pair's weights in an existing network.

    Args:
        path: either file of the pair, or what their names have in common.
        into: a network with parameters and state whose shapes the weights must fit; the config
            is not read, as in the notebook.

    Raises:
        ActscopeError: a file is missing, damaged or not of that kind, or they do not fit.
    """
    return load_files(*_files(Path(path)), into=into)


def load_files(
    weights: Path, config: Path, *, into: tuple[FeedForward, Params, State] | None = None
) -> Saved:
    """`load` for a pair that may lie in two folders."""
    network = into[0] if into else _network(config)
    require_notebooks_own(network)
    content = _read(weights, _LARGEST_WEIGHTS)
    try:
        layers = read_layers(content)
        _require_fit(layers, network, into[1] if into else None)
    except ActscopeError as error:
        raise ActscopeError(f"{weights}: {error}") from error
    found = [layers[f"Dense_{index}"] for index in range(len(layers))]
    # Copied: a view would keep the whole file in memory, and its byte order may be another's.
    params = {
        "layers": [
            {name: jnp.array(layer[name], jnp.float32) for name in ("kernel", "bias")}
            for layer in found
        ]
    }
    return Saved(network, params, into[2] if into else {}, {"source": weights.name})


def save(path: Path | str, saved: Saved) -> None:
    """Write the pair, so that the notebook's `load_model` builds this network.

    Args:
        path: either file of the pair, or what their names have in common.
        saved: the network; its state and notes have no place there.

    Raises:
        ActscopeError: the notebook has no such activation, or not with such settings, or no such
            layers.
    """
    require_notebooks_own(saved.network)
    weights, config = _files(Path(path))
    hyperparameters = {
        "act_fn": _act_fn(saved.network.activation),
        "num_classes": saved.network.num_outputs,
        "hidden_sizes": list(saved.network.hidden_sizes),
    }
    layers = {
        f"Dense_{index}": {name: np.asarray(array) for name, array in layer.items()}
        for index, layer in enumerate(saved.params["layers"])
    }
    content = write_layers(layers)
    # The config first: the notebook takes a network with weights for finished.
    write_text(config, json.dumps(hyperparameters))
    write_bytes(weights, content)


def require_notebooks_own(network: FeedForward) -> None:
    """Pass if the notebook can have layers like the network's.

    Raises:
        ActscopeError: it cannot.
    """
    plain = FeedForward(network.activation, network.hidden_sizes, network.num_outputs)
    if network.program != plain or network.activation.trainable:
        raise ActscopeError(
            f"a network of layer {network.layer!r}, normalization {network.normalization!r}, "
            f"dropout {network.dropout:g} and {network.activation.label}",
            expected="dense layers without normalisation or dropout, and nothing learned in the "
            "activation, as in the tutorial",
        )


def _files(path: Path) -> tuple[Path, Path]:
    name = path.name.removesuffix(_CONFIG).removesuffix(_WEIGHTS)
    return path.with_name(name + _WEIGHTS), path.with_name(name + _CONFIG)


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            content = file.read(most) if size <= most else b""
    except OSError as error:
        raise ActscopeError(
            f"{path} cannot be read ({error.strerror})",
            expected=f"the tutorial's pair: NAME{_CONFIG} and NAME{_WEIGHTS} in one folder",
        ) from error
    if size > most:
        raise ActscopeError(f"{path} has {size:,} bytes", expected=f"at most {most:,}")
    return content


def _network(path: Path) -> FeedForward:
    try:
        config = json.loads(_read(path, _LARGEST_CONFIG))
    except (ValueError, RecursionError) as error:
        raise ActscopeError(f"{path} is not JSON ({error})", expected="the tutorial's") from error
    match config:
        case {"act_fn": dict(act_fn), "num_classes": int(classes), "hidden_sizes": list(sizes)}:
            pass
        case _:
            raise ActscopeError(
                f"{path} lacks an entry, or has one of another type",
                expected='{"act_fn": {"name": …}, "num_classes": 10, "hidden_sizes": [512, …]}',
            )
    try:
        if others := sorted(set(config) - {"act_fn", "num_classes", "hidden_sizes"}):
            raise unknown("entry", others[0], ("act_fn", "num_classes", "hidden_sizes"))
        require(sizes, [int], "hidden_sizes")
        return FeedForward(_activation(act_fn), tuple(sizes), classes)
    except ActscopeError as error:
        raise ActscopeError(f"{path}: {error}") from error


def _activation(act_fn: Mapping[str, Any]) -> Activation:
    require(act_fn, {"name": str}, "act_fn")
    name = act_fn["name"].lower()
    if name not in _CLASSES:
        raise unknown("activation of the tutorial", name, _CLASSES)
    ours = {theirs: ours for ours, theirs in _CLASSES[name].fields.items()}
    settings: dict[str, Any] = {}
    for key, value in act_fn.items():
        if key == "name":
            continue
        if key not in ours:
            raise ActscopeError(f"{name} has no field {shown(key)} in the tutorial")
        settings[ours[key]] = value
    return activations.get(_CLASSES[name].activation, **settings)


def _act_fn(activation: Activation) -> dict[str, Any]:
    name = notebook_name(activation.name)
    fields = _CLASSES[name].fields
    settings = activation.parameters
    taken = {ours: settings[ours] for ours in fields}
    if activations.get(activation.name, **taken) != activation:
        raise ActscopeError(
            f"{activation.label} cannot be written for the tutorial's notebook",
            expected=f"{activations.get(activation.name).label}, the only one that it knows",
            do="save it as safetensors (actscope.networks.save)",
        )
    return {"name": name} | {fields[ours]: value for ours, value in taken.items()}


def _require_fit(layers: Layers, network: FeedForward, like: Params | None) -> None:
    """Raise unless the arrays are those of the network; without `like` inputs may be any width."""
    widths = (*network.hidden_sizes, network.num_outputs)
    expected = [f"Dense_{index}" for index in range(len(widths))]
    if sorted(layers) != sorted(expected):
        raise ActscopeError(f"{len(layers)} layers", expected=", ".join(expected))
    first = layers["Dense_0"].get("kernel", np.empty(0)).shape[0]
    features = like["layers"][0]["kernel"].shape[0] if like else first
    for name, width in zip(expected, widths, strict=True):
        shapes = {key: array.shape for key, array in layers[name].items()}
        if shapes != {"kernel": (features, width), "bias": (width,)}:
            raise ActscopeError(
                f"{name} has arrays of shapes {shapes}",
                expected=f"kernel {(features, width)} and bias {(width,)}",
            )
        features = width
