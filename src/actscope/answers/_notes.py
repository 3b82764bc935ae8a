"""What a reader must know of an answer's numbers: what is missing, failed, averaged, chosen."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Bool

from actscope.answers._cells import Cells
from actscope.answers._comparisons import Comparisons
from actscope.answers._datasets import Ranks
from actscope.answers._factors import Level, values
from actscope.answers._matter import Matter
from actscope.answers._scores import Scores
from actscope.answers._settings import Setting
from actscope.answers._words import FEW, Unit, described, listed, plural
from actscope.answers._yardstick import Yardstick


def of_scores(
    scores: Scores,
    found: Cells,
    settings: Sequence[Setting],
    compared: Comparisons | None,
    ranks: Ranks | None,
) -> Iterator[str]:
    """What stands behind the scores, and what is not compared."""
    yield from _members(scores)
    yield from _cells(found, settings)
    yield from _tuning(settings)
    yield from _comparisons(compared, ranks)


def of_speed(yardsticks: Mapping[str, Yardstick], unit: Unit, *, asked: bool) -> Iterator[str]:
    """What the target of the learning speed is."""
    known = {name: one.target for name, one in yardsticks.items() if one.target is not None}
    scores = [unit.rounded(target) for target in known.values()]
    on = [f"{score} on {name}" for name, score in zip(known, scores, strict=True)]
    way = "" if asked else ", nine tenths of the way from guessing to the best setting"
    if known:
        target = scores[0] if asked or len(yardsticks) == 1 else listed(on)
        yield f"the target is a validation score of {target}{way}"
    if len(known) < len(yardsticks):
        names = listed([name for name in yardsticks if name not in known])
        yield f"nothing has learned enough to speak of its speed: {names}"


def of_matter(found: Matter | str) -> Iterator[str]:
    """Why it cannot be told which factor matters."""
    if isinstance(found, str):
        yield f"which factor matters cannot be told: {found}"


def _members(scores: Scores) -> Iterator[str]:
    """Members that are excluded, missing or diverged."""
    planned, there = scores.planned, scores.there
    missing, total = planned & ~there, int(planned.sum()) * len(scores.seeds)
    if not planned.all():
        count = f"{(~planned).sum():,} of {plural(planned.size, 'combination')}"
        yield f"{count} excluded by the design: {_named(scores, ~planned[None])}"
    if missing.any():
        count = f"{missing.sum():,} of {plural(total, 'network')}"
        yield f"{count} not finished: {_named(scores, missing)}"
    if scores.failed.any():
        count = f"{scores.failed.sum():,} of {plural(int(there.sum()), 'network')}"
        yield f"{count} diverged and count at chance level: {_named(scores, scores.failed)}"
    if len(scores.seeds) < 2:
        yield "one seed gives no interval: nothing can be concluded from it"


def _cells(found: Cells, settings: Sequence[Setting]) -> Iterator[str]:
    """What is averaged, what is left out of it, and settings of which no seed is whole."""
    names = ", ".join(factor.name for factor in found.over)
    if len(found.cells) > 1:
        count = plural(len(found.cells), "combination")
        yield f"each score is the mean, within one seed, over {count} of {names}; n counts seeds"
    elif found.over:
        yield f"each score is at one combination of {names}: {_cell(found, found.cells[:1])}"
    if found.left_out:
        left = _cell(found, found.left_out)
        yield f"left out of every score, as not all settings have them: {left}"
    if found.over and len(settings) < len(found.settings):
        shown = {tuple(setting.axes.items()) for setting in settings}
        every = [values(found.by, levels) for levels in found.settings]
        left = [described(axes) for axes in every if tuple(axes.items()) not in shown]
        yield f"no seed has all of {names} yet: {listed(left, between='; ')}"


def _tuning(settings: Sequence[Setting]) -> Iterator[str]:
    """Chosen values at the edge of what was offered."""
    axes = {axis for setting in settings for one in setting.tuned for axis in one.at_edge}
    for axis in sorted(axes):
        those = [s for s in settings if any(axis in one.at_edge for one in s.tuned)]
        names = [described(setting.axes) for setting in those]
        yield (
            f"the best {axis} is the smallest or the largest that was tried, so that a better one "
            f"may lie beyond: of {listed(names, between='; ')}"
        )


def _comparisons(compared: Comparisons | None, ranks: Ranks | None) -> Iterator[str]:
    """Where the reference is missing, and data sets that cannot be ranked on."""
    if compared and compared.without:
        reference = next(iter(compared.strata.values()))
        yield f"nothing is compared where {reference} is not: {listed(compared.without)}"
    if ranks and ranks.left_out:
        left = listed(ranks.left_out)
        yield f"left out of the ranks, as some {ranks.treatment} has no score there: {left}"


def _named(scores: Scores, marked: Bool[np.ndarray, " _ *levels"]) -> str:
    """The first settings with a mark, each with its seeds if not all have one."""
    places = np.argwhere(marked.any(axis=0)).tolist()
    names: list[str] = []
    for place in places[:FEW]:
        levels = [f.levels[index] for f, index in zip(scores.factors, place, strict=True)]
        which = np.flatnonzero(marked[(slice(None), *place)]).tolist()
        some = [str(scores.seeds[row]) for row in which] if len(which) < len(marked) else []
        name = described(values(scores.factors, levels))
        seeds = f" (seed{'s' * (len(some) > 1)} {listed(some)})" if some else ""
        names.append(f"{name}{seeds}")
    return listed(names, total=len(places), between="; ")


def _cell(found: Cells, cells: Sequence[tuple[Level, ...]]) -> str:
    """Cells that are averaged, by the values of their axes."""
    each = [values(found.over, levels) for levels in cells]
    names = [", ".join(f"{axis} {value}" for axis, value in axes.items()) for axes in each]
    return listed(names, between="; ")
