"""Everything that a study answers so far."""

# pyright: reportUnknownParameterType=false
# Arrow's classes come without types.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow as pa

from actscope import training
from actscope._errors import ActscopeError
from actscope.answers import _notes
from actscope.answers._cells import cells
from actscope.answers._comparisons import Comparisons, comparisons
from actscope.answers._datasets import Ranks, ranks
from actscope.answers._factors import TASK, Factor, chosen, factors
from actscope.answers._findings import sentences
from actscope.answers._interaction import Interaction, interactions
from actscope.answers._matter import Matter, matter
from actscope.answers._scores import Scores, scores
from actscope.answers._settings import Background, Curve, Setting, settings
from actscope.answers._tuned import Tuned, tuned
from actscope.answers._words import unit
from actscope.answers._yardstick import Yardstick, yardsticks
from actscope.study import Folder, Record, Spec

RELEVANT = 0.005  # half a point of accuracy


@dataclass(frozen=True, eq=False)
class Answer:
    """What the members of one task say.

    Attributes:
        task: its name.
        score: what its score is called, such as accuracy (a fraction of 1).
        by: names of the factors that make a setting.
        seeds: of the study.
        settings: those that have at least one whole seed.
        comparisons: of the settings; None where there is nothing to compare.
        matter: which factor matters, or why that cannot be told.
        ranks: over data sets; None where there is one alone.
        interactions: the treatments at the levels of each other factor.
        yardsticks: chance level and target, by data set.
        sentences: what all that says, by what it is said of: `settings`, `comparisons`,
            `ranking by <factor>`, `importance`, `ranks`.
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
    interactions: tuple[Interaction, ...]
    yardsticks: Mapping[str, Yardstick]
    sentences: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """All sentences."""
        return tuple(chain(*self.sentences.values()))


def answers(
    folder: Path | str,
    *,
    by: Sequence[str] | None = None,
    compare: str | None = None,
    correction: str = "holm",
    relevant: float = RELEVANT,
    target: float | None = None,
) -> tuple[Answer, ...]:
    """What the finished members of a study say, an answer a task.

    Test scores choose nothing: neither a reference, nor what is called the best, nor a target.

    Args:
        folder: the study's.
        by: the axes that make a setting; the others are averaged, by seed. All if None. The first
            one's values are compared, within each combination of the others.
        compare: the value that the others are compared to; the best on validation data if None.
        correction: for the number of comparisons: `holm` or `benjamini_hochberg`.
        relevant: the smallest difference that matters, in the unit of the score.
        target: the validation score whose epoch is asked for; if None, for each data set nine
            tenths of the way from guessing to its best setting.

    Raises:
        ActscopeError: there is no study, no finished member, or no such axis or value.
    """
    record = Record.open(folder)
    spec = Folder(Path(folder)).read()
    chosen(factors(spec), by or ())  # all that is wrong with the question first
    question = _Question(None if by is None else tuple(by), compare, correction, relevant, target)
    if "compare" not in record.members["phase"].to_pylist():
        raise ActscopeError(
            f"{folder}: no member is finished yet", expected="one at least", do="wait, or resume it"
        )
    study = _Study(spec, record.members, record.curves(), tuned(record.members, spec.tune))
    tasks = (level.value for level in spec.levels(TASK))
    if not (found := tuple(answer for task in tasks if (answer := _answer(study, question, task)))):
        raise ActscopeError(
            f"{folder}: no seed has all that is to be averaged yet",
            expected="one at least",
            do="wait, resume the study, or name more axes",
        )
    return found


@dataclass(frozen=True)
class _Question:
    """What is asked; as of `answers`."""

    by: tuple[str, ...] | None
    compare: str | None
    correction: str
    relevant: float
    target: float | None

    def factors(self, table: Scores) -> tuple[Factor, ...]:
        """Those that make a setting. One that walks together with the task may be none in it."""
        if self.by is None:
            return table.factors
        axes = {axis for factor in table.factors for axis in factor.axes}
        return chosen(table.factors, [name for name in self.by if name in axes])


@dataclass(frozen=True, eq=False)
class _Study:
    """What is known of a study."""

    spec: Spec
    members: pa.Table
    curves: Mapping[str, Curve]
    tuned: Mapping[str, Tuned]


def _answer(study: _Study, asked: _Question, task: str) -> Answer | None:
    """None where the task has nothing to show yet."""
    table = scores(study.members, study.spec, task)
    if not table.there.any():
        return None
    by = asked.factors(table)
    found, marks = cells(table, by), yardsticks(table, asked.target)
    known = Background(study.curves, study.spec.epochs, marks, study.tuned)
    rows = tuple(settings(found, known))
    if not rows:
        return None
    compared = comparisons(
        by, rows, asked.compare, correction=asked.correction, relevant=asked.relevant
    )
    treatment = next(iter((*by, *table.factors)), None)
    whole = matter(table, treatment)
    ranked = ranks(table, treatment) if treatment else None
    score = training.task(task).score
    return Answer(
        task=task,
        score=score,
        by=tuple(factor.name for factor in by),
        seeds=table.seeds,
        settings=rows,
        comparisons=compared,
        matter=whole,
        ranks=ranked,
        interactions=interactions(table, treatment) if treatment else (),
        yardsticks=marks,
        sentences=sentences(rows, compared, whole, ranked, unit(score)),
        notes=(
            *_notes.of_scores(table, found, rows, compared, ranked),
            *_notes.of_speed(marks, unit(score), asked=asked.target is not None),
            *_notes.of_matter(whole),
        ),
    )
