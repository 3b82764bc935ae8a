"""Errors that are written for the person who reads them: got, expected, do.

Every error that a user can cause is an `ActscopeError`; the command line prints it as one
`error:` line and leaves with its `status`. Anything else that escapes is a bug of ours.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from reprlib import Repr
from typing import Any

_MANY = 30  # names that a person still looks through

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 200


class ActscopeError(Exception):
    """Bad input or environment: what was found, what was expected, what to do.

    Args:
        found: what was found, naming the user's own argument or file.
        expected: what would have been right.
        do: what to do about it.
    """

    status = 2
    problems: tuple[str, ...] = ()  # each in a line of its own, where there are several

    def __init__(self, found: str, *, expected: str = "", do: str = ""):
        parts = [found, f"expected {expected}" if expected else "", do]
        super().__init__(_visible("; ".join(part for part in parts if part)))


def _visible(text: str) -> str:
    """Without what a stranger's file could tell a terminal to do, or that cannot be printed."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in text
    )


class IncompleteError(ActscopeError):
    """The work is done in part: the message says what is missing and why."""

    status = 3


def unknown(kind: str, got: str, known: Iterable[str]) -> ActscopeError:
    """The error for a name that is not in a table, with the nearest names as a question.

    Args:
        kind: what the name should have named, such as `"activation"`.
        got: the name as the user wrote it.
        known: the names that would have been right.
    """
    names = sorted(known)
    got = got[:1000]  # of a stranger's file, in which a name may be a megabyte
    near = get_close_matches(got, names, n=2, cutoff=0.6)
    question = f"did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
    more = [f"… ({len(names)} in all)"] if len(names) > _MANY else []
    expected = f"one of {', '.join([*names[:_MANY], *more])}" if names else ""
    return ActscopeError(f"unknown {kind} {shown(got)}", expected=expected, do=question)


def shown(value: Any) -> str:
    """A value as an error shows it: however large or deep it is, in a line that ends."""
    try:
        return _SHORT.repr(value)
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return f"{type(value).__name__} with a number of thousands of digits"
