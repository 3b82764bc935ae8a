"""What becomes of signal and gradient from the first site of a network to the last, in charts."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from actscope.pages import Across, Chart, Row, Upward, path
from actscope.probing import Profile, Site
from actscope.report._scores_part import Names, colours

SITES = 400  # in a chart


@dataclass(frozen=True)
class _Measure:
    """What is drawn through depth: read from a site, in words, and whether by its logarithm."""

    name: str
    title: str
    read: Callable[[Site], float]
    log: bool = False


_MEASURES = (
    _Measure("input", "input, root mean square", lambda site: site.pre.rms, log=True),
    _Measure(
        "gradient",
        "gradient at the input, root mean square",
        lambda site: site.gradient.rms if site.gradient else math.nan,
        log=True,
    ),
    _Measure("dead", "dead units (%)", lambda site: 100 * float(site.dead.mean())),
    _Measure("correlation", "correlation between examples", lambda site: site.correlation),
)


def depth(networks: Mapping[str, Profile], names: Names) -> Iterator[Chart]:
    """A chart a measure that is known somewhere; of several networks side by side on one scale.

    Args:
        networks: what the probe found of each, by its name; of one any name will do.
        names: of the activations, as they are shown.
    """
    for measure in _MEASURES:
        rows = [
            {"network": name, **row} if len(networks) > 1 else row
            for name, profile in networks.items()
            for row in _rows(profile.sites[:SITES], names, measure)
        ]
        if any(row["mean"] is not None for row in rows):
            yield _chart(rows, names, measure, "network" if len(networks) > 1 else "")


def _rows(sites: Sequence[Site], names: Names, measure: _Measure) -> Iterator[Row]:
    for number, site in enumerate(sites, 1):
        value = float(measure.read(site))
        drawn = math.isfinite(value) and (value > 0 or not measure.log)
        about = {"choice": names[site.activation], "site": site.name, "number": number}
        yield about | {"mean": value if drawn else None}


def _chart(rows: Sequence[Row], names: Names, measure: _Measure, facet: str) -> Chart:
    deep = max(row["number"] for row in rows)
    spec = path(
        colours(names),
        Across("number", "site", range(1, deep + 1)),
        Upward(measure.title, log=measure.log),
        facet=facet,
    )
    words = f"{measure.title[:1].upper()}{measure.title[1:]}, from the first site to the last"
    return Chart(measure.name, words, words, spec, rows)
