"""`actscope train`: one network by the tutorial's recipe."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope._errors import IncompleteError
from actscope.cli._options import Activation, Format, Hidden, Json, folder, widths
from actscope.cli._output import console, write_figure, write_json
from actscope.cli._progress import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from actscope.study import Run

_JSON, _CURVE = "run.json", "learning_curve"


def train(
    activation: Activation = "relu",
    dataset: Annotated[
        str, typer.Option(metavar="NAME", help="As in `actscope data list`, or a FILE.npz.")
    ] = "fashion_mnist",
    hidden: Hidden = "512,256,256,128",
    epochs: Annotated[
        int, typer.Option(metavar="N", help="Passes over the training set, at most.")
    ] = 50,
    patience: Annotated[
        int, typer.Option(metavar="N", help="Stop after so many epochs without a better one.")
    ] = 7,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Of the weights and of the order of the batches.")
    ] = 42,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            callback=folder,
            help="Where the run goes; default: actscope-runs/train-DATASET-ACTIVATION-seed-N.",
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", metavar="", help="Train anew although a trained network is there."
        ),
    ] = False,
    ending: Format = "png",
    json: Json = None,
) -> None:
    """Train one network by the tutorial's recipe.

    Skipped where it is trained already, continued where it was stopped.
    """
    from actscope import activations, data, networks, study
    from actscope.training import Job, Recipe

    function, sizes = activations.get(activation), widths(hidden)
    recipe = Recipe(epochs=epochs, patience=patience)
    loaded = data.load(dataset)
    # A data set of one's own may be smaller than a batch.
    recipe = replace(recipe, batch_size=min(recipe.batch_size, len(loaded.train)))
    job = Job(networks.FeedForward(function, sizes, loaded.num_classes), loaded, recipe, seed)
    place = Path(out or f"actscope-runs/train-{loaded.name}-{function.slug}-seed-{seed}")
    is_there = (place / networks.FILE_NAME).exists() and not overwrite
    with shown(1) as observe:
        run = study.train(
            job, place, overwrite=overwrite, watch=lambda now: observe(function.label, now)
        )
    output = console(json)
    if is_there:
        output.print(f"trained already; --overwrite trains it anew: {place}", soft_wrap=True)
    _print(run, place, _keep(run, place, ending), output)
    write_json(json, run.to_json())
    _require_whole(run, place)


def _keep(run: "Run", place: Path, ending: str) -> list[str]:
    """Lay beside the network what a person and a script look at; the names of all files."""
    from actscope import figures, networks

    files = [networks.FILE_NAME, _JSON]
    write_json(str(place / _JSON), run.to_json())
    if run.history.epochs:
        curve = figures.LearningCurve.of(*run.history.curve)
        file = f"{_CURVE}.{ending}"
        write_figure(place / file, figures.learning_curves({run.label: curve}))
        files.append(file)
    return files


def _print(run: "Run", place: Path, files: "Sequence[str]", output: "Console") -> None:
    if best := run.history.best:
        output.print(
            f"{len(run.history.epochs)} epochs in {run.seconds:.1f} s; best validation accuracy "
            f"{best.validation_score:.2%} after epoch {best.number}"
        )
    output.print(f"test accuracy {run.test.score:.2%}; dead units {list(run.dead)}")
    output.print(f"in {place}: {', '.join(files)}", soft_wrap=True)


def _require_whole(run: "Run", place: Path) -> None:
    if run.history.diverged_at:
        kept = "best network before that" if run.history.epochs else "network before the first step"
        raise IncompleteError(
            f"training diverged: the loss at step {run.history.diverged_at} is not finite; the "
            f"{kept} is kept in {place}",
            do="try another activation, fewer layers, or data of a smaller scale",
        )
