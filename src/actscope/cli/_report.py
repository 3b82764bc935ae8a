"""`actscope report`: a study as one page."""

from pathlib import Path
from typing import Annotated

import typer

from actscope.cli._options import folder, require_study
from actscope.cli._output import console, require_file, write_page


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
    require_study(directory)
    target = out or str(Path(directory) / "report.html")
    require_file(target)
    from actscope import answers, report

    found = answers.answers(directory)
    write_page(target, lambda: report.study_page(directory, found))
    console().print(f"page in {target}", soft_wrap=True)
