"""Options that several commands share. What can be refused is refused before any work is done."""

from pathlib import Path
from typing import Annotated

import typer

from actscope._errors import ActscopeError, unknown
from actscope.cli._output import PICTURES, STANDARD_OUTPUT, require_file, require_folder


def _json(target: str | None) -> str | None:
    if target is not None and target != STANDARD_OUTPUT:
        require_file(target)
    return target


def _plot(target: str | None) -> str | None:
    if target is not None:
        endings = [f".{name}" for name in PICTURES]
        if Path(target).suffix.lower() not in endings:
            raise ActscopeError(
                f"--plot {target}", expected=f"a file ending in {', '.join(endings)}"
            )
        require_file(target)
    return target


def _format(name: str) -> str:
    if name.lower() not in PICTURES:
        raise unknown("format", name, PICTURES)
    return name.lower()


def page(target: str | None) -> str | None:
    """`target`, if a file can be written there."""
    if target is not None:
        require_file(target)
    return target


def folder(target: str | None) -> str | None:
    """`target`, if it is a folder to write in, or may become one."""
    if target is not None:
        require_folder(target)
    return target


def require_study(directory: str) -> Path:
    """The specification in a study's folder.

    Raises:
        ActscopeError: there is none.
    """
    path = Path(directory) / "study.toml"
    if not path.is_file():
        raise ActscopeError(
            f"{directory} holds no study",
            expected="the folder of a study",
            do="begin one: actscope study run SPEC.toml --out DIR",
        )
    return path


Json = Annotated[
    str | None,
    typer.Option(
        "--json",
        metavar="FILE",
        callback=_json,
        help="Write the numbers as JSON; - for standard output, and then nothing else goes there.",
    ),
]
Plot = Annotated[
    str | None,
    typer.Option(
        "--plot", metavar="FILE", callback=_plot, help="Draw into this .png, .svg or .pdf file."
    ),
]
Format = Annotated[
    str,
    typer.Option(
        "--format", metavar="NAME", callback=_format, help="Of the figures: png, svg or pdf."
    ),
]
Out = Annotated[
    str, typer.Option(metavar="DIR", callback=folder, help="Where runs and figures go.")
]
Activation = Annotated[
    str,
    typer.Option(metavar="NAME", help="As in `actscope functions`, or a package.module:function."),
]
Hidden = Annotated[
    str, typer.Option(metavar="WIDTHS", help="Widths of the hidden layers, from the first on.")
]


def widths(text: str) -> tuple[int, ...]:
    """The whole numbers in a list such as `512,256`.

    Raises:
        ActscopeError: it is no such list.
    """
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = (0,)
    if min(found) < 1:
        raise ActscopeError(
            f"--hidden {text!r}",
            expected="whole numbers above 0, separated by commas, such as 512,256",
        )
    return found
