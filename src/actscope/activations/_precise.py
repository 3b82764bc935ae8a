"""How a function gets values and derivatives that are right to the last digits."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import jax
import jax.numpy as jnp

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
        declared = jax.custom_jvp(wraps(function)(lambda *args: function(*args)))

        @declared.defjvp
        def rule(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
            (x, *settings), (along_x, *along) = primals, tangents
            tangent = derivative(x, *settings) * along_x
            if settings:
                _, others = jax.jvp(lambda *given: function(x, *given), settings, along)
                tangent += others
            return declared(*primals), tangent

        return declared

    return declare
