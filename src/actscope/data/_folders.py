"""Where the files of a source lie on this machine."""

import os
from pathlib import Path

from actscope._errors import ActscopeError
from actscope.data._source import Source


def folders() -> tuple[Path, ...]:
    """Where sources' folders are looked for, in turn; downloads go to the first.

    `ACTSCOPE_DATA` where it is set, then the user's cache folder.
    """
    import pooch

    cache = Path(pooch.os_cache("actscope"))
    own = os.environ.get("ACTSCOPE_DATA")
    return (Path(own).expanduser(), cache) if own else (cache,)


def offline() -> bool:
    """Whether `ACTSCOPE_OFFLINE` forbids downloads: it is set, and not to 0."""
    return os.environ.get("ACTSCOPE_OFFLINE", "") not in ("", "0")


def locate(source: Source) -> dict[str, Path]:
    """The files of `source` that are here, by name: each where it is found first.

    Raises:
        ActscopeError: a folder cannot be looked into.
    """
    found: dict[str, Path] = {}
    for folder in folders():
        for name in source.files:
            if name not in found and _is_file(path := folder / source.folder / name):
                found[name] = path
    return {name: found[name] for name in source.files if name in found}


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:  # no permission to search the folder, a name too long
        raise ActscopeError(
            f"{path} cannot be looked for ({error.strerror})",
            expected="a folder that you may read",
            do="set ACTSCOPE_DATA to one",
        ) from error
