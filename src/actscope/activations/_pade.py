"""The Padé activation unit: a rational function whose coefficients a network learns."""

import math
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers
from actscope.activations._pieces import curved_facts
from actscope.activations._precise import derivative_is, in_float32

Setting = jax.typing.ArrayLike

# The least-squares fit to leaky_relu with slope 0.01 at 601 equally spaced points of [-3, 3], in
# units of 2^-20, so that float32 holds it. b_1 and b_3 of the best fit are 0: without its odd part,
# 1.01/2 · x, the target is even.
_FIT = {
    "a_0": 35214,
    "a_1": 529531,
    "a_2": 1731529,
    "a_3": 2101887,
    "a_4": 973011,
    "a_5": 158898,
    "b_1": 0,
    "b_2": 4162153,
    "b_3": 0,
    "b_4": 314650,
}
START = {name: units / 2**20 for name, units in _FIT.items()}
_ABOVE = 6  # coefficients above the line


@in_float32
def pade(x: Numbers, **coefficients: Setting) -> jax.Array:
    """(a_0 + a_1 x + … + a_5 x⁵) / (1 + |b_1 x + … + b_4 x⁴|).

    The denominator is 1 at least, so there is no pole. Beyond ±1 both are computed in 1/x, where
    no power overflows. Where the sum in the denominator changes its sign there is a kink; at that
    in 0 the derivative is that on the left.

    Args:
        x: points.
        **coefficients: those that differ from the start, by name.
    """
    return _pade(jnp.asarray(x), *(START | coefficients).values())


class _Ratio(NamedTuple):
    """A quotient with its first two derivatives."""

    value: jax.Array
    slope: jax.Array
    curvature: jax.Array


def _polynomial(t: jax.Array, coefficients: tuple[Setting, ...]) -> jax.Array:
    """c_0 + c_1 t + …, by Horner's rule."""
    total = jnp.zeros_like(t)
    for coefficient in reversed(coefficients):
        total = total * t + coefficient
    return total


def _derived(coefficients: tuple[Setting, ...]) -> tuple[Setting, ...]:
    return tuple(power * c for power, c in enumerate(coefficients))[1:]


def _ratio(
    t: jax.Array,
    above: tuple[Setting, ...],
    below: tuple[Setting, ...],
    sign: jax.Array,
    power: int,
) -> _Ratio:
    """above(t) / (t^power + sign · below(t))."""
    n, n1, n2 = (_polynomial(t, c) for c in (above, _derived(above), _derived(_derived(above))))
    b, b1, b2 = (_polynomial(t, c) for c in (below, _derived(below), _derived(_derived(below))))
    d = t**power + sign * b
    d1 = power * t ** max(power - 1, 0) + sign * b1
    d2 = power * (power - 1) * t ** max(power - 2, 0) + sign * b2
    value = n / d
    slope = (n1 - value * d1) / d
    return _Ratio(value, slope, (n2 - 2 * slope * d1 - value * d2) / d)


def _both(x: jax.Array, coefficients: tuple[Setting, ...]) -> tuple[_Ratio, jax.Array, _Ratio]:
    """The function within ±1; 1/x; and the function divided by x, as one of 1/x, beyond."""
    above, below = coefficients[:_ABOVE], coefficients[_ABOVE:]
    inner, outer = jnp.clip(x, -1, 1), 1 / jnp.where(jnp.abs(x) > 1, x, 1)
    within = _ratio(inner, above, (0.0, *below), _sign(inner, below), 0)
    sign = jnp.where(_polynomial(outer, below[::-1]) < 0, -1, 1)
    return within, outer, _ratio(outer, above[::-1], below[::-1], sign, 4)


def _sign(t: jax.Array, below: tuple[Setting, ...]) -> jax.Array:
    """Of t · below(t), on the left of 0 for 0; where the product underflows too."""
    side = jnp.sign(_polynomial(t, below)) * jnp.where(t > 0, 1, -1)
    # At 0 without a linear term it is that of the square.
    return jnp.where(side == 0, jnp.sign(below[1]), side)


