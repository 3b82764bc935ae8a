"""Names as they are shown: whatever they hold, in one line that fits."""

from collections.abc import Iterable

_LONGEST = 48  # characters


def brief(names: Iterable[str]) -> dict[str, str]:
    """For each name what to show: printable, not too long, and unlike all others."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(names):
        shown = short(name)
        number = 1
        while shown in taken:
            number += 1
            shown = f"{short(name)} ({number})"
        taken.add(shown)
        found[name] = shown
    return found


def short(name: str) -> str:
    """One name likewise, which may then be that of another."""
    # What turns the direction of text is not printable either.
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)
    half = _LONGEST // 2
    return shown if len(shown) <= _LONGEST else f"{shown[:half]}…{shown[-half:]}"
