"""Figures of which an answer has one, or one a factor."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from matplotlib.figure import Figure

from actscope import figures
from actscope.answers import Answer, Interaction, Setting
from actscope.figures import Cell, Effect, Scale, Scores
from actscope.report._strata import by_dataset, labelled
from actscope.report._words import caption, factors, failures, scale, seeds
from actscope.stats import Component

_ROWS = 40  # of a comparison
_CELLS = 400  # of an interaction


def comparison(answer: Answer) -> Iterator[tuple[str, Figure]]:
    """Every seed's test score, and the mean of each setting; of 40 settings at most.

    One figure a data set, for scores on two of them do not compare.
    """
    groups, said = by_dataset(answer), answer.sentences["settings"]
    if len(groups) == len(answer.settings):  # none is the best of several
        groups, said = {"": answer.settings}, ("",)
    score = scale(answer, "test")
    for (dataset, settings), best in zip(groups.items(), said, strict=True):
        if len(settings) <= _ROWS:
            where = replace(score, name=f"{score.name} on {dataset}") if dataset else score
            name = f"comparison-{dataset}" if len(groups) > 1 else "comparison"
            yield name, _comparison(settings, best, where)


def _comparison(settings: Sequence[Setting], best: str, score: Scale) -> Figure:
    rows = labelled(settings)
    shown = {name: Scores(row.scores, row.summary.interval) for name, row in rows.items()}
    count = seeds(setting.summary.n for setting in settings)
    words = caption(best or count, failures(settings), factors("Rows", settings))
    return figures.comparison(shown, score=score, caption=words)


def critical_difference(answer: Answer) -> Iterator[tuple[str, Figure]]:
    """Average ranks, where there are several data sets."""
    if found := answer.ranks:
        drawn = figures.critical_difference(
            found.ranks,
            found.critical_difference,
            found.cliques,
            n=len(found.datasets),
            caption=caption(*answer.sentences["ranks"]),
        )
        yield "critical_difference", drawn


def importance(answer: Answer) -> Iterator[tuple[str, Figure]]:
    """The share of the variance of every effect, where it can be told."""
    if isinstance(answer.matter, str):
        return
    found = answer.matter.importance
    effects = [
        *(_effect(" × ".join(each.factors), each) for each in found.effects),
        _effect("seed", found.seed, noise=True),
        _effect("rest", found.residual, noise=True),
    ]
    words = caption(*answer.sentences["importance"])
    drawn = figures.importance(effects, n=found.n, level=found.level, caption=words)
    yield "importance", drawn


def _effect(name: str, found: Component, *, noise: bool = False) -> Effect:
    return Effect(name, found.share, found.low, found.high, noise)


def interaction(answer: Answer) -> Iterator[tuple[str, Figure]]:
    """The first factor's levels at those of each other; of tables of 400 cells at most."""
    score = scale(answer, "test")
    for found in answer.interactions:
        if len(found.means) > _CELLS:
            continue
        count = seeds(mean.interval.n for mean in found.means.values())
        said = answer.sentences.get(f"ranking by {found.factor}", (f"Each mean: {count}",))
        words = caption(*said, _over(found))
        drawn = figures.interaction(_table(found), factor=found.factor, score=score, caption=words)
        yield f"interaction-{found.factor}", drawn


def _table(found: Interaction) -> dict[str, dict[str, Cell]]:
    table: dict[str, dict[str, Cell]] = {}
    for (treatment, level), mean in found.means.items():
        cell = Cell(mean.interval, mean.failed, mean.members)
        table.setdefault(treatment, {})[level] = cell
    return table


def _over(found: Interaction) -> str:
    """What each mean is over."""
    if not found.over:
        return ""
    what = "levels" if len(found.over) == 1 else "combinations"
    lost = f", without {found.left_out} that some pairs lack" if found.left_out else ""
    return f"Each mean is over {found.cells} {what} of {', '.join(found.over)}{lost}"
