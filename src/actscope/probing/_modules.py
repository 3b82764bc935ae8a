"""Modules of Flax NNX and Equinox as functions of parameters and inputs."""

import sys
from typing import Any

import jax

from actscope._errors import ActscopeError
from actscope.probing._followed import Function


def is_module(model: Any) -> bool:
    """Whether a model brings its own parameters; no framework is imported to find out."""
    return _is(model, "flax.nnx", "Module") or _is(model, "equinox", "Module")


def is_unbound(model: Any) -> bool:
    """Whether a model is a Linen module, whose `apply` is the function that a probe wants."""
    return _is(model, "flax.linen", "Module")


def function_of(module: Any) -> tuple[Function, Any]:
    """A module as `function(params, inputs)`, and its parameters.

    A tuple of inputs is handed over one by one. Of an `nnx.Module` the parameters are its
    `nnx.Param`s; statistics and random keys are those that it has, and what a call makes of them
    stays in a copy. An `equinox.Module` is for one example and mapped over the batch.

    Raises:
        ActscopeError: it is neither.
    """
    if _is(module, "flax.nnx", "Module"):
        return _nnx(module)
    if _is(module, "equinox", "Module"):
        return _equinox(module)
    raise ActscopeError(
        f"a {type(module).__name__} is no module that brings its parameters",
        expected="an nnx.Module or equinox.Module, or a function of (params, inputs)",
    )


def _is(model: Any, module: str, name: str) -> bool:
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(model, getattr(loaded, name))


def _nnx(module: Any) -> tuple[Function, Any]:
    from flax import nnx

    structure, learned, rest = nnx.split(module, nnx.Param, ...)

    def call(params: Any, inputs: Any) -> Any:
        # Copies within this trace: a module in training mode writes to what it holds.
        fresh, others = jax.tree.map(lambda leaf: leaf, (learned, rest))
        nnx.replace_by_pure_dict(fresh, params)
        return nnx.merge(structure, fresh, others)(*_arguments(inputs))

    return call, nnx.to_pure_dict(learned)


def _equinox(module: Any) -> tuple[Function, Any]:
    equinox: Any = sys.modules["equinox"]
    learned, rest = equinox.partition(module, equinox.is_inexact_array)

    def call(params: Any, inputs: Any) -> Any:
        return jax.vmap(equinox.combine(params, rest))(*_arguments(inputs))

    return call, learned


def _arguments(inputs: Any) -> tuple[Any, ...]:
    return inputs if isinstance(inputs, tuple) else (inputs,)