def _curvature(x: jax.Array, *coefficients: Setting) -> jax.Array:
    within, inverse, beyond = _both(x, coefficients)
    return jnp.where(jnp.abs(x) > 1, inverse**3 * beyond.curvature, within.curvature)


@derivative_is(_curvature)
def _slope(x: jax.Array, *coefficients: Setting) -> jax.Array:
    within, inverse, beyond = _both(x, coefficients)
    return jnp.where(jnp.abs(x) > 1, beyond.value - inverse * beyond.slope, within.slope)


@derivative_is(_slope)
def _pade(x: jax.Array, *coefficients: Setting) -> jax.Array:
    within, _, beyond = _both(x, coefficients)
    return jnp.where(jnp.abs(x) > 1, x * beyond.value, within.value)


def _facts(**coefficients: float) -> Facts:
    values = tuple(coefficients.values())
    above, below = values[:_ABOVE], (0.0, *values[_ABOVE:])
    crossings = _crossings(below)
    # Where the numerator is 0 too, f' does not jump.
    kinks = tuple(x for x in crossings if np.polyval(above[::-1], x) != 0)
    limits, slopes = _ends(above, below)
    known = Facts(
        kinks=kinks,
        knots=tuple(x for x in crossings if x not in kinks),
        smoothness=0 if kinks else 1 if crossings else math.inf,
        symmetry=_symmetry(above, below),
    )
    return curved_facts(lambda x: _pade(x, *values), limits, slopes, known)


def _crossings(below: tuple[float, ...]) -> tuple[float, ...]:
    """Where a polynomial changes its sign, ascending."""
    roots = np.roots(below[::-1])
    real = np.unique(roots[np.abs(roots.imag) <= 1e-9 * np.abs(roots)].real)
    if not len(real):
        return ()
    between = np.concatenate([[real[0] - 1], (real[1:] + real[:-1]) / 2, [real[-1] + 1]])
    signs = np.sign(np.polyval(below[::-1], between))
    return tuple((real[signs[1:] != signs[:-1]] + 0.0).tolist())


def _ends(
    above: tuple[float, ...], below: tuple[float, ...]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Limits of the function, then of its slope, on the left and on the right."""
    top = max((power for power, c in enumerate(above) if c), default=0)
    bottom = max((power for power, c in enumerate(below) if c), default=0)
    lead = above[top] / (abs(below[bottom]) if bottom else 1.0)
    growth, mirrored = top - bottom, -lead if top % 2 else lead
    if growth > 0:
        slope = lead if growth == 1 else math.copysign(math.inf, lead)
        left = math.copysign(math.inf, mirrored)
        # On the left f grows as the mirrored lead says, so f' has the other sign.
        return (left, math.copysign(math.inf, lead)), (-math.copysign(slope, mirrored), slope)
    return ((mirrored, lead) if growth == 0 else (0.0, 0.0)), (0.0, 0.0)


def _symmetry(above: tuple[float, ...], below: tuple[float, ...]) -> Literal["odd", "even", ""]:
    if any(below[::2]) and any(below[1::2]):
        return ""
    if not any(above[::2]):
        return "odd"
    return "" if any(above[1::2]) else "even"


PADE = Activation(
    name="pade",
    function=pade,
    settings=tuple(START.items()),
    trainable=tuple(START),
    formula="(a_0 + a_1 · x + … + a_5 · x⁵) / (1 + |b_1 · x + … + b_4 · x⁴|)",
    latex=r"\frac{\sum_{j=0}^{5} a_j x^j}{1 + \left|\sum_{j=1}^{4} b_j x^j\right|}",
    source="Molina, Schramowski and Kersting 2020, eq. 3 (the safe Padé activation unit)",
    facts=_facts,
    family="trainable",
    aliases=("pau",),
    why=tuple((name, "of the fit to leaky_relu, slope 0.01, on [-3, 3]") for name in START),
)
