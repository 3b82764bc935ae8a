"""Downloads: whole and as published, or not at all."""

import os
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from actscope._errors import ActscopeError
from actscope.data._folders import folders, locate, offline
from actscope.data._progress import Progress, shown
from actscope.data._source import Source, check, damaged

_CHUNK = 2**16
_TIMEOUT = (10.0, 30.0)  # seconds for an address to answer at all, and between two of its bytes
# A server must not pack or unpack what is compressed already: the sum is that of the file.
_HEADERS = {"Accept-Encoding": "identity"}


class UnavailableError(ActscopeError):
    """A file is not here and cannot be had: no address gives it, or downloads are forbidden."""


class _RefusedError(Exception):
    """What is wrong with one address; the next one may do better."""


def download(
    source: Source, names: Iterable[str] | None = None, *, progress: Progress | None = None
) -> dict[str, Path]:
    """The files of `source`, downloaded where they are not here yet.

    The addresses are tried in turn, from the start of the file. Nothing stands under a file's name
    before all of it is on the disk and its sum is right. One process at a time downloads into a
    folder; the others wait, and find the files there.

    Args:
        source: what to bring, and from where.
        names: which of its files; all where None.
        progress: called as `progress(name, received, total)` with bytes while a file comes; where
            None, a bar is shown if standard error is a terminal.

    Returns:
        The path of each file by its name.

    Raises:
        UnavailableError: no address gives a file, or `ACTSCOPE_OFFLINE` is set.
        ActscopeError: a file that is here is not the published one (it is left as it is), or the
            folder cannot be written to.
    """
    wanted = list(source.files if names is None else names)
    here = {name: path for name, path in locate(source).items() if name in wanted}
    check(source, here)
    missing = [name for name in wanted if name not in here]
    if missing:
        folder = folders()[0] / source.folder
        if offline():
            raise _forbidden(source, missing, folder)
        with _writing(folder), _alone(folder), shown(progress) as report:
            here |= {name: _bring(source, name, folder, report) for name in missing}
    return {name: here[name] for name in wanted}


def _forbidden(source: Source, missing: list[str], folder: Path) -> UnavailableError:
    looked = " and ".join(str(place / source.folder) for place in folders())
    return UnavailableError(
        f"{', '.join(missing)} not found in {looked}, and ACTSCOPE_OFFLINE is set",
        do=f"unset it, or put the files from {source.addresses[0]} into {folder}",
    )


@contextmanager
def _writing(folder: Path) -> Generator[None, None, None]:
    """`folder` is there; whatever the file system refuses in it is said of it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> ActscopeError:
    return ActscopeError(
        f"{folder} cannot be written to ({error.strerror})",
        expected="a folder for downloads, with room in it",
        do="set ACTSCOPE_DATA to such a folder",
    )


@contextmanager
def _alone(folder: Path) -> Generator[None, None, None]:
    """No other process downloads into `folder` meanwhile."""
    import fcntl

    # The kernel takes the lock back when its holder ends, however it ends. The file stays: to
    # remove it would let in one process by the old file and one by a new one.
    with (folder / ".lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _bring(source: Source, name: str, folder: Path, report: Progress) -> Path:
    path = folder / name
    if path.is_file():  # another process brought it while this one waited
        check(source, {name: path})
        return path
    # Always the same name, so that what a killed download left is overwritten, not piled up.
    part = folder / f".{name}.part"
    failures: list[str] = []
    try:
        for address in source.addresses:
            try:
                _receive(f"{address}/{name}", part, source, report)
                _compare(source, name, part)
            except _RefusedError as failure:
                failures.append(f"{address}/{name} ({failure})")
            else:
                return part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    raise UnavailableError(
        f"{name} could not be downloaded from {', nor from '.join(failures)}",
        do=f"look whether you are connected and try again, or put the file into {folder} yourself",
    )


def _receive(url: str, part: Path, source: Source, report: Progress) -> None:
    name = url.rpartition("/")[2]
    with part.open("wb") as file:
        _stream(url, _Body(name, file, source.max_bytes, report))
        file.flush()
        os.fsync(file.fileno())


def _compare(source: Source, name: str, part: Path) -> None:
    if wrong := damaged(source, {name: part}):
        raise _RefusedError(f"its SHA-256 sum is {wrong[name]}, not {source.files[name]}")


@dataclass
class _Body:
    """The file that an answer is written to: counts, bounds and reports what comes."""

    name: str
    file: IO[bytes]
    max_bytes: int
    report: Progress
    total: int = 0
    received: int = 0

    def write(self, chunk: bytes) -> None:
        self.received += len(chunk)
        if self.received > self.max_bytes:
            raise _RefusedError(f"it sends more than {self.max_bytes} bytes")
        try:
            self.file.write(chunk)
        except OSError as error:  # the disk's, which another address does not mend
            raise _unwritable(Path(self.file.name).parent, error) from error
        self.report(self.name, self.received, self.total)

    def flush(self) -> None:
        """Nothing: pooch asks for it at every chunk, and once at the end is enough."""


def _stream(url: str, body: _Body) -> None:
    from pooch import HTTPDownloader

    with ExitStack() as stack:

        def opened(response: Any, **_: Any) -> None:
            stack.callback(response.close)  # pooch leaves the connection open when it is cut off
            body.total = max(0, int(response.headers.get("Content-Length", 0)))

        get = HTTPDownloader(
            chunk_size=_CHUNK, timeout=_TIMEOUT, headers=_HEADERS, hooks={"response": opened}
        )
        try:
            get(url, body, None)
        except (OSError, ValueError) as error:  # requests' own are OSErrors
            raise _RefusedError(_cause(error)) from error


def _cause(error: BaseException) -> str:
    """What lies at the bottom of an error, such as `[Errno 111] Connection refused`."""
    while under := error.__cause__ or error.__context__:
        error = under
    return str(error)
