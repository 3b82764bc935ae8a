"""Functions that let positive values pass and hold negative ones back."""

import math

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers, floating


def relu(x: Numbers) -> jax.Array:
    """max(x, 0); the derivative at 0 is 0, as in `jax.nn.relu` (`jnp.maximum` has ½ there)."""
    return _relu(floating(x))


@jax.custom_jvp
def _relu(x: jax.Array) -> jax.Array:
    return jnp.maximum(x, 0)


@_relu.defjvp
def _relu_jvp(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    (x,), (tangent,) = primals, tangents
    return _relu(x), jnp.where(x > 0, tangent, 0)


def leaky_relu(x: Numbers, negative_slope: jax.typing.ArrayLike = 0.1) -> jax.Array:
    """X where x > 0, else negative_slope · x; the derivative at 0 is `negative_slope`."""
    x = floating(x)
    return jnp.where(x > 0, x, negative_slope * x)


def elu(x: Numbers, alpha: jax.typing.ArrayLike = 1.0) -> jax.Array:
    """X where x > 0, else alpha · (e^x - 1); the derivative at 0 is `alpha`.

    The derivative is alpha · e^x itself: by way of the value it would be exactly 0 below -17 in
    float32, where the true one is 4e-8.
    """
    x = floating(x)
    # The branch that is not taken must not overflow: its gradient, 0 · ∞, would be NaN.
    return jnp.where(x > 0, x, alpha * _expm1(jnp.where(x > 0, 0, x)))


@jax.custom_jvp
def _expm1(x: jax.Array) -> jax.Array:
    return jnp.expm1(x)


@_expm1.defjvp
def _expm1_jvp(
    primals: tuple[jax.Array], tangents: tuple[jax.Array]
) -> tuple[jax.Array, jax.Array]:
    (x,), (tangent,) = primals, tangents
    return _expm1(x), jnp.exp(x) * tangent


def _leaky_facts(negative_slope: float) -> Facts:
    return Facts(
        kinks=() if negative_slope == 1 else (0.0,),
        range=(-math.inf if negative_slope > 0 else 0.0, math.inf),
        monotone=negative_slope >= 0,
        largest_slope=max(1.0, abs(negative_slope)),
        flat=() if negative_slope else ((-math.inf, 0.0),),
    )


def _elu_facts(alpha: float) -> Facts:
    return Facts(
        kinks=() if alpha == 1 else (0.0,),
        range=(min(0.0, -alpha), math.inf),
        monotone=alpha >= 0,
        largest_slope=max(1.0, abs(alpha)),
        flat=() if alpha else ((-math.inf, 0.0),),
    )


RECTIFIED = (
    Activation(
        name="relu",
        function=relu,
        formula="max(x, 0)",
        source="Nair and Hinton 2010, section 2; Fukushima 1969",
        facts=lambda: _leaky_facts(0.0),
    ),
    Activation(
        name="leaky_relu",
        function=leaky_relu,
        # The tutorial's slope; jax.nn and Maas et al. have 0.01.
        settings=(("negative_slope", 0.1),),
        formula="x if x > 0 else negative_slope · x",
        source="Maas, Hannun and Ng 2013, section 2",
        facts=_leaky_facts,
    ),
    Activation(
        name="elu",
        function=elu,
        settings=(("alpha", 1.0),),
        formula="x if x > 0 else alpha · (e^x - 1)",
        source="Clevert, Unterthiner and Hochreiter 2016, eq. 15",
        facts=_elu_facts,
    ),
)
