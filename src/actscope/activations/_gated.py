"""Gated linear units: one half of what comes in decides how much of the other passes.

Of the 2n numbers of the last axis the first n are what passes and the last n what decides, as in
`jax.nn.glu`. In a network the two halves are two linear layers of the same input, as in the papers.

A function of two numbers (a, b) has facts too: its range; `monotone` if it never decreases in
either; as the largest slope the least Lipschitz constant, sup |∇f|; kinks and knots are those of
the gate, in b. Symmetry is that of f(-a, -b), and no interval is flat.
"""

import math

import jax
import jax.numpy as jnp

from actscope._errors import ActscopeError
from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers
from actscope.activations._gelu import gelu
from actscope.activations._precise import in_float32
from actscope.activations._rectified import relu
from actscope.activations._saturating import sigmoid
from actscope.activations._smooth import swish


def halves(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The first and the second half of the last axis.

    Raises:
        ActscopeError: there is no such axis, or its length is odd.
    """
    if not x.ndim or x.shape[-1] % 2:
        raise ActscopeError(
            f"inputs of shape {x.shape} to a function that reads two numbers",
            expected="an even number of them along the last axis",
        )
    first, second = jnp.split(x, 2, axis=-1)
    return first, second


@in_float32
def glu(x: Numbers) -> jax.Array:
    """A · sigmoid(b), of the halves a and b."""
    a, b = halves(jnp.asarray(x))
    return a * sigmoid(b)


@in_float32
def bilinear(x: Numbers) -> jax.Array:
    """A · b, of the halves a and b."""
    a, b = halves(jnp.asarray(x))
    return a * b


@in_float32
def reglu(x: Numbers) -> jax.Array:
    """A · max(b, 0), of the halves a and b; the gate's derivative at 0 is 0."""
    a, b = halves(jnp.asarray(x))
    return a * relu(b)


@in_float32
def geglu(x: Numbers) -> jax.Array:
    """A · gelu(b), of the halves a and b, with the exact gelu: b times the normal distribution."""
    a, b = halves(jnp.asarray(x))
    return a * gelu(b)


@in_float32
def swiglu(x: Numbers) -> jax.Array:
    """A · swish(b), of the halves a and b."""
    a, b = halves(jnp.asarray(x))
    return a * swish(b)


# Each is linear in a: the slope in b grows with it for ever.
_SMOOTH = Facts(monotone=False, largest_slope=math.inf)
_CORNERED = Facts(kinks=(0.0,), monotone=False, largest_slope=math.inf, smoothness=0)

GATED: tuple[Activation, ...] = (
    Activation(
        name="glu",
        function=glu,
        formula="a · sigmoid(b), (a, b) = x",
        latex=r"a \odot \sigma(b),\; (a, b) = x",
        source="Dauphin, Fan, Auli and Grangier 2017, eq. 1",
        facts=lambda: _SMOOTH,
        family="gated",
        reads=2,
    ),
    Activation(
        name="geglu",
        function=geglu,
        formula="a · gelu(b), (a, b) = x",
        latex=r"a \odot b\,\Phi(b),\; (a, b) = x",
        source="Shazeer 2020, eq. 5",
        facts=lambda: _SMOOTH,
        family="gated",
        reads=2,
    ),
    Activation(
        name="swiglu",
        function=swiglu,
        formula="a · swish(b), (a, b) = x",
        latex=r"a \odot b\,\sigma(b),\; (a, b) = x",
        source="Shazeer 2020, eq. 5",
        facts=lambda: _SMOOTH,
        family="gated",
        reads=2,
    ),
    Activation(
        name="reglu",
        function=reglu,
        formula="a · max(b, 0), (a, b) = x",
        latex=r"a \odot \max(b, 0),\; (a, b) = x",
        source="Shazeer 2020, eq. 5",
        facts=lambda: _CORNERED,
        family="gated",
        reads=2,
    ),
    Activation(
        name="bilinear",
        function=bilinear,
        formula="a · b, (a, b) = x",
        latex=r"a \odot b,\; (a, b) = x",
        source="Mnih and Hinton 2007; Shazeer 2020, eq. 4",
        facts=lambda: Facts(monotone=False, largest_slope=math.inf, symmetry="even"),
        family="gated",
        reads=2,
    ),
)
