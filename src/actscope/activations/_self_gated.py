"""Products of x and a gate of x that opens from 0 to 1, right to the last digits."""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp

from actscope.activations._precise import Function, derivative_is

Bell = Callable[[jax.Array], tuple[jax.Array, jax.Array]]

# A gate that falls off as e^y does is, that far on the left, e^-32 times what it is 32 further on.
_STEP = 32.0


def lifted(x: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    """(a, b) with a · gate(b) = x · gate(y), for a gate that falls off as e^y does.

    So the product has its digits to the end: a gate that underflows would lose up to |x| times the
    least normal number.
    """
    info = jnp.finfo(x.dtype)
    x, y = jnp.maximum(x, float(info.min)), jnp.maximum(y, float(info.min))
    low = y < math.log(info.tiny)
    return jnp.where(low, math.exp(-_STEP) * x, x), y + jnp.where(low, _STEP, 0.0)


def self_gated(gate: Function, bell: Bell, product: Function | None = None) -> Function:
    """The product x · gate(x) with its slope, gate + x p², and its curvature, p² (2 + x r).

    These forms neither cancel, but around roots, nor overflow, nor underflow early.

    Args:
        gate: values from 0 to 1.
        bell: x -> (p, r) with gate' = p² and gate'' = r p²; r is finite, or p is 0.
        product: x · gate(x); without it the gate is one that falls off as e^x does.
    """

    def curvature(x: jax.Array) -> jax.Array:
        p, r = bell(x)
        # x r may overflow where p is 0.
        return jnp.where(p > 0, p * (2 + x * r), 0) * p

    @derivative_is(curvature)
    def slope(x: jax.Array) -> jax.Array:
        p, _ = bell(x)
        return gate(x) + x * p * p

    @derivative_is(slope)
    def value(x: jax.Array) -> jax.Array:
        if product is not None:
            return product(x)
        scaled, at = lifted(x, x)
        return scaled * gate(at)

    return value


def half_sech(x: jax.Array) -> jax.Array:
    """sech(x/2) / 2, whose square is the slope of the sigmoid."""
    t = jnp.exp(-0.5 * jnp.abs(x))
    return t / (1 + t * t)
