"""One run at a time in a study's folder."""

import json
import os
import platform
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from actscope._errors import ActscopeError

NAME = ".lock"


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
    file.seek(0)
    try:
        holder = json.loads(file.read())
    except ValueError:  # locked this very moment, and not signed yet
        who = "another run"
    else:
        who = "process {pid} on {host}, since {started}".format_map(holder)
    return ActscopeError(
        f"{folder} is in use by {who}",
        expected="one run at a time in a folder",
        do="wait for it to end, or stop it; or name another folder (--out)",
    )
