"""A snapshot in one file, from which the same job goes on as if it had never stopped."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from actscope import _archive
from actscope._errors import ActscopeError, shown
from actscope.training._history import History
from actscope.training._snapshot import Snapshot

CHECKPOINT = "checkpoint.safetensors"
_SCHEMA = "actscope.checkpoint/1"
_OBSERVED = "observed."


def save(path: Path, identity: Mapping[str, Any], snapshot: Snapshot) -> None:
    """Write a snapshot, whole or not at all; what stood there before stays until it is whole.

    Args:
        path: the file.
        identity: of the job, as JSON values.
        snapshot: on any device.

    Raises:
        ActscopeError: the folder or the disk does not take the file.
    """
    arrays = _archive.flatten({"carry": snapshot.carry, "best": snapshot.best})
    arrays |= {_OBSERVED + name: array for name, array in snapshot.observed.items()}
    header = {"schema": _SCHEMA, "job": identity, "history": asdict(snapshot.history)}
    try:
        _archive.write(path, arrays, header)
    except OSError as error:
        raise ActscopeError(
            f"{path} cannot be written ({error.strerror})",
            expected="a folder to write in, with room for the file",
            do="mend that and run the same command again: it goes on from the last checkpoint",
        ) from error


def load(path: Path, identity: Mapping[str, Any], like: Snapshot) -> Snapshot:
    """The snapshot that `save` wrote, its arrays on the host.

    Args:
        path: the file.
        identity: what the job must be.
        like: a snapshot with arrays of the right names, shapes and dtypes.

    Raises:
        ActscopeError: the file is damaged or cannot be read, or is of another job; the message
            lists what differs.
    """
    try:
        arrays, header = _archive.read(path, _SCHEMA)
    except OSError as error:
        raise ActscopeError(f"{path} cannot be read ({error.strerror})") from error
    if unlike := _differences(header.get("job"), identity):
        raise _other(path, "; ".join(unlike))
    observed = {name: arrays.pop(name) for name in list(arrays) if name.startswith(_OBSERVED)}
    history = History.of_json(header.get("history"))
    try:
        trees = _archive.unflatten(arrays, {"carry": like.carry, "best": like.best})
    except ActscopeError as error:
        raise _other(path, str(error)) from error
    return Snapshot(
        carry=trees["carry"],
        best=trees["best"],
        history=history,
        observed={name.removeprefix(_OBSERVED): array for name, array in observed.items()},
    )


def _other(path: Path, why: str) -> ActscopeError:
    return ActscopeError(
        f"{path} is the checkpoint of another run: {why}",
        expected="the same network, recipe, seed and data set",
        do="name another folder, or remove that file to begin anew",
    )


def _differences(there: Any, here: Any, name: str = "") -> list[str]:
    """Where two JSON values differ, each as `recipe.epochs is 3 there and 4 here`."""
    if isinstance(there, Mapping) and isinstance(here, Mapping):
        return [
            difference
            for key in sorted({*there, *here})
            for difference in _differences(
                there.get(key), here.get(key), f"{name}.{key}" if name else key
            )
        ]
    return [] if there == here else [f"{name} is {shown(there)} there and {shown(here)} here"]
