"""Files that are published somewhere: what they must be, and the addresses that serve them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from actscope._errors import ActscopeError
from actscope.data._reading import sha256


@dataclass(frozen=True)
class Source:
    """Files that belong together, and the addresses that serve them.

    Attributes:
        folder: name of the folder that holds them, under `ACTSCOPE_DATA` or the user's cache.
        files: the published SHA-256 of each file, in hexadecimal digits, by the file's name.
        addresses: where the files lie, tried in turn; a file's own is `address/name`.
        max_bytes: size of the largest file; an answer that goes on beyond it is cut off.
        licence: the terms under which others publish the files.
    """

    folder: str
    files: Mapping[str, str]
    addresses: tuple[str, ...]
    max_bytes: int
    licence: str


def damaged(source: Source, files: Mapping[str, Path]) -> dict[str, str]:
    """The SHA-256 of each of `files` that is not the published one, by the file's name."""
    sums = {name: sha256(path) for name, path in files.items()}
    return {name: found for name, found in sums.items() if found != source.files[name]}


def check(source: Source, files: Mapping[str, Path]) -> None:
    """Do nothing where all `files` are what was published.

    Raises:
        ActscopeError: one of them is not; it is left as it is.
    """
    for name, found in damaged(source, files).items():
        raise ActscopeError(
            f"{files[name]} has the SHA-256 sum {found}",
            expected=f"{source.files[name]}, as published",
            do="move it away and run the same command again, which downloads it, or put a whole "
            "copy in its place; it was left as it is",
        )
