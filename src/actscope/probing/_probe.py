"""The probe: any JAX model, unchanged, and its data; out comes a profile."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, overload

import jax
import jax.numpy as jnp

from actscope._errors import ActscopeError
from actscope.probing._batches import Pairs
from actscope.probing._followed import Followed, Following, Function, shapes, where
from actscope.probing._look import Loss
from actscope.probing._measure import first_of, measured
from actscope.probing._model import Model
from actscope.probing._profile import Profile
from actscope.sites import Traced

Names = str | Sequence[str]


@overload
def probe(
    model: Function,
    params: Any,
    batches: Any,
    loss: Loss | None = None,
    *,
    include: Names | None = None,
    exclude: Names | None = None,
) -> Profile: ...


@overload
def probe(
    model: Any,
    batches: Any,
    /,
    *,
    loss: Loss | None = None,
    include: Names | None = None,
    exclude: Names | None = None,
) -> Profile: ...


def probe(
    model: Any,
    params: Any = None,
    batches: Any = None,
    loss: Any = None,
    *,
    include: Names | None = None,
    exclude: Names | None = None,
) -> Profile:
    """Look into a model: every activation, what it is given, what it makes of that, its gradients.

    The model is not changed: its program is traced, activations are recognised in it by what they
    do to numbers, and it runs with these places open. Outputs and gradients stay what they were.

    Args:
        model: `model(params, inputs) -> outputs`, such as the `apply` of a Linen or Haiku model;
            or an `nnx.Module` or `equinox.Module`, which brings its parameters: then `params` is
            left out. An `equinox.Module` is mapped over the examples.
        params: pytree of arrays, by whose paths the sites are named.
        batches: one `(inputs, targets)` pair, or an iterable of them which gives the same each
            time; examples along the first axis. A batch that is no pair is inputs and targets
            both.
        loss: `loss(outputs, targets)`, the mean over a batch. Without it there are no gradients.
        include: patterns such as `"blocks.*"`: only the sites with a name like one of these.
        exclude: patterns: none of these.

    Returns:
        Statistics that do not depend on how the data is cut into batches. Where examples interact
        (BatchNorm in training mode) none has a loss of its own, and gradients do depend on it.

    Raises:
        ActscopeError: the model or the loss raises an error (it names the place), the loss is no
            number, there is no batch or none but once, or a pattern fits no site.
    """
    return profiled(Model.of(model, params, batches, loss), include=include, exclude=exclude)


def profiled(
    model: Model, *, include: Names | None = None, exclude: Names | None = None
) -> Profile:
    """What `probe` finds of a model."""
    made = Probe(model.function, model.loss, include=include, exclude=exclude)
    return made(model.params, model.batches)


class Probe:
    """A probe of one function for any number of parameters: it follows and compiles it once.

    Args:
        function: `function(params, inputs) -> outputs`; it must do the same each time.
        loss: as of `probe`, as are the patterns and all errors.
        include: patterns: only the sites with a name like one of these.
        exclude: patterns: none of these.
    """

    def __init__(
        self,
        function: Function,
        loss: Loss | None = None,
        *,
        include: Names | None = None,
        exclude: Names | None = None,
    ):
        self._function = function
        self._following = Following(function)
        # What is compiled is known by its loss, which need not be hashable here.
        self._loss: Loss | None = None if loss is None else partial(loss)
        self._patterns = include, exclude

    def __call__(self, params: Any, batches: Any) -> Profile:
        """What `probe` finds at these parameters over these batches."""
        pairs = batches if isinstance(batches, Pairs) else Pairs(batches)
        inputs, targets = first_of(pairs)
        traced = self._following(params, inputs).traced
        if self._loss is not None:
            _require_number(self._function, self._loss, params, inputs, targets)
        wanted = _chosen(traced, *self._patterns)
        passed = tuple((each.name, each.reason) for each in traced.excluded)
        left = tuple(
            (spot.name, "left out, as asked") for spot in traced.spots if spot.name not in wanted
        )
        found = measured(self.opened, params, pairs, self._loss)
        return replace(found, excluded=(*found.excluded, *passed, *left))

    def opened(self, params: Any, inputs: Any) -> Followed:
        """The function for inputs of these shapes, with the sites open that were asked for."""
        found = self._following(params, inputs)
        return found.only(_chosen(found.traced, *self._patterns))


def _require_number(function: Function, loss: Loss, params: Any, inputs: Any, targets: Any) -> None:
    outputs = jax.eval_shape(function, params, inputs)
    try:
        value: Any = jax.eval_shape(loss, outputs, targets)
    except Exception as error:
        raise ActscopeError(
            f"the loss cannot be calculated: {where(error)} raised {type(error).__name__}: {error}",
            do=f"outputs are {shapes(outputs)}, targets are {shapes(targets)}",
        ) from error
    number = getattr(value, "shape", None) == () and jnp.issubdtype(value.dtype, jnp.floating)
    if not number:
        told = shapes(value) if hasattr(value, "shape") else f"a {type(value).__name__}"
        raise ActscopeError(
            f"a loss that is {told}", expected="its mean over the batch, one number"
        )


def _chosen(traced: Traced, include: Names | None, exclude: Names | None) -> frozenset[str]:
    names = [spot.name for spot in traced.spots]
    kept = fitting(names, include) if include is not None else set(names)
    return frozenset(kept - (fitting(names, exclude) if exclude is not None else set()))


def fitting(names: Sequence[str], patterns: Names) -> set[str]:
    """The names that fit a pattern; an error for a pattern that none fits."""
    found: set[str] = set()
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        fitting = {name for name in names if fnmatchcase(name, pattern)}
        if not fitting:
            raise ActscopeError(
                f"no site is called like {pattern!r}", expected=f"one of {', '.join(names)}"
            )
        found |= fitting
    return found
