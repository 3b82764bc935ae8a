"""Which data sets there are, and which of their files are on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from actscope.data._catalogue import KNOWN, known
from actscope.data._download import download
from actscope.data._folders import locate
from actscope.data._progress import Progress
from actscope.data._source import damaged


@dataclass(frozen=True)
class Status:
    """Which files of a data set are here.

    Attributes:
        name: the data set's.
        licence: the terms under which others publish the files.
        files: the path of each file that is here, by its name.
        missing: the names of those that are not.
        damaged: the names of those that are here and not what was published; None where nobody
            looked.
    """

    name: str
    licence: str
    files: Mapping[str, Path]
    missing: tuple[str, ...]
    damaged: tuple[str, ...] | None

    @property
    def present(self) -> bool:
        """Whether every file is here, in whatever state."""
        return not self.missing

    @property
    def whole(self) -> bool | None:
        """Whether every file is here and what was published; None where nobody looked."""
        return None if self.damaged is None else not (self.missing or self.damaged)


def names() -> tuple[str, ...]:
    """The names that `load` knows."""
    return tuple(KNOWN)


def fetch(name: str, *, progress: Progress | None = None) -> list[Path]:
    """The files of the data set called `name`, downloaded where they are not here yet.

    Args:
        name: one of `names()`.
        progress: as of `download`.

    Raises:
        UnavailableError: a file is not here and cannot be had.
        ActscopeError: there is no such data set, a file of it is damaged, or the folder cannot be
            written to.
    """
    return list(download(known(name).source, progress=progress).values())


def status() -> tuple[Status, ...]:
    """Of each known data set, which files are here; nothing is read."""
    return tuple(_status(name) for name in KNOWN)


def verify(name: str) -> Status:
    """Which files of the data set called `name` are here, and whether they are what was published.

    Raises:
        ActscopeError: there is no such data set, or a file of it cannot be read.
    """
    found = _status(name)
    return replace(found, damaged=tuple(damaged(known(name).source, found.files)))


def _status(name: str) -> Status:
    source = known(name).source
    here = locate(source)
    missing = tuple(file for file in source.files if file not in here)
    return Status(name, source.licence, here, missing, None)
