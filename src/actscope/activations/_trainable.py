"""Functions that a network shapes itself: it learns some of their settings, or which input wins."""

from dataclasses import replace

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers
from actscope.activations._gated import halves
from actscope.activations._hinges import HINGES
from actscope.activations._learned import LEARNED
from actscope.activations._pade import PADE
from actscope.activations._periodic import PERIODIC
from actscope.activations._precise import in_float32
from actscope.activations._spline import SPLINE


@in_float32
def maxout(x: Numbers) -> jax.Array:
    """max(a, b), of the halves a and b of the last axis.

    Where they are equal each has the derivative ½.
    """
    a, b = halves(jnp.asarray(x))
    return jnp.maximum(a, b)


MAXOUT = Activation(
    name="maxout",
    function=maxout,
    formula="max(a, b), (a, b) = x",
    latex=r"\max(a, b),\; (a, b) = x",
    source="Goodfellow, Warde-Farley, Mirza, Courville and Bengio 2013, section 3, with k = 2",
    # As of the gated ones: it never decreases in a or b, and |∇f| is 1; it bends where a = b.
    facts=lambda: Facts(smoothness=0),
    family="trainable",
    reads=2,
)

# The same function, but that its alpha is learned.
SNAKE = replace(
    next(known for known in PERIODIC if known.name == "snake"),
    name="trainable_snake",
    trainable=("alpha",),
    default_trainable=None,
    family="trainable",
    aliases=("snake_alpha",),
)

TRAINABLE: tuple[Activation, ...] = (*HINGES, *LEARNED, SNAKE, PADE, SPLINE, MAXOUT)
