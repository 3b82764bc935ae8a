"""Numbers between NumPy, PyTorch and JAX."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from actscope.pytorch._calls import torch


def tensor(leaf: Any, device: Any) -> Any:
    """What a model on a device takes: a tensor there; whatever is no array stays as it is.

    Floating numbers in float64 become torch's default, as jax has it, and whole ones int64, which
    its losses ask for; of tensors the type stays.
    """
    t = torch()
    if isinstance(leaf, t.Tensor):
        return leaf.detach().to(device)
    if isinstance(leaf, Mapping):
        return {key: tensor(value, device) for key, value in leaf.items()}
    array = np.asarray(leaf)
    if isinstance(leaf, bool | int | float | str | None) or array.dtype.kind in "OSU":
        return leaf
    if array.dtype.name == "bfloat16":
        return t.from_numpy(array.astype(np.float32)).to(device, t.bfloat16)
    if array.dtype.kind == "u" and array.dtype != np.uint8:
        array = array.astype(np.int64)
    made = t.tensor(array)
    if made.dtype is t.float64:
        made = made.to(t.get_default_dtype())
    whole = made.dtype in (t.int8, t.int16, t.int32)
    return made.to(device, t.int64) if whole else made.to(device)


def units_last(values: Any, axis: int | None) -> Any:
    """A signal with its units along the last axis."""
    if values.ndim < 2:
        return values.reshape(-1, 1)
    return values if axis is None else values.movedim(axis, -1)


def floating(tree: Any) -> list[Any]:
    """The tensors of floating numbers in whatever a model gives, in order."""
    return [each for each in _leaves(tree) if each.is_floating_point()]


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, torch().Tensor):
        yield tree
    elif isinstance(tree, Mapping):
        # As jax has it: by their keys, unless their order is meant.
        for key in sorted(tree, key=str) if type(tree) is dict else tree:
            yield from _leaves(tree[key])
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from _leaves(each)


def leaves(tree: Any) -> list[Any]:
    """All tensors of inputs or outputs."""
    return list(_leaves(tree))
