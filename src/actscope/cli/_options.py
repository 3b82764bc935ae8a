"""Options that several commands share."""

from typing import Annotated

import typer

from actscope._errors import ActscopeError

Json = Annotated[
    str | None,
    typer.Option(
        "--json", metavar="FILE", help="Write the numbers as JSON; - for standard output."
    ),
]
Plot = Annotated[
    str | None,
    typer.Option("--plot", metavar="FILE", help="Draw into this .png, .svg or .pdf file."),
]
Activation = Annotated[
    str, typer.Option(metavar="NAME", help="In the table, or package.module:callable.")
]
Dataset = Annotated[
    str, typer.Option(metavar="NAME", help="As in `actscope data list`, or a FILE.npz.")
]
Hidden = Annotated[str, typer.Option(metavar="WIDTHS", help="Widths of the hidden layers.")]


def widths(text: str) -> tuple[int, ...]:
    """The whole numbers in a list such as `512,256`.

    Raises:
        ActscopeError: it is no such list.
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise ActscopeError(
            f"--hidden {text!r}", expected="whole numbers separated by commas, such as 512,256"
        ) from error
