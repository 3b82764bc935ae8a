"""What the captions of several figures say in the same way."""

from collections.abc import Iterable
from dataclasses import replace

from actscope.answers import Answer, Setting
from actscope.figures import ACCURACY, R_SQUARED, Scale

_SCALES = {scale.name: scale for scale in (ACCURACY, R_SQUARED)}


def scale(answer: Answer, part: str) -> Scale:
    """How the score of an answer is written.

    Args:
        answer: whose score.
        part: of the data: `validation` or `test`.
    """
    found = _SCALES.get(answer.score) or replace(R_SQUARED, name=answer.score)
    return replace(found, name=f"{part} {found.name}")


def caption(*sentences: str) -> str:
    """The sentences that are not empty, each with its full stop."""
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def plural(count: int, noun: str) -> str:
    """`1 network`, `2 networks`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def seeds(counts: Iterable[int]) -> str:
    """How many seeds stand behind several numbers."""
    found = set(counts)
    low, high = min(found), max(found)
    if high == 1:
        return "n = 1 seed, from which no interval follows"
    return f"n = {high} seeds" if low == high else f"n = {low} to {high} seeds"


def failures(settings: Iterable[Setting]) -> str:
    """A sentence on the networks that diverged; empty where none did."""
    found = [setting.failures for setting in settings]
    failed, members = sum(each.k for each in found), sum(each.n for each in found)
    verb = "counts" if failed == 1 else "count"
    said = f"{failed:,} of {plural(members, 'network')} diverged and {verb} at chance level"
    return said if failed else ""


def factors(what: str, settings: Iterable[Setting]) -> str:
    """What the labels of `labelled` are made of; empty where there is one factor or none."""
    names = next(iter(settings)).levels
    return f"{what}: {', '.join(names)}" if len(names) > 1 else ""
