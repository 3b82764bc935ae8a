"""`actscope train`: one network by the tutorial's recipe."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from actscope._errors import IncompleteError
from actscope.cli._options import Activation, Dataset, Hidden, Json, widths
from actscope.cli._output import console, write_figure, write_json
from actscope.cli._progress import shown


def train(
    activation: Activation = "relu",
    dataset: Dataset = "fashion_mnist",
    hidden: Hidden = "512,256,256,128",
    epochs: Annotated[int, typer.Option(help="Passes over the training set, at most.")] = 50,
    patience: Annotated[
        int, typer.Option(help="Stop after so many epochs without a better one.")
    ] = 7,
    seed: Annotated[int, typer.Option(help="Of the weights and of the order of the batches.")] = 42,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Where the run goes.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Train anew although a trained network is there.")
    ] = False,
    json: Json = None,
) -> None:
    """Train one network; skipped where it is trained already, continued where it was stopped."""
    from actscope import activations, data, figures, networks, study
    from actscope.training import Job, Recipe

    function = activations.get(activation)
    recipe = Recipe(epochs=epochs, patience=patience)
    sizes = widths(hidden)
    loaded = data.load(dataset)
    recipe = replace(recipe, batch_size=min(recipe.batch_size, len(loaded.train)))
    network = networks.MLP(function, sizes, loaded.num_classes)
    job = Job(network, loaded, recipe, seed)
    name = f"{loaded.name}-{function.slug}-seed-{seed}"
    folder = Path(out or f"actscope-runs/train-{name}")
    output = console(json)
    if not overwrite and (folder / networks.FILE_NAME).exists():
        output.print(
            f"a trained network is in {folder}; --overwrite trains it anew", soft_wrap=True
        )
    with shown(1) as observe:
        run = study.train(
            job, folder, overwrite=overwrite, watch=lambda progress: observe(name, progress)
        )
    document = run.to_json()
    write_json(str(folder / "run.json"), document)
    write_json(json, document)
    curve = ""
    if run.history.epochs:
        drawn = {function.label: figures.LearningCurve.of(run.history)}
        curve = write_figure(folder / "learning_curve.png", figures.learning_curves(drawn)).name
    best = run.history.best
    output.print(
        f"{len(run.history.epochs)} epochs in {run.seconds:.1f} s; best validation accuracy "
        f"{best.validation_accuracy:.2%} after epoch {best.number}"
        if best
        else "no epoch finished"
    )
    output.print(f"test accuracy {run.test.accuracy:.2%}; dead units {list(run.dead)}")
    output.print(f"in {folder}: {networks.FILE_NAME}, run.json, {curve}", soft_wrap=True)
    if run.history.diverged_at:
        raise IncompleteError(
            f"training diverged: the loss at step {run.history.diverged_at} is not finite; "
            f"the best network before that is kept in {folder}",
            do="try a smaller learning rate, another activation or initialisation",
        )
