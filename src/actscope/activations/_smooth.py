"""Smooth relatives of the rectifier."""

import math

import jax

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers, floating
from actscope.activations._saturating import sigmoid


def swish(x: Numbers) -> jax.Array:
    """X · sigmoid(x), also called SiLU.

    Where sigmoid(x) underflows (below -87.3 in float32), so does the product, a little early: up
    to |x| times the least normal number is lost.
    """
    x = floating(x)
    return x * sigmoid(x)


SMOOTH = (
    Activation(
        name="swish",
        function=swish,
        formula="x / (1 + e^-x)",
        source="Ramachandran, Zoph and Le 2017, eq. 1; SiLU: Elfwing, Uchibe and Doya 2018",
        # The least value is -W(1/e), W Lambert's function, at -1 - W(1/e); the greatest slope
        # stands where x tanh(x/2) = 2.
        facts=lambda: Facts(
            range=(-0.2784645427610738, math.inf),
            monotone=False,
            largest_slope=1.0998393194450452,
        ),
    ),
)
