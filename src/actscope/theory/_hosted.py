"""An activation function on the host: float64 points in, float64 values and derivatives out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation

Curve = Callable[[np.ndarray], np.ndarray]

_CHUNK = 4096  # points a call: one program of this shape serves any number of points
_PROBES = np.arange(-80, 80) / 10 + 0.05  # where anyone's function should have a value
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Hosted:
    """An activation function in float64 on the host, its settings bound at their values.

    Its curves may be called anywhere, also where `jax.jit`, `jax.vmap` or `jax.grad` traces their
    caller: what they get are numbers, and numbers is what they give.

    Attributes:
        activation: the function.
        value: f at points of any shape.
        slope: f' likewise, as the program of f has it; at a kink, what is declared there.
        curvature: f'' likewise, without what f' does where it jumps.
        breaks: points between which f is analytic, as far as is known: kinks and knots, ascending.
    """

    activation: Activation
    value: Curve
    slope: Curve
    curvature: Curve
    breaks: tuple[float, ...]


def hosted(f: Activation | str | Callable[..., Any]) -> Hosted:
    """The function on the host; the same one for equal activations.

    Args:
        f: an activation, its name, or any callable of one array.

    Raises:
        ActscopeError: it is none of these, changes the shape, draws at random, or makes NaN of
            ordinary numbers.
    """
    return _hosted(_activation(f))


def _activation(f: Any) -> Activation:
    if isinstance(f, Activation | str):
        return activations.get(f)
    if not callable(f):
        raise ActscopeError(
            f"an activation function of type {type(f).__name__}",
            expected="an activation, its name, or a callable of one array",
        )
    return _of_callable(f) if _hashable(f) else _of_callable(partial(f))


def _hashable(f: Any) -> bool:
    try:
        hash(f)
    except TypeError:  # a model of a library, say, that compares by its arrays
        return False
    return True


@lru_cache(maxsize=256)
def _of_callable(f: Callable[..., Any]) -> Activation:
    name = getattr(f, "__name__", "").lower()
    activation = Activation(name if _NAME.fullmatch(name) else "function", f)
    with jax.ensure_compile_time_eval():  # the caller may be traced
        activations.require_elementwise(activation)
    return activation


@lru_cache(maxsize=256)
def _hosted(activation: Activation) -> Hosted:
    _require_fixed(activation)
    slope = jax.grad(activation.__call__)
    value = _curve(activation, activation.__call__)
    _require_values(activation, value)
    facts = activations.describe(activation)
    return Hosted(
        activation=activation,
        value=value,
        slope=_curve(activation, jax.vmap(slope)),
        curvature=_curve(activation, jax.vmap(jax.grad(slope))),
        breaks=tuple(sorted({*facts.kinks, *facts.knots})),
    )


def _curve(activation: Activation, function: Callable[[Any], Any]) -> Curve:
    """The function of points of any shape, computed in chunks of one shape."""
    program = jax.jit(function)

    def curve(z: np.ndarray) -> np.ndarray:
        points = np.asarray(z, np.float64)
        count = -(-points.size // _CHUNK)
        # What fills the last chunk up is points as well: zeros might be where f is not defined.
        chunks = np.resize(points, (count, _CHUNK))
        try:
            # A caller that is being traced gets numbers, not a part of its own program.
            with jax.ensure_compile_time_eval(), jax.enable_x64(True):
                made = [np.asarray(program(jnp.asarray(chunk))) for chunk in chunks]
        except Exception as error:  # a user's function may raise anything
            raise ActscopeError(
                f"{activation.label} raised {type(error).__name__} for float64 numbers: "
                f"{str(error).splitlines()[0] if str(error) else 'no message'}",
                expected="a function of one number that JAX can differentiate twice",
            ) from error
        return np.concatenate([[], *made])[: points.size].reshape(points.shape)

    return curve


def _require_fixed(activation: Activation) -> None:
    if not activation.elementwise:
        raise ActscopeError(
            f"{activation.label} makes {activation.makes} of {activation.reads} numbers",
            expected="a function of one number: the theory is of those",
        )
    if activation.random:
        raise ActscopeError(
            f"{activation.label} draws at random in training",
            expected="a function that is always the same: the theory is of those",
        )


def _require_values(activation: Activation, value: Curve) -> None:
    bad = _PROBES[np.isnan(value(_PROBES))]
    if bad.size:
        raise ActscopeError(
            f"{activation.label} makes NaN of {bad.size} of {_PROBES.size} numbers between -8 and "
            f"8, {bad[0]:g} among them",
            expected="a function with a value everywhere",
        )
