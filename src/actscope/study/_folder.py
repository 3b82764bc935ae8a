"""A study's folder: what lies where, and how it gets there so that nothing is ever lost."""

import hashlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from actscope._atomic import remove_unfinished, write_text
from actscope._errors import ActscopeError
from actscope.study import _lock, _shard
from actscope.study._outcome import Outcome
from actscope.study._plan import extends
from actscope.study._spec import Spec, differences
from actscope.study._specfile import read

_MOST_MEMBERS = 10**7


@dataclass(frozen=True)
class Folder:
    """Where a study lies: its specification, record, checkpoints, figures, report and log.

    Attributes:
        path: the folder, which need not be there yet.
    """

    path: Path

    @property
    def spec(self) -> Path:
        """The specification, as it was given. A folder with one is a study's."""
        return self.path / "study.toml"

    @property
    def record(self) -> Path:
        """The folder of the shards."""
        return self.path / "record"

    @property
    def checkpoints(self) -> Path:
        """The folder of what is not finished yet."""
        return self.path / "checkpoints"

    @property
    def figures(self) -> Path:
        """The folder of the figures."""
        return self.path / "figures"

    @property
    def report(self) -> Path:
        """The interactive page."""
        return self.path / "report.html"

    @property
    def log_file(self) -> Path:
        """What `log` writes to."""
        return self.path / "log"

    def is_study(self) -> bool:
        """Whether a study was begun here."""
        return self.spec.is_file()

    def read(self) -> Spec:
        """The specification of the study here, of however many members it was allowed to be.

        Raises:
            ActscopeError: there is none, or it is damaged, or of more members than fit in memory.
        """
        return read(self.spec, max_members=_MOST_MEMBERS)

    def shards(self) -> tuple[Path, ...]:
        """The finished shards, by name; a hidden file is one whose writer was or is at work."""
        files = self.record.glob("*.parquet")
        return tuple(sorted(path for path in files if not path.name.startswith(".")))

    def holder(self) -> dict[str, Any] | None:
        """Who works here now: `pid`, `host` and `started`; None if nobody does."""
        with _writing(self.path):
            return _lock.holder(self.path)

    @contextmanager
    def alone(self) -> Generator[None]:
        """No other run works here meanwhile. The folder is made if need be.

        Raises:
            ActscopeError: another run works here, it is a folder of something else than a study,
                or it cannot be written to.
        """
        self._require_free()
        with ExitStack() as stack:
            with _writing(self.path):
                self.path.mkdir(parents=True, exist_ok=True)
                stack.enter_context(_lock.alone(self.path))
            yield

    def prepare(self, text: str, spec: Spec) -> None:
        """Make the folder one of this study, or of this extension of the study that it is of.

        Call it within `alone`. What a killed run was writing is removed.

        Args:
            text: the specification as it was given.
            spec: what it means.

        Raises:
            ActscopeError: the folder is another study's; the message says what differs. Or it
                cannot be written to.
        """
        old = self.read() if self.is_study() else None
        if old is not None and old != spec and not extends(spec, old):
            raise _another(self.path, differences(old, spec))
        with _writing(self.path):
            remove_unfinished(self.spec)
            for unfinished in self.record.glob(".*.parquet"):
                unfinished.unlink(missing_ok=True)
            self.record.mkdir(exist_ok=True)
            if old != spec:
                write_text(self.spec, text)

    def add(self, outcomes: Sequence[Outcome], provenance: Mapping[str, Any]) -> Path:
        """Put a finished shard into the record, whole or not at all.

        Its name follows from its members: the same ones, trained again, take its place.

        Returns:
            The file.

        Raises:
            ActscopeError: the folder or the disk does not take it.
        """
        names = "\n".join(sorted(outcome.id for outcome in outcomes))
        path = self.record / f"{hashlib.sha256(names.encode()).hexdigest()[:16]}.parquet"
        with _writing(path):
            _shard.write(path, outcomes, provenance)
        return path

    def log(self, line: str) -> None:
        """Append a line to the log, after the time (UTC).

        Raises:
            ActscopeError: the folder or the disk does not take it.
        """
        time = datetime.now(UTC).isoformat(timespec="seconds")
        with _writing(self.log_file), self.log_file.open("a", encoding="utf-8") as file:
            file.write(f"{time} {' '.join(line.splitlines())}\n")

    def _require_free(self) -> None:
        """Nothing of somebody else's is here. Hidden files and empty folders are no obstacle."""
        if self.is_study() or not self.path.is_dir():
            return
        for entry in sorted(self.path.iterdir()):
            if not entry.name.startswith(".") and not (entry.is_dir() and _is_empty(entry)):
                raise ActscopeError(
                    f"{self.path} holds {entry.name!r}, and no study",
                    expected="a new or empty folder, or one in which a study was begun",
                    do="name another folder (--out)",
                )


def _is_empty(folder: Path) -> bool:
    return next(folder.iterdir(), None) is None


def _another(folder: Path, differences: Sequence[str]) -> ActscopeError:
    return ActscopeError(
        f"{folder} holds another study ({'; '.join(differences)})",
        expected="the same specification, or one with more seeds or more values of an axis",
        do="name another folder (--out)",
    )


@contextmanager
def _writing(path: Path) -> Generator[None]:
    """Whatever the file system refuses meanwhile is said of `path`."""
    try:
        yield
    except OSError as error:
        raise ActscopeError(
            f"{path} cannot be written ({error.strerror or error})",
            expected="a folder to write in, with room for the files",
            do="mend that and run the same command again: what is finished is kept",
        ) from error
