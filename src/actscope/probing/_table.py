"""A profile in words and numbers, for a terminal: a line a site, and what is wrong."""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from actscope.probing._finding import Finding, by_rule
from actscope.probing._site import Site

T = TypeVar("T")

HEADS = (
    *("site", "activation", "role", "units", "dead", "saturated"),
    *("gradient rms", "correlation", "effective rank"),
)
WORDS = 3  # the first columns; the others hold numbers
_LONGEST = 40  # characters of a name
_MOST = 20  # sites in a terminal; of more, the first and the last


def heading(
    sites: Sequence[Site], examples: int, loss: float | None, accuracy: float | None
) -> str:
    """How much was seen, and how well the network does."""
    parts = [f"{len(sites):,} site{'s' * (len(sites) != 1)} over {examples:,} examples"]
    parts += [f"loss {number(loss)}"] if loss is not None else []
    parts += [f"accuracy {share(accuracy)}"] if accuracy is not None else []
    return ", ".join(parts)


def row(site: Site) -> tuple[str, ...]:
    """The cells of a site, below `HEADS`."""
    dead = int(site.dead.sum())
    return (
        *(site.name, site.activation, site.role, f"{site.units:,}"),
        f"{dead:,} ({share(dead / site.units)})" if dead else "0",
        share(site.saturated_fraction),
        number(site.gradient.rms) if site.gradient else "–",
        number(site.correlation),
        number(site.effective_rank),
    )


def number(value: float) -> str:
    """Three digits; "–" for what is not known."""
    return f"{value:.3g}" if math.isfinite(value) else "–"


def share(value: float) -> str:
    """A share of 1 in percent."""
    return f"{100 * value:.3g} %" if math.isfinite(value) else "–"


def text(title: str, sites: Sequence[Site], findings: Sequence[Finding]) -> str:
    """Title, table and findings, in so few lines that they fit a screen."""
    rows = [HEADS, *elided([tuple(map(_short, row(site))) for site in sites], _MOST, gap)]
    sizes = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(size) if place < WORDS else cell.rjust(size)
            for place, (cell, size) in enumerate(zip(cells, sizes, strict=True))
        ).rstrip()
        for cells in rows
    ]
    told = [f"{named(group)}: {group[0].advice}" for group in by_rule(findings)]
    return "\n".join(map(_printable, [title, *lines, *told]))


def elided(rows: Sequence[T], most: int, gap: Callable[[int], T]) -> list[T]:
    """The rows; of more than `most` the first and the last, and what tells of those between."""
    half = most // 2
    if len(rows) <= most:
        return list(rows)
    return [*rows[:half], gap(len(rows) - 2 * half), *rows[-half:]]


def gap(more: int) -> tuple[str, ...]:
    """The cells of the row that stands for those left out, below `HEADS`."""
    return f"… {more:,} more", *[""] * (len(HEADS) - 1)


def _short(cell: str) -> str:
    half = _LONGEST // 2
    return cell if len(cell) <= _LONGEST else f"{cell[:half]}…{cell[-half:]}"


def named(group: Sequence[Finding]) -> str:
    """What a rule found, in a few words."""
    first = group[0]
    where = f"at {first.site}" if first.site else ""
    places = f"at {len(group)} sites" if len(group) > 1 else where
    return f"{first.rule} ({', '.join(filter(None, [first.severity, places]))})"


def _printable(line: str) -> str:
    """On one line, and without what a terminal takes for an order: a name may hold anything."""
    return "".join(sign if sign.isprintable() else "�" for sign in line)
