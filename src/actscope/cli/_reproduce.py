"""`actscope reproduce`: every published figure of the tutorial beside ours."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope._errors import IncompleteError
from actscope.cli._devices import one_a_core
from actscope.cli._options import Format, Json, Out
from actscope.cli._output import console, messages, table, write_figures, write_json
from actscope.cli._progress import shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from actscope.data import Dataset
    from actscope.study import Run
    from actscope.tutorial import Figure, Retrained

_STATUSES = ("match", "mismatch", "unavailable")
# The files' names alone tell the reasons apart why one network after the other is not here.
_FILE = re.compile(r"FashionMNIST_[a-z]+")


def reproduce(
    pretrained: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder of the tutorial's networks; default: fetched."),
    ] = None,
    retrain: Annotated[
        bool, typer.Option("--retrain", metavar="", help="Train the six activations anew as well.")
    ] = False,
    seeds: Annotated[
        int, typer.Option(metavar="N", min=1, help="Runs of each, with --retrain.")
    ] = 10,
    out: Out = "actscope-runs/reproduce-tutorial3",
    ending: Format = "png",
    json: Json = None,
) -> int:
    """Print what the tutorial publishes beside ours.

    Exit status: 0 all reproduced, 1 a figure differs, 3 a network of the tutorial is missing.
    """
    if retrain:
        one_a_core()
    from actscope import data, tutorial

    dataset, output = data.load("fashion_mnist"), console(json)
    networks = tutorial.pretrained(Path(pretrained) if pretrained else None)
    runs = _train(dataset, seeds, Path(out)) if retrain else {}
    with messages().status("measuring", spinner="line") as status:
        measured = tutorial.measure(
            dataset, networks, learning=tutorial.learning(runs), watch=status.update
        )
    found = tutorial.reproduce(measured)
    rows = tutorial.retrained(tutorial.accuracies(runs))
    _print(found, rows, output)
    with messages().status("drawing", spinner="line"):
        exhibits = tutorial.exhibits_of_tutorial(dataset, measured, runs)
        pictures = chain(tutorial.gallery(exhibits), tutorial.explained(dataset))
        write_figures(Path(out) / "figures", pictures, ending)
    output.print(f"\ndrawn in {Path(out) / 'figures'}", soft_wrap=True)
    write_json(json, tutorial.to_json(found, rows))
    return _status(found)


def _train(dataset: "Dataset", seeds: int, out: Path) -> "Mapping[str, Run]":
    from actscope import study, tutorial

    jobs = tutorial.jobs(dataset, seeds)
    with shown(len(jobs)) as observe:
        return study.train_all(jobs, out / "runs", observe=observe)


def _print(found: "Sequence[Figure]", rows: "Sequence[Retrained]", output: "Console") -> None:
    numbers = [figure for figure in found if not figure.is_claim]
    output.print(_numbers(numbers))
    for note, ids in _notes(numbers).items():
        output.print(f"\n{', '.join(ids)}: {note}")
    counts = Counter(figure.status for figure in numbers)
    told = ", ".join(f"{counts[status]} {status}" for status in _STATUSES if counts[status])
    output.print(f"\n{len(numbers)} published figures: {told}\n")
    output.print(_claims([figure for figure in found if figure.is_claim]))
    if rows:
        output.print()
        output.print(_retrained(rows))


def _status(found: "Sequence[Figure]") -> int:
    from actscope import tutorial

    status = tutorial.exit_status(found)
    if status == IncompleteError.status:
        why = _notes([each for each in found if each.reproduced is None and not each.is_claim])
        raise IncompleteError(
            "; ".join(f"{', '.join(ids)} not available: {note}" for note, ids in why.items())
        )
    return status


def _numbers(numbers: "Sequence[Figure]") -> "Table":
    made = table("published figure", "published", "reproduced", "status", words=("status",))
    for figure in numbers:
        made.add_row(
            figure.id,
            _value(figure.published, figure.unit),
            _value(figure.reproduced, figure.unit),
            figure.status,
        )
    return made


def _notes(numbers: "Sequence[Figure]") -> dict[str, list[str]]:
    """Each note once, with the figures that it is for."""
    found: dict[str, list[str]] = {}
    for figure in numbers:
        if figure.note:
            found.setdefault(_FILE.sub("FashionMNIST_*", figure.note), []).append(figure.id)
    return found


def _claims(claims: "Sequence[Figure]") -> "Table":
    words = ("the tutorial's words", "what we measure", "holds")
    made = table("claim", *words, words=words)
    for claim in claims:
        measured = [str(claim.reproduced)] if claim.reproduced else []
        note = [f"({claim.note})"] if claim.note else []
        made.add_row(
            claim.id.removeprefix("claim."),
            f"“{claim.published}”",
            "\n".join(measured + note),
            {True: "yes", False: "no", None: "?"}[claim.holds],
        )
    return made


def _retrained(rows: "Sequence[Retrained]") -> "Table":
    made = table(
        "activation", "published", "mean", "95 % of\nthe mean", "95 % of\na new run", "n",
        "published run", words=("published run",),
    )  # fmt: skip
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
