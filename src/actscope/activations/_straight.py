"""Functions of straight pieces, and of one that is not quite, next to the smooth ones."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers, floating
from actscope.activations._precise import in_float32


def identity(x: Numbers) -> jax.Array:
    """`x` itself: a layer without an activation."""
    return floating(x)


@in_float32
def hard_swish(x: Numbers) -> jax.Array:
    """0 up to -3, x (x + 3) / 6 up to 3, x beyond; at both kinks the slope is the left one."""
    return _hard_swish(floating(x))


def _hard_swish(x: jax.Array) -> jax.Array:
    middle = jnp.where((x > -3) & (x <= 3), x, 0)  # elsewhere the square might overflow
    return jnp.where(x > 3, x, middle * (middle + 3) / 6)


@jax.custom_jvp
def _step(x: jax.Array) -> jax.Array:
    return (x >= 0).astype(x.dtype)


@_step.defjvp
def _step_jvp(primals: tuple[Any], tangents: tuple[Any]) -> tuple[jax.Array, jax.Array]:
    (x,), (tangent,) = primals, tangents
    return _step(x), jnp.where(jnp.abs(x) <= 1, tangent, 0)


def step(x: Numbers) -> jax.Array:
    """1 where x >= 0, else 0, with a straight-through gradient: 1 where |x| <= 1, else 0.

    The derivative is 0 wherever there is one, and no network would learn. To take it as 1 is the
    straight-through estimate; to do so only within [-1, 1], as though for `hard_tanh`, keeps units
    that are far from their threshold where they are.
    """
    return _step(floating(x))


STRAIGHT = (
    Activation(
        name="identity",
        function=identity,
        formula="x",
        latex="x",
        source="Baldi and Hornik 1989, networks of linear units",
        facts=lambda: Facts(symmetry="odd"),
        family="smooth",
        aliases=("linear",),
    ),
    Activation(
        name="hard_swish",
        function=hard_swish,
        formula="x · min(max(x + 3, 0), 6) / 6",
        latex=r"\frac{x}{6} \min(\max(x + 3, 0), 6)",
        source="Howard et al. 2019 (MobileNetV3), section 5.2",
        # x (x + 3) / 6 is least at -3/2, and steepest at 3.
        facts=lambda: Facts(
            kinks=(-3.0, 3.0),
            range=(-0.375, math.inf),
            monotone=False,
            largest_slope=1.5,
            flat=((-math.inf, -3.0),),
            smoothness=0,
        ),
        family="smooth",
        aliases=("hard_silu", "hardswish"),
    ),
    Activation(
        name="step",
        function=step,
        formula="1 if x >= 0 else 0",
        latex=r"\begin{cases} 1 & x \ge 0 \\ 0 & x < 0 \end{cases}",
        source="McCulloch and Pitts 1943; straight-through: Bengio, Léonard and Courville 2013, "
        "its window: Hubara et al. 2016 (Binarized Neural Networks), eq. 4",
        facts=lambda: Facts(
            kinks=(0.0,),
            range=(0.0, 1.0),
            largest_slope=math.inf,
            flat=((-math.inf, 0.0), (0.0, math.inf)),
            smoothness=-1,
            surrogate=True,
        ),
        family="smooth",
        aliases=("heaviside",),
    ),
)
