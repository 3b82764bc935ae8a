"""Which units of a site can learn, and how many of its examples meet hardly any slope."""

import math
from dataclasses import dataclass
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Shaped

from actscope.activations import Activation, describe, gradient
from actscope.probing._look import Learned

Intervals = tuple[tuple[float, float], ...]

_SATURATED = 0.05  # share of the largest slope: CONVENTIONS, "Saturated"


@dataclass(frozen=True, eq=False)
class Activity:
    """How each unit of a site responds to the examples (and positions) that it has met.

    An example whose input is NaN says nothing: its unit counts neither as dead nor as saturated.

    Attributes:
        dead: no example had a local derivative other than 0.
        structural: no example left the intervals on which the function is constant.
        sloping: number of examples outside of the half-lines on which it is constant.
        saturated: those of them with a slope under 5 % of the largest.
    """

    dead: Bool[np.ndarray, " unit"]
    structural: Bool[np.ndarray, " unit"]
    sloping: Int[np.ndarray, " unit"]
    saturated: Int[np.ndarray, " unit"]

    def __add__(self, other: "Activity") -> "Activity":
        """How the unit responds to the examples of both."""
        return Activity(
            dead=self.dead & other.dead,
            structural=self.structural & other.structural,
            sloping=self.sloping + other.sloping,
            saturated=self.saturated + other.saturated,
        )

    @property
    def saturated_fraction(self) -> float:
        """Share of the sloping examples of units that are not dead; NaN if there is none."""
        sloping = int(self.sloping[~self.dead].sum())
        return int(self.saturated[~self.dead].sum()) / sloping if sloping else math.nan


def activity(
    activation: Activation, pre: Float[Array, "batch *position feature"], learned: Learned
) -> Activity:
    """How the units of a site respond to one batch of its input.

    Args:
        activation: of the site.
        pre: its input.
        learned: what it has learned, broadcasting to `pre`; the slopes are those with it. What is
            saturated is measured against the largest slope at the settings that it started from.
    """
    found = jax.device_get(_respond(activation, pre, learned))
    dead, structural, sloping, saturated = found
    return Activity(dead, structural, sloping.astype(np.int64), saturated.astype(np.int64))


@partial(jax.jit, static_argnames="activation")
def _respond(
    activation: Activation, pre: jax.Array, learned: Learned
) -> tuple[Shaped[Array, " unit"], ...]:
    return respond(activation, pre, learned)


def respond(
    activation: Activation, pre: Float[Array, "batch *position feature"], learned: Learned
) -> tuple[Shaped[Array, " unit"], ...]:
    """The four fields of an `Activity`, as part of whatever program is being traced.

    Of an activation that is not elementwise neither what is structural nor what is saturated is
    told: no unit, and no example.
    """
    slope = local_derivative(activation, pre, learned)
    dead = silent(activation, pre, slope).all(axis=tuple(range(slope.ndim - 1)))
    if not activation.elementwise:
        nothing = jnp.zeros(dead.shape, int)
        return dead, nothing > 0, nothing, nothing
    pre, slope = (x.reshape(-1, x.shape[-1]) for x in (pre, slope))
    flat = describe(activation).flat
    half_lines = tuple(interval for interval in flat if not np.isfinite(interval).all())
    sloping = ~_within(pre, half_lines) & ~jnp.isnan(pre)
    return (
        dead,
        _within(pre, flat).all(axis=0),
        sloping.sum(axis=0),
        (sloping & (jnp.abs(slope) < _least_slope(activation))).sum(axis=0),
    )


def local_derivative(
    activation: Activation, pre: Float[Array, "batch *position feature"], learned: Learned
) -> Float[Array, "batch *position unit"]:
    """What the program makes of a unit tangent at every input of the site, in its dtype."""
    _, slope = jax.jvp(partial(activation, **learned), (pre,), (jnp.ones_like(pre),))
    return slope


def silent(activation: Activation, pre: jax.Array, slope: jax.Array) -> jax.Array:
    """Where no gradient passes: the slope is 0, or the function constant around the input.

    The intervals are closed: at an end of one nothing passes, whatever the tie rule of the program
    gives there. NaN is not silent.
    """
    if not activation.elementwise:
        return slope == 0
    return (_within(pre, describe(activation).flat) | (slope == 0)) & ~jnp.isnan(pre)


def _within(x: jax.Array, intervals: Intervals) -> jax.Array:
    inside = jnp.zeros(x.shape, bool)
    for low, high in intervals:
        inside |= (x >= low) & (x <= high)
    return inside


@cache
def _least_slope(activation: Activation) -> float:
    """Below this slope an example is saturated.

    5 % of sup |f'|, or where that is infinite, of the root mean square of f' under N(0, 1).
    """
    largest = describe(activation).largest_slope
    if math.isinf(largest):
        z = np.linspace(-8, 8, 4000, dtype=np.float32)  # without 0, where a slope may be infinite
        with jax.ensure_compile_time_eval():
            slope = np.asarray(jax.jit(partial(gradient, activation))(z), np.float64)
        largest = math.sqrt(np.average(slope**2, weights=np.exp(-(z**2) / 2)))
    return _SATURATED * largest
