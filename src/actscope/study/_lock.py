"""One run at a time in a study's folder."""

import json
import os
import platform
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from actscope._errors import ActscopeError
from actscope._form import require

NAME = ".lock"
_LONGEST = 10_000  # characters; a holder writes a hundred


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """No other run works in `folder` meanwhile, on this machine or on one that shares the disk.

    The kernel takes the lock back when its holder ends, however it ends. The file stays: to remove
    it would let in one run by the old file and one by a new one.

    Args:
        folder: is there already.

    Raises:
        ActscopeError: another run works there; the message says which.
        OSError: the folder cannot be written to, or its disk knows no locks.
    """
    import fcntl

    with (folder / NAME).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _taken(folder, file) from error
        _sign(file)
        try:
            yield
        finally:
            file.truncate(0)


def holder(folder: Path) -> dict[str, Any] | None:
    """Who works in `folder` now: `pid`, `host` and `started`; None if nobody does.

    Empty if that one has only just begun.

    Raises:
        OSError: the lock cannot be looked at.
    """
    import fcntl

    if not (folder / NAME).exists():
        return None
    with (folder / NAME).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _signed(file)
    return None


def _sign(file: IO[str]) -> None:
    holder = {
        "pid": os.getpid(),
        "host": platform.node(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    file.truncate(0)
    file.write(json.dumps(holder))
    file.flush()


def _taken(folder: Path, file: IO[str]) -> ActscopeError:
    signed = _signed(file)
    who = "process {pid} on {host}, since {started}".format_map(signed) if signed else "another run"
    return ActscopeError(
        f"{folder} is in use by {who}",
        expected="one run at a time in a folder",
        do="wait for it to end, or stop it; or name another folder (--out)",
    )


def _signed(file: IO[str]) -> dict[str, Any]:
    """What the holder has written; nothing if it has locked this very moment."""
    file.seek(0)
    try:
        signed = json.loads(file.read(_LONGEST))
        require(signed, {"pid": int, "host": str, "started": str}, "the lock")
    except (ValueError, RecursionError, ActscopeError):
        return {}
    return signed
