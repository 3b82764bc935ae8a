"""What leaves the program: tables for people, JSON for programs, pictures for both."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from actscope._atomic import replacing, write_text
from actscope._errors import ActscopeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STANDARD_OUTPUT = "-"
_WIDE = 160
_PICTURES = (".png", ".svg", ".pdf")


def console(json_target: str | None = None) -> Console:
    """Where tables go: standard output, or nowhere if `--json -` claims that for itself."""
    made = Console(quiet=json_target == STANDARD_OUTPUT, highlight=False)
    if not made.is_terminal:
        made.width = max(made.width, _WIDE)  # a file or a pipe has no edge
    return made


def messages() -> Console:
    """Where progress and remarks go: standard error."""
    return Console(stderr=True, highlight=False)


def table(*columns: str, words: tuple[str, ...] = ()) -> Table:
    """An empty table: names in the first column, then numbers, set to the right.

    Args:
        columns: their headings.
        words: headings of those that hold words, set to the left.
    """
    made = Table(box=None, pad_edge=False)
    for index, column in enumerate(columns):
        is_words = index == 0 or column in words
        made.add_column(column, justify="left" if is_words else "right", overflow="fold")
    return made


def write_json(target: str | None, document: Mapping[str, Any]) -> None:
    """Write `document` to a file, whole or not at all, or to standard output for `-`."""
    if target is None:
        return
    text = json.dumps(_finite(document), allow_nan=False, ensure_ascii=False) + "\n"
    if target == STANDARD_OUTPUT:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        write_text(target, text)


def write_figure(path: Path | str, figure: "Figure") -> Path:
    """Save a figure, whole or not at all, in the format that the file's ending names.

    Raises:
        ActscopeError: the ending names no format that we write.
    """
    path = picture(path)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=150)
    return path


def picture(path: Path | str) -> Path:
    """`path`, if its ending names a format that we write: to be asked before any work is done."""
    if Path(path).suffix.lower() not in _PICTURES:
        raise ActscopeError(f"--plot {path}", expected=f"a file ending in {', '.join(_PICTURES)}")
    return Path(path)


def _finite(value: Any) -> Any:
    """The same document with null for NaN and infinity, which JSON does not know."""
    if isinstance(value, Mapping):
        return {str(key): _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
