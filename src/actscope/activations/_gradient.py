"""The derivative of any function of one number, at given points."""

from collections.abc import Callable
from typing import Any

import jax

from actscope._errors import ActscopeError
from actscope.activations._floating import Numbers, floating


def gradient(f: Callable[[Any], Any], x: Numbers) -> jax.Array:
    """f'(x) at each point of `x`, by automatic differentiation.

    At a kink it is what the program of `f` says, which for the functions of the table is declared
    in their docstrings.

    Args:
        f: function of one number; the functions of the table, and any JAX callable.
        x: points, of any shape; whole numbers become floating-point ones.

    Returns:
        An array of the shape of `x`.

    Raises:
        ActscopeError: `f` does not make one number of one number, or cannot be differentiated.
    """
    points = floating(x)
    try:
        return jax.vmap(jax.grad(f))(points.ravel()).reshape(points.shape)
    except Exception as error:  # a user's function may raise anything
        raise ActscopeError(
            f"{getattr(f, '__name__', f)!r} could not be differentiated "
            f"({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''})",
            expected="a function that makes one number of one number, written with jax.numpy",
        ) from error
