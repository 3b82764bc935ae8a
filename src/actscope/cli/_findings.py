"""What is wrong with a network, in words for a terminal."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from actscope.diagnosis import Remedies
    from actscope.probing import Finding

_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_MOST_PLACES = 6


def show(output: "Console", findings: Sequence["Finding"]) -> None:
    """Print findings, one rule after the other: where, on what evidence, why, and what to do."""
    from rich.text import Text

    output.print()
    if not findings:
        output.print("nothing wrong was found")
    for (severity, rule), found in groupby(findings, key=lambda each: (each.severity, each.rule)):
        group = list(found)
        output.print(Text.assemble((severity, _STYLES[severity]), "  ", (rule, "bold")))
        for line in _lines(group):
            output.print(f"  {line}", soft_wrap=True)


def show_remedies(output: "Console", remedies: "Remedies") -> None:
    """Print what was tried, what could not be, and the change that helps most, if one does."""
    if not remedies.tried and not remedies.not_applied:
        output.print("\nno change to a model is known against these")
        return
    output.print("\ntried")
    for tried in remedies.tried:
        output.print(f"  {tried}", soft_wrap=True)
    for name, reason in remedies.not_applied:
        output.print(f"  {name}: not tried, {reason}", soft_wrap=True)
    if remedies.optimizer:
        output.print(f"  ({remedies.optimizer})")
    output.print(
        f"helps most\n  {remedies.chosen or 'nothing of that, beyond doubt'}", soft_wrap=True
    )


def _lines(group: Sequence["Finding"]) -> Iterator[str]:
    for each in group[:_MOST_PLACES]:
        yield each.told
    if len(group) > _MOST_PLACES:
        yield f"and {len(group) - _MOST_PLACES} more"
    yield group[0].why
    yield f"→ {group[0].advice}"
