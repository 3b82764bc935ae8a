"""What happened inside the networks of a study: signals through depth, and how they spread."""

from collections import defaultdict
from collections.abc import Iterator

from actscope.answers import Answer
from actscope.pages import Part
from actscope.report._bars import spread
from actscope.report._insides import Insides
from actscope.report._profiles import PROFILES, over_time, through_depth
from actscope.report._scores_part import Names
from actscope.study import Record


def inside(answer: Answer, record: Record, names: Names) -> Iterator[Part]:
    """Signal, gradient and dead units through depth, and histograms, by epoch."""
    found = Insides.of(answer, record, names)
    if found.layers:
        charts = (through_depth(found, each) for each in PROFILES)
        blocks = (*charts, *over_time(found), *spread(found))
        told = f"{_said(found)} {found.part[:1].upper()}{found.part[1:]}".strip()
        yield Part("Inside the networks", told, blocks)


def _said(found: Insides) -> str:
    """Where the gradient differs most between the first layer and the last, at the end."""
    ends: dict[int, list[float]] = defaultdict(list)
    for each in found.layers:
        if each.epoch == found.epochs[-1] and each.gradient:
            ends[id(each.setting)].append(each.gradient.mean)
    ratios = {who: means[0] / means[-1] for who, means in ends.items() if len(means) > 1}
    if not ratios:
        return ""
    setting, ratio = min(ratios.items(), key=lambda each: each[1])
    choice, stratum = found.choices[setting], found.strata[setting]
    where = f"{choice}, {stratum}" if stratum else choice
    return (
        "After the last epoch the gradient of the first layer by that of the last is smallest for "
        f"{where}: {ratio:.2g}."
    )
