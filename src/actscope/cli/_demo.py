"""`actscope demo`: the main job end to end, in minutes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope.cli._devices import one_a_core
from actscope.cli._output import console, messages, table, write_figure
from actscope.cli._progress import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from actscope.data import Dataset
    from actscope.stats import Interval
    from actscope.study import Run


def demo(
    out: Annotated[
        str, typer.Option(metavar="DIR", help="Where runs and figures go.")
    ] = "actscope-runs/demo",
) -> None:
    """Compare all activations on real images: a table, and the tutorial's figures."""
    one_a_core()
    dataset = _dataset()
    from actscope import study, tutorial

    jobs = study.demo_jobs(dataset)
    recipe = next(iter(jobs.values())).recipe
    console().print(
        f"{len(jobs)} networks on {dataset.name}, {len(dataset.train):,} training images, "
        f"{recipe.epochs} epochs each"
    )
    with shown(len(jobs)) as observe:
        runs = study.run(jobs, Path(out) / "runs", observe=observe)
    console().print(_table(tutorial.by_activation(runs)))
    console().print(
        "mean and its 95 % t interval over seeds given this data; a few epochs, so a slow starter "
        "is not yet a bad one",
        style="dim",
    )
    with messages().status("drawing"):
        exhibits = tutorial.exhibits_of_runs(dataset, runs)
        for name, figure in tutorial.gallery(exhibits):
            write_figure(Path(out) / "figures" / f"{name}.png", figure)
    console().print(f"figures in {Path(out) / 'figures'}, networks in {Path(out) / 'runs'}")


def _dataset() -> "Dataset":
    """FashionMNIST, or where it cannot be had the digits that need no file."""
    from actscope import data

    try:
        return data.load("fashion_mnist")
    except data.UnavailableError as error:
        messages().print(f"scikit-learn's digits instead of FashionMNIST: {error}", soft_wrap=True)
        return data.load("digits")


def _table(groups: "Mapping[str, Sequence[Run]]") -> "Table":
    from actscope import stats

    made = table(
        "activation", "test accuracy", "95 % interval", "seeds", "seconds a run", "dead units"
    )
    for label, runs in groups.items():
        found = stats.mean_interval([run.test.accuracy for run in runs])
        made.add_row(
            label,
            f"{found.mean:.2%}",
            _interval(found),
            str(found.n),
            f"{sum(run.seconds for run in runs) / len(runs):.1f}",
            " ".join(
                f"{sum(layer) / len(runs):.3g}"
                for layer in zip(*(run.dead for run in runs), strict=True)
            ),
        )
    return made


def _interval(found: "Interval") -> str:
    if found.low is None or found.high is None:
        return "needs two seeds"
    return f"{found.low:.2%} … {found.high:.2%}"
