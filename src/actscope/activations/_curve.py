"""A function and its derivative at many points: what a figure or a table of functions shows."""

from dataclasses import dataclass
from typing import Any

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
    """

    activation: Activation
    x: Float[np.ndarray, " points"]
    y: Float[np.ndarray, " points"]
    gradient: Float[np.ndarray, " points"]
    facts: Facts

    def to_json(self) -> dict[str, Any]:
        """The contract's entry of `functions`; `nonfinite` appears where it is not 0."""
        wrong = int((~np.isfinite(self.y)).sum() + (~np.isfinite(self.gradient)).sum())
        return {
            "x": self.x.tolist(),
            "y": self.y.tolist(),
            "gradient": self.gradient.tolist(),
            "formula": self.activation.formula,
            "source": self.activation.source,
            "kinks": list(self.facts.kinks),
            "range": list(self.facts.range),
            "monotone": self.facts.monotone,
            "trainable": {
                key: self.activation.parameters[key] for key in self.activation.trainable
            },
        } | ({"nonfinite": wrong} if wrong else {})


def curve(activation: Activation, low: float = -5.0, high: float = 5.0) -> Curve:
    """An activation at 1000 equally spaced points from `low` to `high`.

    Raises:
        ActscopeError: the interval is empty, or does not fit into float32.
    """
    widest = float(np.finfo(np.float32).max)
    if not -widest <= low < high <= widest:
        raise ActscopeError(f"a range from {low:g} to {high:g}", expected="two ascending numbers")
    x = np.linspace(low, high, _POINTS, dtype=np.float32)
    y, slope = (np.asarray(values) for values in (activation(x), gradient(activation, x)))
    return Curve(activation, x, y, slope, describe(activation))
