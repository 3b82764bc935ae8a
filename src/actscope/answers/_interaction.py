"""The levels of one factor at those of each other, the rest averaged by seed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from actscope import stats
from actscope._errors import ActscopeError
from actscope.answers._cells import Cells, cells
from actscope.answers._factors import Factor, label
from actscope.answers._scores import Scores
from actscope.stats import Interval


@dataclass(frozen=True)
class Mean:
    """What the seeds say of one level of each of two factors.

    Attributes:
        interval: of the mean score; n counts seeds.
        failed: networks that diverged; they count at chance level.
        members: networks in all.
    """

    interval: Interval
    failed: int
    members: int


@dataclass(frozen=True, eq=False)
class Interaction:
    """Scores by the levels of two factors, the others averaged by seed.

    Attributes:
        treatment: name of the one that is compared.
        factor: name of the other.
        means: by a level of each; without those that no seed has whole.
        over: names of the factors that are averaged.
        cells: combinations of their levels behind each mean.
        left_out: those that only some pairs of levels have, and which count in no mean.
    """

    treatment: str
    factor: str
    means: Mapping[tuple[str, str], Mean]
    over: tuple[str, ...]
    cells: int
    left_out: int


def interactions(scores: Scores, treatment: Factor) -> tuple[Interaction, ...]:
    """One factor with each of the others.

    Left out is a factor with which the design has no cell in common to all pairs of levels, or of
    which fewer than two levels have a whole seed, or the treatment has.
    """
    others = (factor for factor in scores.factors if factor != treatment)
    found = (_interaction(scores, treatment, factor) for factor in others)
    return tuple(each for each in found if each)


def _interaction(scores: Scores, treatment: Factor, factor: Factor) -> Interaction | None:
    try:
        found = cells(scores, [treatment, factor])
    except ActscopeError:
        return None
    means = dict(_means(found))
    if not means or any(len(set(levels)) < 2 for levels in zip(*means, strict=True)):
        return None
    return Interaction(
        treatment=treatment.name,
        factor=factor.name,
        means=means,
        over=tuple(each.name for each in found.over),
        cells=len(found.cells),
        left_out=len(found.left_out),
    )


def _means(found: Cells) -> Iterator[tuple[tuple[str, str], Mean]]:
    for column, (one, other) in enumerate(found.settings):
        if rows := found.whole(column):
            failed = found.failed[rows, column]
            interval = stats.mean_interval(found.test[rows, column])
            yield (label(one), label(other)), Mean(interval, int(failed.sum()), failed.size)
