"""The figures of a profile, each with what it shows in a sentence."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from actscope._errors import unknown
from actscope.probing._finding import Finding, by_rule
from actscope.probing._site import Site
from actscope.probing._table import named, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from actscope.figures import Reading


def draw(what: str, sites: Sequence[Site], *, title: str, findings: Sequence[Finding]) -> "Figure":
    """As of `Profile.plot`."""
    from actscope import figures  # matplotlib takes a second: only whoever draws waits for it

    known = {"depth": figures.depth_profile, "distributions": figures.distribution_profile}
    if what not in known:
        raise unknown("figure", what, known)
    readings = [_reading(site) for site in sites]
    return known[what](readings, title=title, caption=caption(sites, findings))


def _reading(site: Site) -> "Reading":
    from actscope import figures

    return figures.Reading(
        name=site.name,
        activation=site.activation,
        units=site.units,
        pre=site.pre,
        post=site.post,
        gradient=site.gradient,
        dead=float(site.dead.mean()),
        saturated=site.saturated_fraction,
        correlation=site.correlation,
        effective_rank=site.effective_rank,
        copies=site.copies,
    )


def caption(sites: Sequence[Site], findings: Sequence[Finding]) -> str:
    """What is wrong, from where to where the numbers go, and how many units are dead."""
    gradients = [site.gradient.rms if site.gradient else math.nan for site in sites]
    numbers = {
        "root mean square of the input": [site.pre.rms for site in sites],
        "of the gradient": gradients,
        "correlation between examples": [site.correlation for site in sites],
    }
    told = [
        f"{what} {' → '.join(dict.fromkeys(map(number, (values[0], values[-1]))))}"
        for what, values in numbers.items()
        if values and math.isfinite(values[0] + values[-1])
    ]
    dead, units = sum(int(site.dead.sum()) for site in sites), sum(site.units for site in sites)
    found = f"Found: {', '.join(map(named, by_rule(findings)))}. " if findings else ""
    whole = f"From the first site to the last: {', '.join(told)}; " if told else ""
    return f"{found}{whole}{dead:,} of {units:,} units are dead."
