"""The figures of a study."""

from collections.abc import Iterator, Sequence
from itertools import chain, count

from matplotlib.figure import Figure

from actscope import activations
from actscope.answers import Answer
from actscope.report._forest import forest
from actscope.report._learning import learning_curves
from actscope.report._tables import comparison, critical_difference, importance, interaction

_LONGEST = 100  # letters of a name; a file system takes 255 with an ending
_FIGURES = (comparison, learning_curves, forest, critical_difference, importance, interaction)


def gallery(answers: Sequence[Answer]) -> Iterator[tuple[str, Figure]]:
    """Each figure, made as it is asked for, with a name that can be a file's.

    `comparison`, `learning_curves`, `forest`, `critical_difference`, `importance` and, for each
    factor after the first, `interaction-<factor>`: those that the numbers allow. One that would
    hold too much to be read, or what does not compare, comes in parts: `comparison-<data set>`,
    `learning_curves-<stratum>`, `forest-<number>`. Where there are several tasks, the task's name
    stands first.

    Args:
        answers: of one study, one a task.
    """
    taken: set[str] = set()
    for answer in answers:
        prefix = f"{answer.task}-" if len(answers) > 1 else ""
        for figures in _FIGURES:
            for label, figure in figures(answer):
                yield _name(f"{prefix}{label}", taken), figure


def _name(label: str, taken: set[str]) -> str:
    """A file's name that differs from those taken by more than capitals; then it is taken too."""
    stem = activations.slug(label)[:_LONGEST]
    tries = chain([stem], (f"{stem}-{number}" for number in count(2)))
    name = next(name for name in tries if name.lower() not in taken)
    taken.add(name.lower())
    return name
