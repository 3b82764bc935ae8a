"""Linen parameters as a pickle that the tutorial's notebook reads, whatever its NumPy.

Written by hand, since Python's pickler would write the module names of the NumPy at hand: those
before 2.0 do not know `numpy._core`, and those since still answer to `numpy.core`.
"""

import pickle
import struct
from collections.abc import Iterable, Mapping

import numpy as np

from actscope._errors import ActscopeError

_PROTOCOL = 3  # as in the tutorial's own files; the first that has bytes
_LARGEST = 2**31


def write_layers(layers: Mapping[str, Mapping[str, np.ndarray]]) -> bytes:
    """The pickle of `FrozenDict({"params": layers})`; `_pickle_reader.read_layers` undoes it.

    Args:
        layers: float32 arrays by layer and name.

    Raises:
        ActscopeError: an array is not float32, or larger than 2 GiB.
    """
    tree = {
        layer: _dictionary({name: _array(name, array) for name, array in entries.items()})
        for layer, entries in layers.items()
    }
    frozen = _call(
        "flax.core.frozen_dict", "FrozenDict", [_dictionary({"params": _dictionary(tree)})]
    )
    return pickle.PROTO + bytes([_PROTOCOL]) + frozen + pickle.STOP


def _array(name: str, array: np.ndarray) -> bytes:
    if array.dtype != np.float32 or array.nbytes > _LARGEST:
        raise ActscopeError(
            f"{name} has dtype {array.dtype} and {array.nbytes} bytes",
            expected=f"float32 and at most {_LARGEST}",
        )
    empty = _call(
        "numpy.core.multiarray",
        "_reconstruct",
        [_global("numpy", "ndarray"), _tuple([_integer(0)]), _bytes(b"b")],
    )
    little_endian = _tuple(
        [_integer(3), _text("<"), *[pickle.NONE] * 3, _integer(-1), _integer(-1), _integer(0)]
    )
    float32 = _call("numpy", "dtype", [_text("f4"), pickle.NEWFALSE, pickle.NEWTRUE])
    shape = _tuple(map(_integer, array.shape))
    content = _bytes(np.ascontiguousarray(array, "<f4").tobytes())
    # Version 1 of an array's state; its order is C's.
    state = [_integer(1), shape, float32 + little_endian + pickle.BUILD, pickle.NEWFALSE, content]
    return empty + _tuple(state) + pickle.BUILD


def _call(module: str, name: str, arguments: Iterable[bytes]) -> bytes:
    return _global(module, name) + _tuple(arguments) + pickle.REDUCE


def _global(module: str, name: str) -> bytes:
    return pickle.GLOBAL + f"{module}\n{name}\n".encode()


def _dictionary(entries: Mapping[str, bytes]) -> bytes:
    items = b"".join(_text(key) + value for key, value in entries.items())
    return pickle.EMPTY_DICT + pickle.MARK + items + pickle.SETITEMS


def _tuple(items: Iterable[bytes]) -> bytes:
    return pickle.MARK + b"".join(items) + pickle.TUPLE


def _text(text: str) -> bytes:
    encoded = text.encode()
    return pickle.BINUNICODE + struct.pack("<I", len(encoded)) + encoded


def _bytes(content: bytes) -> bytes:
    return pickle.BINBYTES + struct.pack("<I", len(content)) + content


def _integer(number: int) -> bytes:
    return pickle.BININT + struct.pack("<i", number)
