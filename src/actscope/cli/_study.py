"""`actscope study`: many networks, one answer."""

import csv
import io
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope._errors import ActscopeError, unknown
from actscope.cli._devices import keep_programs, one_a_core
from actscope.cli._options import Format, Json, folder, require_study
from actscope.cli._output import (
    STANDARD_OUTPUT,
    console,
    messages,
    require_file,
    write_figures,
    write_json,
    write_lines,
    write_page,
)
from actscope.cli._study_tables import print_answer, print_estimate, print_status
from actscope.cli._study_view import following

if TYPE_CHECKING:
    from actscope.answers import Answer
    from actscope.study import Engine as Trains
    from actscope.study import Plan

_ENGINES = ("local", "ray")
_HERE = "actscope-runs"

study = typer.Typer(
    no_args_is_help=True, help="Many networks, one answer: every factor an axis, many seeds."
)

Spec = Annotated[str, typer.Argument(metavar="SPEC.toml", help="What to study: docs/studies.md.")]
Dir = Annotated[str, typer.Argument(metavar="DIR", help="The study's folder.")]
Engine = Annotated[
    str, typer.Option(metavar="NAME", help="What trains: local, this machine; or ray, a cluster.")
]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="ADDR",
        help="Of a Ray cluster that runs, or auto; default: one is begun here for the time.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Networks at a time; default: as many as cores."),
]
MaxMembers = Annotated[
    int, typer.Option(metavar="N", min=1, help="Refuse a study of more networks than this.")
]


def _csv(target: str | None) -> str | None:
    if target is not None and target != STANDARD_OUTPUT:
        require_file(target)
    return target


@study.command()
def run(
    spec: Spec,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            callback=folder,
            help="The study's folder; default: actscope-runs/study-NAME.",
        ),
    ] = None,
    engine: Engine = "local",
    address: Address = None,
    workers: Workers = None,
    max_members: MaxMembers = 10**6,
    ending: Format = "png",
) -> None:
    """Train what is not trained yet, and print the answer.

    Interrupted or killed, the same command goes on. More seeds or more values of an axis in the
    file extend the study: only the new networks are trained.
    """
    trains = _engine(engine, address, workers)
    from actscope import study

    plan = study.plan(study.read(spec, max_members=max_members))
    place = out or f"{_HERE}/study-{plan.spec.name}"
    _run(plan, place, Path(spec).read_text("utf-8"), trains, ending)


@study.command()
def resume(
    directory: Dir,
    engine: Engine = "local",
    address: Address = None,
    workers: Workers = None,
    ending: Format = "png",
) -> None:
    """Go on with a study where it stopped."""
    trains = _engine(engine, address, workers)
    from actscope import study

    text = require_study(directory).read_text("utf-8")
    _run(study.plan(study.Folder(Path(directory)).read()), directory, text, trains, ending)


@study.command()
def plan(
    spec: Spec,
    workers: Workers = None,
    max_members: MaxMembers = 10**6,
) -> None:
    """Say what a study would take: networks, time, memory, disk. Nothing is written."""
    _prepare_jax(workers)
    from actscope import study

    made = study.plan(study.read(spec, max_members=max_members))
    datasets = study.load(made)
    study.check(made.spec, datasets, source=spec)
    with messages().status("timing a few steps", spinner="line"):
        found = study.estimate(made, datasets)
    print_estimate(made, found, console())


@study.command()
def status(directory: Dir) -> None:
    """Say how far a study is, and whether somebody works on it."""
    require_study(directory)
    print_status(Path(directory), console())


@study.command()
def show(
    directory: Dir,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="AXES",
            help="Axes that make a row, such as activation,depth; the others are averaged. The "
            "first one's values are compared. Default: all.",
        ),
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="VALUE", help="What the others are compared to; default: best on validation."
        ),
    ] = None,
    correction: Annotated[
        str, typer.Option(metavar="NAME", help="holm or benjamini_hochberg.")
    ] = "holm",
    relevant: Annotated[
        float, typer.Option(metavar="X", help="Smallest difference of scores that matters.")
    ] = 0.005,
    target: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            help="Validation score whose first epoch is told; default: nine tenths of the way from "
            "guessing to the best.",
        ),
    ] = None,
    ending: Format = "png",
    json: Json = None,
    csv: Annotated[
        str | None,
        typer.Option(
            "--csv", metavar="FILE", callback=_csv, help="Write a row a setting; - as of --json."
        ),
    ] = None,
) -> None:
    """Print what a study has found so far, and draw it."""
    require_study(directory)
    from actscope import answers, study

    axes = [name.strip() for name in by.split(",")] if by is not None else None
    found = answers.answers(
        directory,
        by=axes,
        compare=compare,
        correction=correction,
        relevant=relevant,
        target=target,
    )
    quiet = STANDARD_OUTPUT if STANDARD_OUTPUT in (json, csv) else None
    _show(directory, found, quiet, ending)
    if json is not None:
        write_json(json, answers.document(study.Folder(Path(directory)).read().name, found))
    _write_csv(csv, found)


def _run(plan: "Plan", place: str, text: str, trains: "Trains", ending: str) -> None:
    from actscope import answers, report, study

    command = shlex.join(["actscope", *sys.argv[1:]])
    with following(messages()) as watcher:
        study.run(plan, place, text=text, watcher=watcher, command=command, engine=trains)
    found = answers.answers(place)
    _show(place, found, None, ending)
    page = study.Folder(Path(place)).report
    write_page(str(page), lambda: report.study_page(place, found))
    console().print(f"page in {page}", soft_wrap=True)


def _show(place: str, found: "Sequence[Answer]", quiet: str | None, ending: str) -> None:
    from actscope import report

    output = console(quiet)
    for answer in found:
        print_answer(answer, output)
    figures = Path(place) / "figures"
    with messages().status("drawing", spinner="line"):
        write_figures(figures, report.gallery(found), ending)
    output.print(f"\nfigures in {figures}", soft_wrap=True)


def _write_csv(target: str | None, found: "Sequence[Answer]") -> None:
    from actscope import answers

    if target is None:
        return
    lines = list(answers.rows(found))
    names = list(dict.fromkeys(name for line in lines for name in line))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    write_lines(target, text.getvalue())


def _prepare_jax(workers: int | None) -> None:
    one_a_core(workers)
    keep_programs()


def _engine(name: str, address: str | None, workers: int | None) -> "Trains":
    """What trains; jax is told how it is to see this machine."""
    if name not in _ENGINES:
        raise unknown("engine", name, _ENGINES)
    if address is not None and name != "ray":
        raise ActscopeError("--address without a cluster", do="add --engine ray")
    _prepare_jax(workers)
    from actscope import study

    return study.local if name == "local" else study.Ray(address, workers)
