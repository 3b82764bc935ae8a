"""`actscope report`: a study or a run as one page, or two of them side by side."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope._errors import ActscopeError
from actscope.cli._devices import one_a_core
from actscope.cli._options import folder
from actscope.cli._output import console, require_file, write_page
from actscope.cli._probe import trained_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actscope.answers import Answer
    from actscope.pages import Page


def report(
    directory: Annotated[
        str, typer.Argument(metavar="DIR", callback=folder, help="The folder of a study or a run.")
    ],
    other: Annotated[
        str | None,
        typer.Argument(metavar="DIR2", help="Another of the same kind, to stand beside it."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE.html", help="The page; default: report.html in the folder."),
    ] = None,
) -> None:
    """Write what a study found or a run came to as one interactive page that needs nothing else."""
    places = [Path(each) for each in (directory, other) if each is not None]
    kinds = [_kind(place) for place in places]
    if len(set(kinds)) > 1:
        raise ActscopeError(
            f"{places[0]} is a {kinds[0]}, {places[1]} a {kinds[1]}",
            expected="two studies or two runs",
        )
    target = out or str(places[0] / ("report.html" if other is None else f"beside-{_name(other)}"))
    require_file(target)
    one_a_core()
    write_page(target, lambda: _page([_seen(each, kinds[0]) for each in places]))
    console().print(f"page in {target}", soft_wrap=True)


def _name(other: str) -> str:
    return f"{Path(other).resolve().name}.html"


def _kind(place: Path) -> str:
    from actscope import networks

    if (place / "study.toml").is_file():
        return "study"
    if (place / networks.FILE_NAME).is_file():
        return "run"
    raise ActscopeError(
        f"{place} holds no study and no run",
        expected="the folder of a study or of a trained network",
        do="begin one: actscope study run SPEC.toml --out DIR, or actscope train --out DIR",
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """A page, and of a study what it answers."""

    page: "Page"
    answers: "Sequence[Answer]" = ()


def _seen(place: Path, kind: str) -> _Seen:
    from actscope import answers, data, report, study

    if kind == "study":
        found = answers.answers(place)
        return _Seen(report.study_page(place, found), found)
    run = study.Run.open(place)
    dataset = data.load(trained_on(run.saved))
    profile = study.examine(run.saved, dataset, dataset.train)
    title = f"{run.label} on {dataset.name}, seed {run.seed}"
    return _Seen(report.runs_page(title, {run.label: [run]}, {run.label: profile}))


def _page(seen: "Sequence[_Seen]") -> "Page":
    from actscope import report

    if len(seen) == 1:
        return seen[0].page
    one, other = seen
    return report.beside(one.page, other.page, tuple(report.joint(one.answers, other.answers)))
