"""Which units of a site can learn, and how many of its examples meet hardly any slope."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int


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

    @classmethod
    def of(cls, found: Sequence[np.ndarray]) -> "Activity":
        """What `respond` made of one batch, fetched from the device."""
        dead, structural, sloping, saturated = found
        return cls(dead, structural, sloping.astype(np.int64), saturated.astype(np.int64))

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
