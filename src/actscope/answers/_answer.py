"""Everything that a study answers so far."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actscope import training
from actscope._errors import ActscopeError
from actscope.answers._comparisons import Comparisons, comparisons
from actscope.answers._datasets import Ranks, ranks
from actscope.answers._factors import Factor, chosen, factors
from actscope.answers._matter import Matter, matter
from actscope.answers._scores import Scores, scores
from actscope.answers._settings import Cells, Setting, cells, settings
from actscope.study import Record, Spec, read

_TASK = "task"
_WAY = 0.9  # of the way from guessing to the best setting is where a network has learned it
RELEVANT = 0.005


@dataclass(frozen=True, eq=False)
class Answer:
    """What the members of one task say.

    Attributes:
        task: its name.
        score: what its score is called, such as accuracy (a fraction of 1).
        by: names of the factors that make a setting.
        seeds: of the study.
        settings: those that have at least one whole seed.
        comparisons: of the settings; None where there is one alone.
        matter: which factor matters, or why that cannot be told.
        ranks: over data sets; None where there is one alone.
        target: score that `Setting.reached` is about.
        chance: score of a network that has learned nothing.
        notes: what a reader must know of the numbers.
    """

    task: str
    score: str
    by: tuple[str, ...]
    seeds: tuple[int, ...]
    settings: tuple[Setting, ...]
    comparisons: Comparisons | None
    matter: Matter | str
    ranks: Ranks | None
    target: float
    chance: float
    notes: tuple[str, ...]

    @property
    def best(self) -> Setting:
        """The setting with the highest mean."""
        return max(self.settings, key=lambda setting: setting.summary.mean)


def answers(
    folder: Path | str,
    *,
    by: Sequence[str] | None = None,
    compare: str | None = None,
    correction: str = "holm",
    relevant: float = RELEVANT,
) -> tuple[Answer, ...]:
    """What the finished members of a study say, an answer a task.

    Args:
        folder: the study's.
        by: the axes that make a setting; the others are averaged, by seed. All if None. The first
            one's values are compared, within each combination of the others.
        compare: the value that the others are compared to; the best on validation data if None.
        correction: for the number of comparisons: `holm` or `benjamini_hochberg`.
        relevant: the smallest difference that matters, in the unit of the score.

    Raises:
        ActscopeError: there is no study, no finished member, or no such axis or value.
    """
    record, spec = Record.open(folder), read(Path(folder) / "study.toml")
    known = factors(spec)
    named = [name for name in by if name != _TASK] if by is not None else None
    found = chosen([factor for factor in known if factor.axes != (_TASK,)], named)
    asked = _Asked(found, compare, correction, relevant)
    names = [level.value for level in spec.levels(_TASK)]
    made = (_answer(record.where(task=name), spec, name, asked) for name in names)
    if not (whole := tuple(answer for answer in made if answer)):
        raise ActscopeError(
            f"{folder}: no member is finished yet", expected="one at least", do="wait, or resume it"
        )
    return whole


@dataclass(frozen=True)
class _Asked:
    """What the user wants to know."""

    by: tuple[Factor, ...]
    compare: str | None
    correction: str
    relevant: float


def _answer(record: Record, spec: Spec, name: str, asked: _Asked) -> Answer | None:
    task, known = training.task(name), factors(spec)
    table = scores(record, [factor for factor in known if factor.axes != (_TASK,)], spec.seeds)
    found = cells(table, asked.by)
    chances = [value for value in record.members["chance"].to_pylist() if value is not None]
    if not (table.ids != "").any():
        return None
    chance = min(chances)
    target = _target(found, chance)
    rows = settings(found, record.curves(), target=target, epochs=spec.epochs, chance=chance)
    return Answer(
        task=name,
        score=task.score,
        by=tuple(factor.name for factor in asked.by),
        seeds=spec.seeds,
        settings=tuple(rows),
        comparisons=comparisons(
            found, asked.compare, correction=asked.correction, relevant=asked.relevant
        ),
        matter=matter(table),
        ranks=ranks(table),
        target=target,
        chance=chance,
        notes=tuple(_notes(table, found)),
    )


def _target(found: Cells, chance: float) -> float:
    """The score, a whole hundredth, at which a network counts as having learned."""
    there = np.isfinite(found.validation)
    means = [
        float(column[mask].mean())
        for column, mask in zip(found.validation.T, there.T, strict=True)
        if mask.any()
    ]
    best = max(means, default=chance)
    return math.floor(100 * (chance + _WAY * (best - chance))) / 100


def _notes(table: Scores, found: Cells) -> list[str]:
    missing, failed = int((table.ids == "").sum()), int(table.failed.sum())
    notes: list[str] = []
    if missing:
        notes.append(
            f"{missing} of {table.ids.size} cells of the full design have no finished member: "
            "excluded, or still to come"
        )
    if failed:
        notes.append(f"{failed} members diverged; they count at chance level")
    if found.averaged > 1:
        notes.append(
            f"each score is the mean of {found.averaged} cells of one seed; n counts seeds"
        )
    if found.left_out:
        notes.append(f"{found.left_out} cells that only some settings have are left out of all")
    if len(table.seeds) < 2:
        notes.append("one seed gives no interval: nothing can be concluded from it")
    return notes
