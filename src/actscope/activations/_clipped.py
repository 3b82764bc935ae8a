"""Functions that level off at a corner, in straight lines."""

import math

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers
from actscope.activations._precise import derivative_is, in_float32


@in_float32
def hard_sigmoid(x: Numbers) -> jax.Array:
    """min(max(x + 3, 0), 6) / 6; the derivative is 0 at -3 and ⅙ at 3."""
    return _hard_sigmoid(x)


@in_float32
def hard_tanh(x: Numbers) -> jax.Array:
    """min(max(x, -1), 1); the derivative is 0 at -1 and 1 at 1."""
    return _hard_tanh(x)


@in_float32
def sparse_sigmoid(x: Numbers) -> jax.Array:
    """min(max((x + 1) / 2, 0), 1); the derivative is 0 at -1 and ½ at 1."""
    return _sparse_sigmoid(x)


def _within(x: jax.Array, end: float) -> jax.Array:
    """1 between -end and end, else 0; at the ends what it is to the left of them."""
    return jnp.where((x > -end) & (x <= end), 1.0, 0.0)


@derivative_is(lambda x: _within(x, 3) / 6)
def _hard_sigmoid(x: jax.Array) -> jax.Array:
    return jnp.clip(x + 3, 0, 6) / 6


@derivative_is(lambda x: _within(x, 1))
def _hard_tanh(x: jax.Array) -> jax.Array:
    return jnp.clip(x, -1, 1)


@derivative_is(lambda x: _within(x, 1) / 2)
def _sparse_sigmoid(x: jax.Array) -> jax.Array:
    return (jnp.clip(x, -1, 1) + 1) / 2


def _facts(end: float, low: float) -> Facts:
    """From `low` up to 1, between -end and end."""
    return Facts(
        kinks=(-end, end),
        range=(low, 1.0),
        largest_slope=(1 - low) / (2 * end),
        flat=((-math.inf, -end), (end, math.inf)),
        smoothness=0,
        symmetry="odd" if low == -1 else "",
    )


CLIPPED = (
    Activation(
        name="hard_sigmoid",
        function=hard_sigmoid,
        formula="min(max(x + 3, 0), 6) / 6",
        latex=r"\tfrac{1}{6} \min(\max(x + 3, 0), 6)",
        source="Howard et al. 2019 (MobileNetV3), section 5.2",
        facts=lambda: _facts(3.0, 0.0),
        family="saturating",
        aliases=("hardsigmoid",),
    ),
    Activation(
        name="hard_tanh",
        function=hard_tanh,
        formula="min(max(x, -1), 1)",
        latex=r"\min(\max(x, -1), 1)",
        source="Collobert 2004 (Large Scale Machine Learning, thesis)",
        facts=lambda: _facts(1.0, -1.0),
        family="saturating",
        aliases=("hardtanh",),
    ),
    Activation(
        name="sparse_sigmoid",
        function=sparse_sigmoid,
        formula="min(max((x + 1) / 2, 0), 1)",
        latex=r"\min\left(\max\left(\tfrac{x + 1}{2}, 0\right), 1\right)",
        source="Courbariaux, Bengio and David 2015 (BinaryConnect), as their hard sigmoid; "
        "Martins and Astudillo 2016: sparsemax of (x, 0)",
        facts=lambda: _facts(1.0, 0.0),
        family="saturating",
    ),
)
