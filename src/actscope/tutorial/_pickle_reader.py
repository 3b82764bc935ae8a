"""A pickle of Linen parameters, read without running any of it.

The five names that such a file may mention stand for inert records here. Arrays are made at the
end, by us, from bytes that have been measured.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import numpy as np

from actscope.tutorial._machine import Machine, kind, refused, short

Layers = Mapping[str, Mapping[str, np.ndarray]]


def read_layers(content: bytes) -> Layers:
    """The arrays in a pickle of `{"params": {layer: {name: array}}}`, frozen or not.

    Args:
        content: the whole file.

    Returns:
        float32 arrays of one or two axes in either byte order, views of the file's bytes.

    Raises:
        ActscopeError: it holds anything else, mentions any other name, is cut off, or goes on
            after its end. The message does not name the file.
    """
    tree = _dictionary(Machine(content, _NAMES, _call, _build).run(), "value")
    if set(tree) != {"params"}:
        raise refused(f"the entries {short(', '.join(sorted(tree)))} outermost", "'params' alone")
    layers = {
        layer: {
            name: _array(value, f"{layer}.{name}")
            for name, value in _dictionary(entries, layer).items()
        }
        for layer, entries in _dictionary(tree["params"], "params").items()
    }
    # Each array brings its own bytes, unless some are mentioned over and over to fill the memory.
    if sum(array.nbytes for layer in layers.values() for array in layer.values()) > len(content):
        raise refused("arrays that share their bytes", "each array once")
    return layers


class _Name(Enum):
    FROZEN_DICT = auto()
    RECONSTRUCT = auto()
    NDARRAY = auto()
    DTYPE = auto()


# NumPy 2 renamed its core; files from before and after are read.
_NAMES = {
    "flax.core.frozen_dict FrozenDict": _Name.FROZEN_DICT,
    "numpy.core.multiarray _reconstruct": _Name.RECONSTRUCT,
    "numpy._core.multiarray _reconstruct": _Name.RECONSTRUCT,
    "numpy ndarray": _Name.NDARRAY,
    "numpy dtype": _Name.DTYPE,
}


@dataclass(eq=False)
class _Dtype:
    """float32; its byte order comes with BUILD."""

    order: str | None = None


@dataclass(eq=False)
class _Array:
    """An array; its content comes with BUILD."""

    content: np.ndarray | None = None


def _call(called: Any, arguments: tuple[Any, ...]) -> Any:
    match called, arguments:
        case _Name.FROZEN_DICT, (dict(content),):
            return content
        case _Name.RECONSTRUCT, (_Name.NDARRAY, (0,), b"b"):
            return _Array()
        case _Name.DTYPE, ("f4", False | 0, True | 1):  # the type; align; copy
            return _Dtype()
        case _Name.DTYPE, (str(other), *_):
            raise refused(f"an array of NumPy's type {short(other)}", "'f4', that is float32")
        case _:
            raise refused(f"an unusual call of {kind(called)}", "arrays as NumPy pickles them")


def _build(target: Any, state: Any) -> None:
    match target, state:
        # Version 3 of a dtype's state; neither fields nor a subarray, no alignment, no flags.
        case _Dtype(order=None), (3, "<" | ">" as order, None, None, None, -1, -1, 0):
            target.order = order
        case (
            _Array(content=None),
            (1, tuple(shape), _Dtype(order=str(order)), bool(fortran), bytes(content)),
        ):
            target.content = _content(shape, f"{order}f4", fortran, content)
        case _:
            raise refused(f"an unusual state for {kind(target)}", "arrays as NumPy pickles them")


def _content(shape: tuple[Any, ...], dtype: str, fortran: bool, content: bytes) -> np.ndarray:
    # A bool is an int to Python, and a size below 0 is "whatever fits" to NumPy.
    if len(shape) not in (1, 2) or not all(type(size) is int and size >= 0 for size in shape):
        raise refused(
            f"an array of {len(shape)} axes, or of sizes that are none", "one or two axes"
        )
    if math.prod(shape) * 4 != len(content):
        raise refused(
            f"an array of shape {short(shape)} in {len(content)} bytes", "4 bytes a number"
        )
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")


def _dictionary(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise refused(f"{kind(value)} for {short(what)}", "a dictionary")
    return value


def _array(value: Any, what: str) -> np.ndarray:
    if not isinstance(value, _Array) or value.content is None:
        raise refused(f"{kind(value)} for {short(what)}", "an array")
    return value.content
