"""`actscope reproduce`: every published figure of the tutorial beside ours."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope.cli._devices import one_a_core
from actscope.cli._options import Json
from actscope.cli._output import console, messages, table, write_figure, write_json
from actscope.cli._progress import shown

if TYPE_CHECKING:
    from rich.table import Table

    from actscope.data import Dataset
    from actscope.study import Run
    from actscope.tutorial import Figure, Retrained


def reproduce(
    pretrained: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder of the tutorial's networks; default: fetched."),
    ] = None,
    retrain: Annotated[
        bool, typer.Option("--retrain", help="Train the six activations anew as well.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each, with --retrain.")] = 10,
    out: Annotated[
        str, typer.Option(metavar="DIR", help="Where figures and runs go.")
    ] = "actscope-runs/reproduce-tutorial3",
    json: Json = None,
) -> int:
    """Print what the tutorial publishes beside what comes out here.

    Exit status: 0 all reproduced, 1 a figure differs, 3 a network of the tutorial is missing.
    """
    if retrain:
        one_a_core()
    from actscope import data, tutorial

    dataset, output = data.load("fashion_mnist"), console(json)
    networks = tutorial.pretrained(Path(pretrained) if pretrained else None)
    runs = _train(dataset, seeds, Path(out)) if retrain else {}
    with messages().status("measuring") as status:
        measured = tutorial.measure(
            dataset, networks, learning=tutorial.learning(runs), watch=status.update
        )
    figures = tutorial.reproduce(measured)
    output.print(_numbers(figures))
    output.print(_claims(figures))
    rows = tutorial.retrained(tutorial.accuracies(runs)) if runs else ()
    if rows:
        output.print(_retrained(rows))
    with messages().status("drawing"):
        exhibits = tutorial.exhibits_of_tutorial(dataset, measured, runs)
        for name, figure in tutorial.gallery(exhibits):
            write_figure(Path(out) / "figures" / f"{name}.png", figure)
    output.print(f"figures in {Path(out) / 'figures'}", soft_wrap=True)
    write_json(json, tutorial.to_json(figures, rows))
    return tutorial.exit_status(figures)


def _train(dataset: "Dataset", seeds: int, out: Path) -> "Mapping[str, Run]":
    from actscope import study, tutorial

    jobs = tutorial.jobs(dataset, seeds)
    with shown(len(jobs)) as observe:
        return study.run(jobs, out / "runs", observe=observe)


def _numbers(figures: "Sequence[Figure]") -> "Table":
    made = table(
        "published figure", "published", "reproduced", "status", "note", words=("status", "note")
    )
    for figure in figures:
        if not figure.is_claim:
            made.add_row(
                figure.id,
                _value(figure.published, figure.unit),
                _value(figure.reproduced, figure.unit),
                figure.status,
                figure.note,
            )
    return made


def _claims(figures: "Sequence[Figure]") -> "Table":
    made = table(
        "claim",
        "the tutorial's words",
        "what we measure",
        "holds",
        words=("the tutorial's words", "what we measure", "holds"),
    )
    for figure in figures:
        if figure.is_claim:
            holds = {True: "yes", False: "no", None: "not known"}[figure.holds]
            note = f"\n({figure.note})" if figure.note else ""
            name = figure.id.removeprefix("claim.")
            made.add_row(name, f"“{figure.published}”", f"{figure.reproduced or '–'}{note}", holds)
    return made


def _retrained(rows: "Sequence[Retrained]") -> "Table":
    made = table(
        "activation",
        "published",
        "mean",
        "95 % of the mean",
        "95 % of a new run",
        "n",
        "published run",
    )
    for row in rows:
        made.add_row(
            row.activation,
            f"{row.published:.2%}",
            f"{row.mean:.2%}",
            _span(row.low, row.high),
            _span(row.run_low, row.run_high),
            str(row.n),
            row.words,
        )
    return made


def _span(low: float | None, high: float | None) -> str:
    return "needs two seeds" if low is None or high is None else f"{low:.2%} … {high:.2%}"


def _value(value: object, unit: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, tuple):
        return " ".join(f"{each:g}" for each in value)
    return f"{value:.2%}" if unit == "fraction of 1" else f"{value:g}"
