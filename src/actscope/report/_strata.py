"""The settings of an answer, in groups within which the treatments are compared."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TypeVar

from actscope.answers import Answer, Setting

T = TypeVar("T")
Strata = Mapping[str, Mapping[str, T]]

_DATASET = "dataset"
_ALL = "all"  # the one setting of a study in which nothing differs


def strata(answer: Answer) -> Strata[Setting]:
    """For each combination of the factors after the first the setting of each level of the first.

    The combination is in words, "depth 2, learning_rate 0.1"; it is empty where there is no other
    factor.
    """
    found: dict[str, dict[str, Setting]] = {}
    for setting in answer.settings:
        treatment, head = _words(setting)
        found.setdefault(head, {})[treatment] = setting
    return found


def treatment(setting: Setting) -> str:
    """The level of the first factor."""
    return _words(setting)[0]


def by_dataset(answer: Answer) -> Mapping[str, Sequence[Setting]]:
    """The settings of each data set; under an empty name where all share one."""
    groups: dict[str, list[Setting]] = {}
    for setting in answer.settings:
        groups.setdefault(str(setting.axes.get(_DATASET, "")), []).append(setting)
    return groups


def labelled(settings: Sequence[Setting]) -> dict[str, Setting]:
    """Every setting by its levels, stratum by stratum.

    The level of the first factor stands before a comma, so that figures take its colour.
    """
    groups: dict[str, list[Setting]] = {}
    for setting in settings:
        groups.setdefault(setting.stratum, []).append(setting)
    ordered = chain(*groups.values())
    return {", ".join(setting.levels.values()) or _ALL: setting for setting in ordered}


def heads(answer: Answer) -> dict[str, str]:
    """How `strata` calls what the answer's comparisons name by the levels alone."""
    return {setting.stratum: _words(setting)[1] for setting in answer.settings}


def _words(setting: Setting) -> tuple[str, str]:
    """The level of the first factor; those of the others, with their names."""
    (_, treatment), *others = setting.levels.items() or (("", _ALL),)
    return treatment, ", ".join(f"{name} {level}" for name, level in others)


def one_by_one(found: Strata[T], most: int) -> list[Strata[T]]:
    """A page a stratum, or several where one has more than `most` rows."""
    return [{head: part} for head, rows in found.items() for part in _parts(rows, most)]


def together(found: Strata[T], most: int) -> list[Strata[T]]:
    """As many strata a page as have up to `most` rows; one that has more takes several pages."""
    pages: list[dict[str, Mapping[str, T]]] = []
    room = 0
    for head, rows in found.items():
        for part in _parts(rows, most):
            if len(part) > room:
                pages.append({})
                room = most
            pages[-1][head] = part
            room -= len(part)
    return list(pages)


def _parts(rows: Mapping[str, T], most: int) -> Iterator[Mapping[str, T]]:
    """Parts of about the same size, in order."""
    left, parts = iter(rows.items()), -(-len(rows) // most)
    for part in range(parts):
        size = (len(rows) * (part + 1)) // parts - (len(rows) * part) // parts
        yield dict(islice(left, size))
