"""What a pass over the data adds up to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actscope.probing._activity import Activity
from actscope.probing._moments import Moments
from actscope.probing._together import Together

OUTPUT = "outputs/"


@dataclass(frozen=True, eq=False)
class Total:
    """What the examples of some batches add up to, on the host.

    Attributes:
        examples: how many there were.
        loss: sum of their losses.
        hits: number of them whose largest output is the target.
        parameter_gradient: by name, sum of the gradients of their losses, in float64.
        moments: of each signal that was met.
        activity: of each site that was reached.
        together: of each of these.
    """

    examples: int
    loss: float | None
    hits: int | None
    parameter_gradient: dict[str, Any]
    moments: dict[str, Moments]
    activity: dict[str, Activity]
    together: dict[str, Together]

    @classmethod
    def nothing(cls) -> "Total":
        """Of no example."""
        return cls(0, 0.0, 0, {}, {}, {}, {})

    def __add__(self, other: "Total") -> "Total":
        """What all examples of both add up to."""
        return Total(
            examples=self.examples + other.examples,
            loss=None if self.loss is None or other.loss is None else self.loss + other.loss,
            hits=None if self.hits is None or other.hits is None else self.hits + other.hits,
            parameter_gradient=union(self.parameter_gradient, other.parameter_gradient),
            moments=union(self.moments, other.moments),
            activity=union(self.activity, other.activity),
            together=union(self.together, other.together),
        )


def union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The sums of two mappings; what only one of them knows of stays as it is."""
    return {**one, **other, **{name: one[name] + other[name] for name in one if name in other}}
