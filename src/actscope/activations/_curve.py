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
    y, slope = (np.asarray(values) for values in (activation(x), gradient(activation, x)))
    zero = np.float32(0)
    at_zero = float(activation(zero)), float(gradient(activation, zero))
    return Curve(activation, x, y, slope, describe(activation), _curvature(activation, x), at_zero)


def _require_drawable(activation: Activation) -> None:
    if not activation.elementwise:
        raise ActscopeError(
            f"{activation.name} makes {activation.makes} of {activation.reads} numbers",
            expected="a function that makes one number of one number, which has a curve",
        )


def _curvature(
    activation: Activation, x: Float[np.ndarray, " points"]
) -> Float[np.ndarray, " points"] | None:
    """The second derivative at `x`; None where the program has a derivative, but no second one."""
    points = jnp.asarray(x)
    try:
        _, found = jax.jvp(partial(gradient, activation), (points,), (jnp.ones_like(points),))
    except ActscopeError:  # from within `gradient`, which did well without being differentiated
        return None
    return np.asarray(found)


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
