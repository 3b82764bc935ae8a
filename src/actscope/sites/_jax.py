"""Every use of what jax keeps to itself, or gives to those who extend it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from jax._src import source_info_util  # no public way to the line of an equation
from jax.extend import core

# Lines of these are how a model is written down, not what it says.
_FRAMEWORKS = ("/jax/", "/flax/", "/equinox/", "/haiku/", "/jaxtyping/", "/beartype/")
_PROBE = "/actscope/probing/"  # it calls the model: beyond it nothing is of that
_CLOSED = ("jaxpr", "call_jaxpr", "fun_jaxpr")


def trace(function: Callable[..., Any], *args: Any) -> tuple[core.ClosedJaxpr, Any]:
    """The program of a function, and the shapes of its outputs as the pytree that it returns."""
    return jax.make_jaxpr(function, return_shape=True)(*args)


def closed(jaxpr: Any) -> core.ClosedJaxpr:
    """A jaxpr with its constants; what has none may come as it is."""
    return jaxpr if isinstance(jaxpr, core.ClosedJaxpr) else core.ClosedJaxpr(jaxpr, ())


def body(equation: core.JaxprEqn) -> core.ClosedJaxpr | None:
    """What a call of any kind executes, if it is one."""
    for name in _CLOSED:
        if name in equation.params:
            return closed(equation.params[name])
    return None


def is_literal(atom: Any) -> bool:
    """Whether an operand of an equation is a number that stands in the program."""
    return isinstance(atom, core.Literal)


def variables(node: Any) -> list[Any]:
    """The operands of a node for which its equation has a variable, not a number, in order."""
    atoms = zip(node.inputs, node.equation.invars, strict=True)
    return [operand for operand, atom in atoms if not is_literal(atom)]


def execute(equation: core.JaxprEqn, *arrays: Any) -> list[jax.Array]:
    """What an equation makes of the values of its variables (`variables`).

    A program of this one equation keeps the rules that it has for derivatives, batching and names.
    """
    atoms: list[Any] = [atom for atom in equation.invars if not is_literal(atom)]
    given = {
        atom: array if isinstance(array, jax.Array) else jnp.asarray(array, atom.aval.dtype)
        for atom, array in zip(atoms, arrays, strict=True)
    }
    alone = core.Jaxpr(
        constvars=(),
        invars=list(given),
        outvars=equation.outvars,
        eqns=[equation],
        effects=equation.effects,
        debug_info=core.DebugInfo(
            "jit", equation.primitive.name, ("",) * len(given), ("",) * len(equation.outvars)
        ),
    )
    return core.jaxpr_as_fun(core.ClosedJaxpr(alone, ()))(*given.values())


def path(equation: core.JaxprEqn) -> str:
    """The names of the scopes around an equation, outermost first, by `/`."""
    return str(equation.source_info.name_stack)


def source(equation: core.JaxprEqn) -> str:
    """File (its last three parts) and line of the code that made an equation; empty if unknown.

    Lines of a framework are passed over: who called it is meant. If the probe did, as with a module
    of nothing but layers, it is the innermost line of the framework.
    """
    within = ""
    for frame in source_info_util.user_frames(equation.source_info.traceback):
        told = f"{Path(*Path(frame.file_name).parts[-3:]).as_posix()}:{frame.start_line}"
        if _PROBE in frame.file_name:
            return within
        if not any(part in frame.file_name for part in _FRAMEWORKS):
            return told
        if "/jax/" not in frame.file_name:
            within = within or told
    return ""
