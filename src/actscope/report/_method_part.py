"""How the numbers of a study came about, and what is missing."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from actscope.answers import Answer
from actscope.pages import Block, Part, Prose, Table
from actscope.study import Record

_LONGEST = 20_000  # letters of a specification


def method(folder: Path, record: Record, answers: Sequence[Answer]) -> Part:
    """Specification, versions, device, data, and what diverged."""
    members = record.members
    diverged = len(members) - members["diverged_at"].null_count
    seeds = sorted({seed for answer in answers for seed in answer.seeds})
    told = (
        f"{len(members):,} networks, {diverged:,} of which diverged and count at chance level; "
        f"seeds {', '.join(map(str, seeds[:20]))}{' …' if len(seeds) > 20 else ''}."
    )
    spec = (folder / "study.toml").read_text("utf-8")
    cut = "" if len(spec) <= _LONGEST else f"; the first {_LONGEST:,} of {len(spec):,} letters"
    known = list(record.provenance.values())
    blocks: list[Block] = [
        Prose(tuple(f"Made by: {each}" for each in dict.fromkeys(_commands(known)))),
        Table("Versions, device, data", ("what", "value"), tuple(_rows(known)), 2),
        Table(
            f"The specification, study.toml{cut}",
            ("line",),
            tuple((line,) for line in spec[:_LONGEST].splitlines()),
            1,
            folded=True,
        ),
    ]
    return Part("Method", told, tuple(blocks))


def _commands(known: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from (str(each.get("command", "")) for each in known)


def _rows(known: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(name for each in known for name in each if name != "command"):
        values = dict.fromkeys(_words(each.get(name)) for each in known)
        yield name, "; ".join(list(values)[:4]) + (" …" if len(values) > 4 else "")


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
