"""A function and its derivatives at many points: what a figure or a table of functions shows."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError
from actscope.activations._activation import Activation, Facts
from actscope.activations._describe import describe
from actscope.activations._gradient import gradient

_POINTS = 1000


@dataclass(frozen=True, eq=False)
class Curve:
    """One activation over an interval.

    Attributes:
        activation: the function.
        x: points, ascending.
        y: the function at `x`, in float32.
        gradient: its derivative there.
        facts: what is true of it on the whole line.
        curvature: its second derivative at `x`, as the program has it: where the gradient jumps,
            nothing of the jump is in it. None where the program can be differentiated only once.
        at_zero: the function and its derivative at 0, which `x` need not hold.
    """

    activation: Activation
    x: Float[np.ndarray, " points"]
    y: Float[np.ndarray, " points"]
    gradient: Float[np.ndarray, " points"]
    facts: Facts
    curvature: Float[np.ndarray, " points"] | None = None
    at_zero: tuple[float, float] = (math.nan, math.nan)

    def to_json(self) -> dict[str, Any]:
        """The contract's entry of `functions`; `nonfinite` appears where it is not 0."""
        wrong = sum(int((~np.isfinite(values)).sum()) for values in self._drawn)
        return {
            "x": self.x.tolist(),
            "y": self.y.tolist(),
            "gradient": self.gradient.tolist(),
            "second_derivative": None if self.curvature is None else self.curvature.tolist(),
            **self.activation.to_json(),
            **_facts(self.facts),
            "value_at_0": self.at_zero[0],
            "gradient_at_0": self.at_zero[1],
        } | ({"nonfinite": wrong} if wrong else {})

    @property
    def _drawn(self) -> tuple[np.ndarray, ...]:
        curvature = () if self.curvature is None else (self.curvature,)
        return self.y, self.gradient, *curvature


def curve(activation: Activation, low: float = -5.0, high: float = 5.0) -> Curve:
    """An activation at 1000 equally spaced points from `low` to `high`.

    Raises:
        ActscopeError: the interval is empty, or does not fit into float32; or the activation does
            not make one number of one number.
    """
    _require_drawable(activation)
    widest = float(np.finfo(np.float32).max)
    if not -widest <= low < high <= widest:
        raise ActscopeError(f"a range from {low:g} to {high:g}", expected="two ascending numbers")
    x = np.linspace(low, high, _POINTS, dtype=np.float32)
    y, slope, curvature = _derivatives(activation, np.append(x, np.float32(0)))
    return Curve(
        activation=activation,
        x=x,
        y=y[:-1],
        gradient=slope[:-1],
        facts=describe(activation),
        curvature=None if curvature is None else curvature[:-1],
        at_zero=(float(y[-1]), float(slope[-1])),
    )


def _require_drawable(activation: Activation) -> None:
    if not activation.elementwise:
        raise ActscopeError(
            f"{activation.name} makes {activation.makes} of {activation.reads} numbers",
            expected="a function that makes one number of one number, which has a curve",
        )


def _derivatives(
    activation: Activation, x: Float[np.ndarray, " points"]
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Value, first and second derivative at `x`; None where the program has no second one."""
    slope = partial(gradient, activation)

    def once(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        return activation(x), slope(x)

    def twice(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        first, second = jax.jvp(slope, (x,), (jnp.ones_like(x),))
        return activation(x), first, second

    try:
        y, first, second = jax.jit(twice)(x)
    except ActscopeError:  # from within `gradient`, which may do well if it isn't differentiated
        y, first = jax.jit(once)(x)
        return np.asarray(y), np.asarray(first), None
    return np.asarray(y), np.asarray(first), np.asarray(second)


def _facts(facts: Facts) -> dict[str, Any]:
    """What is true of it; infinite: null."""
    return {
        "kinks": list(facts.kinks),
        "range": list(facts.range),
        "monotone": facts.monotone,
        "bounded": facts.bounded,
        "lipschitz": facts.largest_slope if math.isfinite(facts.largest_slope) else None,
        "smoothness": int(facts.smoothness) if math.isfinite(facts.smoothness) else None,
    }
