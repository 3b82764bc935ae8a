"""A study as a page: the answer first, then what it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from actscope import figures, study
from actscope.answers import Answer, Remedied
from actscope.pages import Page, Part, brief, short
from actscope.report._begun_part import before_training
from actscope.report._functions_part import functions, of_a_record
from actscope.report._inside_part import inside
from actscope.report._matters_part import matters
from actscope.report._method_part import method
from actscope.report._scores_part import answer_first, compared, learning
from actscope.report._strata import treatment


def study_page(
    folder: Path | str,
    answers: Sequence[Answer],
    remedied: Mapping[str, Remedied] = MappingProxyType({}),
) -> Page:
    """Everything that a study says, so far.

    Args:
        folder: the study's.
        answers: of it, one a task.
        remedied: what was tried against what is wrong before training, by task.

    Raises:
        ActscopeError: a file of the record is damaged.
    """
    record = study.Record.open(folder)
    name = study.Folder(Path(folder)).read().name
    names = brief(level for answer in answers for level in treatments(answer))
    parts = [
        _titled(part, answer, len(answers) > 1)
        for answer in answers
        for part in _of_a_task(answer, record, remedied.get(answer.task))
    ]
    members = record.where(phase="compare").members
    return Page(
        title=short(name),
        subtitle=f"A study of {len(members):,} networks by actscope",
        parts=(
            *parts,
            *functions(of_a_record(record, names)),
            method(Path(folder), record, answers),
        ),
        choices={shown: figures.colour(level) for level, shown in names.items()},
        kind=answers[0].by[0] if answers[0].by else "setting",
    )


def treatments(answer: Answer) -> list[str]:
    """The levels of the first factor, in their order; of a study of nothing `all`."""
    return list(dict.fromkeys(map(treatment, answer.settings)))


def _of_a_task(answer: Answer, record: study.Record, tried: Remedied | None) -> Iterator[Part]:
    names = brief(treatments(answer))
    for make in (answer_first, compared, matters, learning):
        yield from make(answer, names)
    yield from before_training(answer, record, names, tried)
    yield from inside(answer, record, names)


def _titled(part: Part, answer: Answer, several: bool) -> Part:
    if not several:
        return part
    return Part(f"{part.title} ({answer.task})", part.finding, part.blocks)
