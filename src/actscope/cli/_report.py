"""`actscope report`: a study as one page."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope._errors import ActscopeError
from actscope.cli._options import folder
from actscope.cli._output import console, messages, require_file, write_lines

if TYPE_CHECKING:
    from actscope.answers import Answer


def report(
    directory: Annotated[
        str, typer.Argument(metavar="DIR", callback=folder, help="The folder of a study.")
    ],
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE.html", help="The page; default: report.html in the folder."),
    ] = None,
) -> None:
    """Write what a study found as one interactive page that needs nothing else."""
    path = Path(directory)
    if not (path / "study.toml").is_file():
        raise ActscopeError(
            f"{directory} holds no study",
            expected="the folder of a study",
            do="begin one: actscope study run SPEC.toml --out DIR",
        )
    target = out or str(path / "report.html")
    require_file(target)
    from actscope import answers

    write_page(path, answers.answers(path), target)
    console().print(f"page in {target}", soft_wrap=True)


def write_page(study: Path, answers: "Sequence[Answer]", target: str) -> None:
    """The page of a study's answers, into a file."""
    from actscope import pages, report

    with messages().status("writing the page", spinner="line"):
        write_lines(target, pages.render(report.study_page(study, answers)))
