"""KAN's activation: swish with a B-spline beside it, whose coefficients a network learns."""

import math

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers
from actscope.activations._learned import trainable_swish
from actscope.activations._pieces import curved_facts
from actscope.activations._precise import in_float32

Setting = jax.typing.ArrayLike

# Six intervals of length 1 on [-3, 3], with three knots more on either side: nine cubic B-splines,
# each centred on a whole number and 0 from 2 away.
_CENTRES = range(-4, 5)
START = {"base": 1.0} | {f"c_{index}": 0.0 for index in range(len(_CENTRES))}


@in_float32
def b_spline(x: Numbers, **weights: Setting) -> jax.Array:
    """Swish beside nine splines: base · swish(x) + c_0 · B(x + 4) + … + c_8 · B(x - 4).

    B is the cubic B-spline on the knots -2, -1, 0, 1, 2. The third derivative jumps at each knot.

    Args:
        x: points.
        **weights: those that differ from the start, by name.
    """
    return _b_spline(jnp.asarray(x), *(START | weights).values())


def _b_spline(x: jax.Array, base: Setting, *coefficients: Setting) -> jax.Array:
    total = trainable_swish(x) * base
    for centre, coefficient in zip(_CENTRES, coefficients, strict=True):
        total += coefficient * _bump(x - centre)
    return total


def _bump(t: jax.Array) -> jax.Array:
    """2/3 - t² + |t|³ / 2 within 1, (2 - |t|)³ / 6 within 2, else 0."""
    t = jnp.clip(t, -2, 2)  # whose cube does not overflow
    size = jnp.abs(t)
    # With t² for |t|²: the program's second derivative of |t| is 0, so that of |t|² were 0 at 0.
    return jnp.where(size < 1, 2 / 3 + t * t * (size / 2 - 1), (2 - size) ** 3 / 6)


def _facts(base: float, **coefficients: float) -> Facts:
    values = tuple(coefficients.values())
    used = {
        float(centre + offset)
        for centre, coefficient in zip(_CENTRES, values, strict=True)
        if coefficient
        for offset in range(-2, 3)
    }
    outside = ((-math.inf, min(used)), (max(used), math.inf)) if used else ((-math.inf, math.inf),)
    # The third derivative jumps.
    known = Facts(
        knots=tuple(sorted(used)), flat=() if base else outside, smoothness=2 if used else math.inf
    )
    right = math.copysign(math.inf, base) if base else 0.0
    return curved_facts(lambda x: _b_spline(x, base, *values), (0.0, right), (0.0, base), known)


SPLINE = Activation(
    name="b_spline",
    function=b_spline,
    settings=tuple(START.items()),
    trainable=tuple(START),
    formula="base · swish(x) + c_0 · B(x + 4) + … + c_8 · B(x - 4), B the cubic B-spline",
    latex=r"w_b\,x\,\sigma(x) + \sum_{i=0}^{8} c_i\,B_3(x + 4 - i)",
    source="Liu, Wang, Vaidya, Ruehle, Halverson, Soljačić, Hou and Tegmark 2024 (KAN), eq. 2.10",
    facts=_facts,
    family="trainable",
    aliases=("kan",),
    why=(
        ("base", "as in the paper"),
        *(
            (name, "so it starts as swish; the paper draws from N(0, 0.1²)")
            for name in START
            if name != "base"
        ),
    ),
)
