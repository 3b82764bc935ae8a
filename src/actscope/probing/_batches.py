"""Whatever a user has for batches, as (inputs, targets) pairs of arrays."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import jax
import numpy as np

from actscope._errors import ActscopeError


class Pairs:
    """Batches as (inputs, targets) pairs.

    Args:
        batches: one batch or an iterable of them. A pair is inputs and targets; any other batch is
            both, so that a loss finds its targets in a dictionary. At the top a tuple, a mapping
            or an array is one batch.
        convert: makes of each leaf what the model takes.

    Raises:
        ActscopeError: it is neither, gives its batches only once, or is a list of two arrays that
            look like one pair.
    """

    def __init__(self, batches: Any, convert: Callable[[Any], Any] | None = None):
        alone = isinstance(batches, tuple | Mapping) or hasattr(batches, "shape")
        if not alone and not isinstance(batches, Iterable):
            raise ActscopeError(
                f"batches is a {type(batches).__name__}",
                expected="a pair of inputs and targets, or an iterable of such pairs",
            )
        if not alone and iter(batches) is batches:
            raise ActscopeError(
                "batches is an iterator, which gives them once",
                expected="a list, or what starts anew",
            )
        if isinstance(batches, list) and len(batches) == 2:
            _require_alike(*batches)
        self._batches = [batches] if alone else batches
        self._convert = convert or _array

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        for index, batch in enumerate(self._batches):
            pair = isinstance(batch, tuple | list) and len(batch) == 2
            inputs, targets = batch if pair else (batch, batch)
            inputs, targets = jax.tree.map(self._convert, (inputs, targets))
            if any(0 in np.shape(leaf) for leaf in jax.tree.leaves(inputs)):
                raise ActscopeError(f"batch {index} holds no example")
            yield inputs, targets


def _require_alike(one: Any, other: Any) -> None:
    """Refuses two arrays that can be no two batches of inputs, but inputs and targets."""
    if not all(hasattr(each, "shape") and hasattr(each, "dtype") for each in (one, other)):
        return
    shapes = [tuple(each.shape) for each in (one, other)]
    kinds = [str(each.dtype).rstrip("0123456789") for each in (one, other)]
    if shapes[0][:1] == shapes[1][:1] and (shapes[0] != shapes[1] or kinds[0] != kinds[1]):
        told = [f"{each.dtype}{list(each.shape)}" for each in (one, other)]
        raise ActscopeError(
            f"a list of two arrays, {told[0]} and {told[1]}, is two batches of inputs",
            expected="inputs of one shape",
            do="if these are the inputs and targets of one batch, give a tuple: (inputs, targets)",
        )


def _array(leaf: Any) -> Any:
    """What jax takes as it is, or an array of it: a tensor of another framework."""
    return leaf if isinstance(leaf, jax.Array | np.ndarray | int | float) else np.asarray(leaf)
