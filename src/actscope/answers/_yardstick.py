"""What the scores on one data set are held against: guessing, and a network that has learned."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from actscope.answers._scores import Scores

_WAY = 0.9  # of the way from guessing to the best setting is where a network has learned it


@dataclass(frozen=True)
class Yardstick:
    """Two scores on one data set.

    Attributes:
        chance: of a network that has learned nothing.
        target: that is to be reached soon; None where no setting does clearly better than chance.
    """

    chance: float
    target: float | None


def yardsticks(scores: Scores, target: float | None = None) -> dict[str, Yardstick]:
    """The yardstick of each data set that members have learned.

    Args:
        scores: of all settings, on all data sets.
        target: the same on every data set; if None, nine tenths of the way from chance to the best
            mean of a setting on the validation set, rounded down to a hundredth.
    """
    names = dict.fromkeys(scores.datasets[scores.there].tolist())
    found = {name: _on(scores, scores.datasets == name) for name in names}
    if target is None:
        return found
    return {name: Yardstick(one.chance, float(target)) for name, one in found.items()}


def _on(scores: Scores, here: Bool[np.ndarray, " seed *levels"]) -> Yardstick:
    """The chance and the usual target of one data set, whose members are marked."""
    chance = float(scores.chance[here][0])
    count = here.sum(axis=0)
    sums = np.where(here, scores.validation, 0).sum(axis=0)
    best = float((sums[count > 0] / count[count > 0]).max())
    target = math.floor(100 * (chance + _WAY * (best - chance))) / 100
    return Yardstick(chance, target if target > chance else None)
