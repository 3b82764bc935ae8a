"""`actscope demo`: the main job end to end, in minutes."""

from pathlib import Path
from typing import TYPE_CHECKING

from actscope.cli._devices import one_a_core
from actscope.cli._options import Format, Out
from actscope.cli._output import console, messages, table, write_figures, write_page
from actscope.cli._progress import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from actscope.data import Dataset
    from actscope.pages import Page
    from actscope.stats import Interval
    from actscope.study import Run


def demo(out: Out = "actscope-runs/demo", ending: Format = "png") -> None:
    """Compare the classical activations on real images.

    A table, and the tutorial's figures.

    Interrupted, the same command goes on from the last finished epoch of each network.
    """
    one_a_core()
    dataset, output = _dataset(), console()
    from actscope import study, tutorial

    jobs = study.demo_jobs(dataset)
    recipe = next(iter(jobs.values())).recipe
    output.print(
        f"{len(jobs)} networks on {dataset.name}: {len(dataset.train):,} training images, "
        f"{recipe.epochs} epochs each\n"
    )
    place = Path(out) / dataset.name
    with shown(len(jobs)) as observe:
        runs = study.train_all(jobs, place / "runs", observe=observe)
    output.print(_table(tutorial.by_activation(runs)))
    output.print(
        "\nMean over seeds given this data, with its 95 % t interval; dead units of each layer, "
        "first to last.\nAfter so few epochs a slow starter is not yet a bad one."
    )
    with messages().status("drawing", spinner="line"):
        exhibits = tutorial.exhibits_of_runs(dataset, runs)
        write_figures(place / "figures", tutorial.gallery(exhibits), ending)
    output.print(f"\nfigures in {place / 'figures'}", soft_wrap=True)
    _write_page(place / "report.html", dataset, tutorial.by_activation(runs))
    output.print(f"page in {place / 'report.html'}", soft_wrap=True)
    output.print(f"networks in {place / 'runs'}", soft_wrap=True)


def _write_page(to: Path, dataset: "Dataset", runs: "Mapping[str, Sequence[Run]]") -> None:
    from actscope import report, study

    def page() -> "Page":
        profiles = {
            label: study.examine(found[0].saved, dataset, dataset.train)
            for label, found in runs.items()
        }
        return report.runs_page(f"Activation functions on {dataset.name}", runs, profiles)

    write_page(str(to), page)


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
        "activation", "test\naccuracy", "95 %\ninterval", "seeds", "seconds\na run", "dead units"
    )
    for label, runs in groups.items():
        found = stats.mean_interval([run.test.score for run in runs])
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
