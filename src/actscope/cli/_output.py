"""What leaves the program: tables for people, JSON for programs, pictures for both."""

import json
import math
import os
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from actscope._atomic import remove_unfinished, replacing, write_text
from actscope._errors import ActscopeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from actscope.pages import Page

STANDARD_OUTPUT = "-"
PICTURES = ("png", "svg", "pdf")  # formats of a figure, which are the endings of their files
_WIDE = 160

_TIME = {"svg": "Date", "pdf": "CreationDate"}  # what matplotlib calls it; PNG has none
_FILE = {
    "svg.fonttype": "none",  # text stays text: it can be searched, copied and read aloud
    "svg.hashsalt": "actscope",  # the same names inside of a file whenever it is written
    "pdf.fonttype": 42,  # TrueType, whole enough to be edited; many journals refuse Type 3
}


def console(json_target: str | None = None) -> Console:
    """Where tables go: standard output, or nowhere if `--json -` claims that for itself."""
    # A file or a pipe has no edge, unless the user says where it is.
    edge = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDE
    # Brackets and colons in a user's file names are no markup.
    return Console(
        quiet=json_target == STANDARD_OUTPUT, width=edge, highlight=False, markup=False, emoji=False
    )


def messages() -> Console:
    """Where progress and remarks go: standard error."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def table(*columns: str, words: tuple[str, ...] = ()) -> Table:
    """An empty table: names in the first column, then numbers, set to the right.

    Args:
        columns: their headings.
        words: headings of those that hold words, set to the left.
    """
    name, *others = columns
    made = Table(box=None, pad_edge=False)
    made.add_column(name, no_wrap=True)  # to be copied whole
    for other in others:
        made.add_column(other, justify="left" if other in words else "right", overflow="fold")
    return made


def write_json(target: str | None, document: Mapping[str, Any]) -> None:
    """Write `document` to a file, whole or not at all, or to standard output for `-`.

    Raises:
        ActscopeError: the file cannot be written.
    """
    if target is not None:
        # ASCII alone: it stays whole whatever encoding standard output has.
        write_lines(target, json.dumps(_finite(document), allow_nan=False) + "\n")


def write_lines(target: str, text: str) -> None:
    """Write `text` to a file, whole or not at all, or to standard output for `-`.

    Raises:
        ActscopeError: the file cannot be written.
    """
    if target == STANDARD_OUTPUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    with _writing(target):
        write_text(target, text)


def write_page(target: str, make: "Callable[[], Page]") -> None:
    """Make a page, and write it to a file, whole or not at all.

    Raises:
        ActscopeError: the file cannot be written.
    """
    from actscope import pages

    with messages().status("writing the page", spinner="line"):
        write_lines(target, pages.render(make()))


def write_figure(path: Path | str, figure: "Figure") -> Path:
    """Save a figure, whole or not at all, in the format that the file's ending names.

    The same figure is the same bytes: no time stands in them, nor do a user's settings of
    matplotlib enter.

    Raises:
        ActscopeError: the file cannot be written.
    """
    import matplotlib.style

    time = _TIME.get(Path(path).suffix[1:].lower())
    with (
        _writing(path),
        replacing(path) as temporary,
        matplotlib.style.context(["default", _FILE]),
    ):
        figure.savefig(temporary, dpi=150, metadata={time: None} if time else {})
    return Path(path)


def write_figures(folder: Path, figures: "Iterable[tuple[str, Figure]]", ending: str) -> None:
    """Save each figure in a folder, under its name.

    Raises:
        ActscopeError: a file cannot be written.
    """
    for name, figure in figures:
        write_figure(folder / f"{name}.{ending}", figure)


def require_file(path: Path | str) -> None:
    """Raise if no file can be written to `path`, as far as can be seen before it is tried."""
    if Path(path).exists() and not Path(path).is_file():
        raise ActscopeError(f"{path} is not a regular file", expected="a file name to write to")
    require_folder(Path(path).parent)


def require_folder(path: Path | str) -> None:
    """Raise if no folder `path` to write in is there or can be made, as far as can be seen."""
    there = next(part for part in (Path(path), *Path(path).parents) if part.exists())
    if not there.is_dir():
        raise ActscopeError(f"{there} is a file", expected="a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ActscopeError(f"{there} cannot be written to", expected="a folder to write in")


@contextmanager
def _writing(path: Path | str) -> Generator[None, None, None]:
    try:
        remove_unfinished(path)
        yield
    except OSError as error:
        raise ActscopeError(
            f"{path} cannot be written ({error.strerror})",
            expected="a file in a folder to write in, with room for it",
        ) from error


def _finite(value: Any) -> Any:
    """The same document with null for NaN and infinity, which JSON does not know."""
    if isinstance(value, Mapping):
        return {str(key): _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
