"""How a function gets values and derivatives that are right to the last digits."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

from actscope.activations._floating import Numbers, floating

Function = Callable[..., jax.Array]
P = ParamSpec("P")


def in_float32(
    function: Callable[Concatenate[Any, P], jax.Array],
) -> Callable[Concatenate[Numbers, P], jax.Array]:
    """The function of numbers of any kind, computed in float32 at least and rounded once.

    So half precision keeps all of its digits, in derivatives too, and the result has the dtype of
    `x` whatever that of the settings is. Whole numbers become floating-point ones.
    """

    @wraps(function)
    def wide(x: Numbers, *args: P.args, **kwargs: P.kwargs) -> jax.Array:
        x = floating(x)
        at_least = jnp.promote_types(x.dtype, jnp.float32)
        return function(x.astype(at_least), *args, **kwargs).astype(x.dtype)

    return wide


def derivative_is(derivative: Function) -> Callable[[Function], Function]:
    """A decorator: `derivative(x, *settings)` stands for what differentiating the program gives.

    It is for programs whose own derivative cancels, overflows, or turns to NaN. Along the settings
    the program is differentiated as ever. The derivative may have a derivative of its own.
    """

    def declare(function: Function) -> Function:
        declared = jax.custom_jvp(function)

        def rule(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
            (x, *settings), (along_x, *along) = primals, tangents
            moved = [at for at, tangent in enumerate(along) if not _is_zero(tangent)]
            tangent = jnp.zeros_like(x) if _is_zero(along_x) else derivative(x, *settings) * along_x
            if moved:
                # Fixed settings take no part: to trace ten of them would take seconds.
                def of_moved(*given: Any) -> jax.Array:
                    values = dict(enumerate(settings)) | dict(zip(moved, given, strict=True))
                    return function(x, *values.values())

                at, direction = ([each[index] for index in moved] for each in (settings, along))
                tangent += jax.jvp(of_moved, at, direction)[1]
            return declared(*primals), tangent

        declared.defjvp(rule, symbolic_zeros=True)
        return declared

    return declare


def _is_zero(tangent: Any) -> bool:
    return isinstance(tangent, SymbolicZero)
