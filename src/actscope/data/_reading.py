"""A file from anywhere, read so that whatever is wrong with it is said in one line."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from actscope._errors import ActscopeError


@contextmanager
def reading(path: Path, kind: str) -> Generator[BufferedReader, None, None]:
    """The opened file; whatever a reader raises over its content names the file afterwards.

    Args:
        path: the file; it is only read.
        kind: what it should have been, such as `"an IDX file"`.

    Raises:
        ActscopeError: the file cannot be opened, or the block raised anything.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise ActscopeError(
            f"{path} cannot be opened ({error.strerror})", expected=f"{kind} that you may read"
        ) from error
    except ValueError as error:
        raise ActscopeError(f"{str(path)!r}: {error}", expected=f"the path of {kind}") from error
    with file:
        try:
            yield file
        except ActscopeError:
            raise
        # gzip, tarfile, zipfile and NumPy raise a dozen types between them over damaged files.
        except Exception as error:
            raise ActscopeError(
                f"{path} is damaged, incomplete or not of its kind "
                f"({type(error).__name__}: {error})",
                expected=kind,
                do="put a whole copy in its place; the file was left as it is",
            ) from error


def sha256(path: Path) -> str:
    """The SHA-256 sum of a file, in hexadecimal digits."""
    with reading(path, "a file") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
