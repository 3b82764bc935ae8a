"""Files that are there whole or not at all."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from uuid import uuid4

from actscope._errors import ActscopeError


@contextmanager
def replacing(path: Path | str) -> Generator[Path]:
    """A temporary path beside `path` that takes its name once the block ends without an error.

    The bytes are on the disk (fsync) before the name is, so neither a killed process nor a power
    cut leaves half a file under `path`; what stood there before stays until then. On an error the
    temporary file is removed. Parent folders are made.

    Args:
        path: the file to write or replace.

    Yields:
        The temporary path to write to; it keeps the suffix of `path`.

    Raises:
        ActscopeError: `path` exists and is not a regular file (a folder, a device).
        OSError: the folder or the disk does not take the file.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        raise ActscopeError(f"{path} is not a regular file", expected="a file name to write to")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(_unfinished(path, uuid4().hex))
    try:
        yield temporary
        _sync(temporary)
        temporary.replace(path)
        _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path | str, content: str) -> None:
    """Write `content` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, content.encode())


def remove_unfinished(path: Path | str) -> None:
    """Remove what killed processes left beside `path` while they were writing it."""
    path = Path(path)
    for left in path.parent.glob(_unfinished(Path(escape(path.name)), "?" * 32)):
        left.unlink(missing_ok=True)


def _unfinished(path: Path, mark: str) -> str:
    return f".{path.stem}-{mark}{path.suffix}"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
