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


def drawn(answer: Answer, whole: int, few: int) -> tuple[Strata[Setting], str]:
    """The strata of which every setting is drawn, and in words which those are if it is not all.

    Of more than `whole` settings about `few` are taken by a fixed rule: strata evenly spaced in
    their order, the first among them, and within one that is larger than that its settings alike.
    """
    found, total = strata(answer), len(answer.settings)
    if total <= whole:
        return found, ""
    heads = evenly([*found], max(1, few // max(map(len, found.values()))))
    kept = {
        head: {name: found[head][name] for name in evenly([*found[head]], few)} for head in heads
    }
    count = sum(map(len, kept.values()))
    where = f"{len(heads):,} of {len(found):,} combinations of the other factors"
    return kept, f"drawn are {count:,} of {total:,} settings: {where}, evenly spaced in their order"


def evenly(items: Sequence[T], most: int) -> list[T]:
    """All of them, or as many as may be, evenly spaced in their order, the first among them."""
    if len(items) <= most:
        return list(items)
    return [items[place * (len(items) - 1) // max(most - 1, 1)] for place in range(most)]


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
