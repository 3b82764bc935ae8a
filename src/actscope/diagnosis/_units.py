"""Rules on the units of a site: dead, saturated, alike."""

import math
from collections.abc import Iterator
from functools import cache

import numpy as np

from actscope.activations import Activation, gradient
from actscope.diagnosis._case import Case
from actscope.diagnosis._rule import Hit

_GRAVE = 0.5  # half of a layer
_AWAKE = 0.5  # share of examples for which a healthy unit of ReLU is awake as training begins


def dead(case: Case, threshold: float) -> Iterator[Hit]:
    """Sites with too large a share of dead units."""
    n = case.profile.examples
    for site in case.hidden:
        k, share = int(site.dead.sum()), float(site.dead.mean())
        if share <= threshold:
            continue
        # CONVENTIONS, "Bound": jointly over the k units, at 95 %.
        chance = 1 - (0.05 / k) ** (1 / n)
        if chance >= _AWAKE:
            continue  # so few examples that healthy units may have met none that wakes them
        yield Hit(
            {
                "dead": k,
                "units": site.units,
                "share": share,
                "structural": int(site.dead_structural.sum()),
                "examples": n,
                "chance_to_wake": chance,
            },
            site,
            grave=share >= _GRAVE,
        )


def saturated(case: Case, threshold: float) -> Iterator[Hit]:
    """Sites that level off for too large a share of the examples."""
    for site in case.hidden:
        share = site.saturated_fraction
        if math.isnan(share) or share <= threshold:
            continue
        if site.function is None or levels_off(site.function):
            yield Hit({"share": share, "activation": site.activation}, site)


@cache
def levels_off(activation: Activation) -> bool:
    """Whether its slope goes to 0 on either side.

    A slope that is small but constant, as the negative one of leaky_relu, lets as much gradient
    through wherever the input goes: nothing is stuck there.
    """
    near, far = (np.abs(gradient(activation, np.array([-x, x]))) for x in (1e2, 1e4))
    return bool((far <= near / 2).any())


def identical(case: Case, threshold: float) -> Iterator[Hit]:
    """Sites where too many of the units say what another one says.

    Whatever the data, where they have the same weights; else of those that vary, by what they say.
    """
    for site in case.hidden:
        share = case.copied.get(site.name, 0.0)
        if share > threshold:
            yield Hit({"share": share, "units": site.units, "known_by": "weights"}, site)
        elif not math.isnan(site.copies) and site.copies > threshold:
            evidence = {"share": site.copies, "units": site.units, "known_by": "examples"}
            yield Hit(evidence | {"effective_rank": site.effective_rank}, site)
