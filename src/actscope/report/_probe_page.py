"""A probed network as a page: what is wrong with it, and all that was seen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from actscope import __version__
from actscope.diagnosis import Remedies
from actscope.figures import colour
from actscope.pages import (
    Block,
    Chart,
    Page,
    Part,
    Prose,
    Table,
    brief,
    histograms,
    short,
)
from actscope.probing import Finding, Profile, Site
from actscope.probing._drawing import caption
from actscope.probing._finding import by_rule
from actscope.probing._table import HEADS, WORDS, row
from actscope.report._bars import bars
from actscope.report._depth import SITES, depth
from actscope.report._functions_part import functions
from actscope.report._remedies_part import remedies as tried
from actscope.report._scores_part import colours
from actscope.report._words import plural

_HISTOGRAMS = 40  # sites, evenly spaced
_BINS = 50
_PLACES = 8  # that one rule names
SIGNALS = {"pre": "input", "post": "output", "gradient": "gradient"}


def probe_page(title: str, profile: Profile, remedies: Remedies | None = None) -> Page:
    """Everything that a probe found.

    Args:
        title: what was probed.
        profile: of it.
        remedies: what was tried against the findings.
    """
    names = brief(site.activation for site in profile.sites)
    known = {names[each.activation]: each.function for each in profile.sites if each.function}
    parts = (
        findings(profile, remedies),
        *inside(profile),
        *functions(known),
        _passed_over(profile),
    )
    return Page(
        title=short(title),
        subtitle=f"{plural(profile.examples, 'example')} seen by actscope",
        parts=parts,
        choices={shown: colour(name) for name, shown in names.items()},
        kind="activation",
    )


def inside(profile: Profile) -> Iterator[Part]:
    """From site to site, and the distributions at each."""
    names = brief(site.activation for site in profile.sites)
    yield from _through_depth(profile, names)
    yield from _distributions(profile, names)


def findings(profile: Profile, remedies: Remedies | None = None) -> Part:
    """What is wrong, and what was tried."""
    found = profile.findings
    rules = dict.fromkeys(each.rule for each in found)
    said = f"{plural(len(rules), 'rule')} spoke: {', '.join(rules)}" if found else "Nothing wrong"
    blocks: list[Block] = [Prose(tuple(_told(group))) for group in by_rule(found)]
    if remedies is not None:
        blocks += tried(remedies)
    told = [
        f"loss {profile.loss:.4g}" if profile.loss is not None else "",
        f"accuracy {profile.accuracy:.2%}" if profile.accuracy is not None else "",
        f"{sum(profile.dead):,} of {sum(site.units for site in profile.sites):,} units dead",
    ]
    blocks.append(Prose((", ".join(filter(None, told)) + ".",)))
    return Part("What is wrong", f"{said}.", tuple(blocks))


def _told(group: Sequence[Finding]) -> Iterator[str]:
    """One rule: how bad, where and on what evidence, why, and what to do."""
    first = group[0]
    yield f"{first.severity}: {first.rule}. {first.why} → {first.advice}"
    yield from (each.told for each in group[:_PLACES] if each.told)
    if len(group) > _PLACES:
        yield f"and {plural(len(group) - _PLACES, 'place')} more"


def _through_depth(profile: Profile, names: Mapping[str, str]) -> Iterator[Part]:
    if profile.sites:
        yield Part(
            "From the first site to the last",
            caption(profile.sites, ()),
            (*depth({"": profile}, names), _table(profile, names)),
        )


def _table(profile: Profile, names: Mapping[str, str]) -> Table:
    sites, total = profile.sites[:SITES], len(profile.sites)
    left = f"The first {SITES} of {total:,} sites, as in the charts; --json has all"
    return Table(
        caption="Every site" if total <= SITES else left,
        heads=("#", *HEADS, "source"),
        rows=tuple((f"{i}", *row(site), site.source) for i, site in enumerate(sites, 1)),
        words=WORDS + 1,
        choices=tuple(names[site.activation] for site in sites),
    )


def _distributions(profile: Profile, names: Mapping[str, str]) -> Iterator[Part]:
    total = len(profile.sites)
    few = np.linspace(0, total - 1, min(total, _HISTOGRAMS))
    sites = [profile.sites[index] for index in np.unique(few.round().astype(int))]
    if not sites:
        return
    labels = brief(site.name for site in sites)
    rows = [
        each | {"site": labels[site.name]}
        for site in sites
        for each in histograms_of(site, names[site.activation])
    ]
    signals = {each["signal"] for each in rows}
    spec = histograms(colours(names), row="site", column="signal", columns=len(signals))
    left = f" ({len(sites)} of {total:,} sites)" if len(sites) < total else ""
    words = "What each site is given, what it makes of it, and the gradient; each to its own scale"
    yield Part("Distributions", "", (Chart("histograms", f"{words}{left}", words, spec, rows),))


def histograms_of(site: Site, choice: str) -> Iterator[dict[str, Any]]:
    """A row a signal of a site."""
    for field, shown in SIGNALS.items():
        signal = getattr(site, field)
        if signal is None or not signal.count:
            continue
        found = signal.histogram.rebinned(_BINS)
        about = {"choice": choice, "signal": shown}
        ends = float(found.edges[0]), float(found.edges[-1])
        yield about | bars(*ends, found.counts.tolist())


def _passed_over(profile: Profile) -> Part:
    said = f"{plural(len(profile.excluded), 'place')} passed over." if profile.excluded else ""
    gradients = [
        (each.name, "×".join(map(str, each.shape)), f"{each.gradient.rms:.3g}")
        for each in profile.parameters
    ]
    blocks: list[Block] = []
    if gradients:
        heads = ("parameter", "shape", "gradient, root mean square")
        blocks.append(Table("Gradients of the parameters", heads, tuple(gradients), 2, folded=True))
    if profile.excluded:
        blocks.append(Table("Passed over", ("place", "why"), profile.excluded, 2, folded=True))
    return Part("Method", said, (*blocks, Prose((f"Made by actscope {__version__}.",))))
