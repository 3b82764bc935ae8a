"""Named arrays and a JSON header in one file: safetensors, with a checksum, whole or not at all.

No pickle: a file from a stranger can be opened without running anything of theirs.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from actscope._atomic import write_bytes
from actscope._errors import ActscopeError, shown
from actscope._form import require

_KIND = "a safetensors file that actscope wrote"


def write(path: Path | str, arrays: Mapping[str, np.ndarray], header: Mapping[str, Any]) -> None:
    """Write `arrays` and `header` (anything JSON) to one safetensors file."""
    from safetensors.numpy import save

    # Not ascontiguousarray, which makes an array of one element of a single number.
    whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    text = json.dumps(header)
    metadata = {"actscope": text, "sha256": _digest(text, whole)}
    write_bytes(path, save(whole, metadata=metadata))


def read(path: Path | str, schema: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and the header of a file that `write` made.

    Args:
        path: the file.
        schema: what `header["schema"]` must be.

    Raises:
        ActscopeError: there is no such file, it is damaged, was not written by actscope, or holds
            another schema.
        OSError: it cannot be opened.
    """
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise ActscopeError(f"{path}: no such file", expected=_KIND)
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
    # Of an element type that NumPy has not, it raises an AttributeError.
    except (SafetensorError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(path, str(error)) from error
    if "actscope" not in metadata:
        raise ActscopeError(f"{path}: its header has no entry 'actscope'", expected=_KIND)
    if metadata.get("sha256") != _digest(metadata["actscope"], arrays):
        raise _damaged(path, "the checksum does not fit the content")
    header = _header(path, metadata["actscope"])
    if header["schema"] != schema:
        raise ActscopeError(f"{path} holds {shown(header['schema'])}", expected=schema)
    return arrays, header


def _header(path: Path | str, text: str) -> dict[str, Any]:
    """The header, of which the checksum says only that whoever wrote the file meant it."""
    try:
        header = json.loads(text)
        json.dumps(header, ensure_ascii=False).encode()  # half a character cannot be shown
    except (ValueError, RecursionError) as error:  # no JSON, or absurdly deep
        raise _damaged(path, f"its header cannot be read: {error}") from error
    try:
        require(header, {"schema": str}, "its header")
    except ActscopeError as error:
        raise ActscopeError(f"{path}: {error}") from error
    return header


def flatten(tree: Any) -> dict[str, np.ndarray]:
    """The leaves of a pytree by their dotted paths, such as `layers.0.kernel`.

    Raises:
        ActscopeError: two leaves have the same path, because a key has a dot in it.
    """
    return {name: np.asarray(leaf) for name, leaf in named(tree).items()}


def named(tree: Any) -> dict[str, Any]:
    """The leaves of a pytree as they are, by their dotted paths.

    Raises:
        ActscopeError: two leaves have the same path, because a key has a dot in it.
    """
    import jax

    paths, _ = jax.tree_util.tree_flatten_with_path(tree)
    leaves = {_name(path): leaf for path, leaf in paths}
    if len(leaves) < len(paths):
        raise ActscopeError("two arrays have the same dotted path", expected="keys without dots")
    return leaves


def unflatten(arrays: Mapping[str, np.ndarray], like: Any) -> Any:
    """The pytree of `like`'s structure whose leaves are `arrays`.

    Raises:
        ActscopeError: a leaf is missing, unknown, or of another shape or dtype than in `like`.
    """
    import jax

    paths, structure = jax.tree_util.tree_flatten_with_path(like)
    expected = {_name(path): leaf for path, leaf in paths}
    if unexpected := sorted(set(expected) ^ set(arrays)):
        raise ActscopeError(
            f"the arrays {', '.join(unexpected[:4])} are in only one of file and network",
            expected="the same network",
        )
    for name, leaf in expected.items():
        if (arrays[name].shape, arrays[name].dtype) != (leaf.shape, leaf.dtype):
            raise ActscopeError(
                f"{name} has shape {arrays[name].shape} and dtype {arrays[name].dtype}",
                expected=f"{leaf.shape} and {leaf.dtype}",
            )
    return jax.tree_util.tree_unflatten(structure, [arrays[name] for name in expected])


def _name(path: Any) -> str:
    import jax

    return jax.tree_util.keystr(path, simple=True, separator=".")


def _digest(header: str, arrays: Mapping[str, np.ndarray]) -> str:
    # safetensors checks sizes only; a flipped bit in a weight would load as another network.
    digest = hashlib.sha256(header.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _damaged(path: Path | str, why: str) -> ActscopeError:
    return ActscopeError(
        f"{path} is damaged ({why})",
        expected=_KIND,
        do="remove it, or put a whole copy in its place, and run the same command again",
    )
