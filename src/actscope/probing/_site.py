"""What a probe found at one place: a site or a parameter, with its signals."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool

from actscope._signal import Signal, json_number
from actscope.activations import Activation


@dataclass(frozen=True, eq=False)
class Site:
    """A place where a nonlinearity acts elementwise on a signal.

    Attributes:
        name: path of the layer, such as `layers.0`.
        activation: name of the activation.
        function: the activation itself, at the settings found; None if no table holds it.
        role: `hidden` or `output`.
        source: file and line where the activation is called.
        units: number of features.
        shape: of one example of its input, units last.
        pre: the activation's input.
        post: its output.
        gradient: of each example's own loss with respect to `pre`, through the activation alone
            (a skip past it is not counted); None without a loss.
        dead: units whose local derivative is 0 in every example; also where a kink ends an
            interval on which the function is constant, whatever derivative the program has there.
        dead_structural: those of them that only ever met inputs on which the function is
            constant; the others are dead by rounding alone.
        always_zero: units whose output is exactly 0 in every example (the tutorial's "dead").
        saturated_fraction: share of examples, over units that are not dead and where the function
            is not flat by design, with |f'| under 5 % of its supremum; NaN if none is left.
        correlation: mean cosine of the pre-activations (of all positions together) of two
            examples, not centred: 1 where all examples look alike.
        effective_rank: (tr C)² / tr C² of the covariance C of the post-activations over examples
            and positions; NaN from fewer than 10 a unit. Of the data's first examples, 16 a unit,
            and of 512 units at most, evenly spaced.
        copies: share of the units that vary whose correlation with another of them is beyond
            ±0.999; NaN likewise.
    """

    name: str
    activation: str
    function: Activation | None
    role: str
    source: str
    units: int
    shape: tuple[int, ...]
    pre: Signal
    post: Signal
    gradient: Signal | None
    dead: Bool[np.ndarray, " unit"]
    dead_structural: Bool[np.ndarray, " unit"]
    always_zero: Bool[np.ndarray, " unit"]
    saturated_fraction: float
    correlation: float
    effective_rank: float
    copies: float

    def __repr__(self) -> str:
        told = f"{self.activation}, {self.role}, {self.units} units, {self.dead.sum()} dead"
        return f"Site({self.name!r}: {told})"

    def to_json(self) -> dict[str, Any]:
        """The contract's entry of `sites`."""
        return {
            "name": self.name,
            "activation": self.activation,
            "role": self.role,
            "source": self.source,
            "units": self.units,
            "pre": self.pre.to_json(),
            "post": self.post.to_json(),
            "gradient": self.gradient.to_json() if self.gradient else None,
            "dead": int(self.dead.sum()),
            "dead_structural": int(self.dead_structural.sum()),
            "dead_units": np.flatnonzero(self.dead).tolist(),
            "saturated_fraction": json_number(self.saturated_fraction),
            "correlation": json_number(self.correlation),
            "effective_rank": json_number(self.effective_rank),
            "copies": json_number(self.copies),
        }


@dataclass(frozen=True, eq=False)
class Parameter:
    """One array of parameters and the gradient of the mean loss with respect to it."""

    name: str
    shape: tuple[int, ...]
    gradient: Signal

    def to_json(self) -> dict[str, Any]:
        """The contract's entry of `parameters`."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "gradient": self.gradient.to_json(),
        }
