"""`actscope probe`: signals, gradients and dead units of a network."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope._errors import unknown
from actscope.cli import _findings as findings
from actscope.cli._devices import keep_programs
from actscope.cli._looked import DATASET, UNTRAINED, looked, of_ours
from actscope.cli._options import Activation, Hidden, Json, Plot, page, widths
from actscope.cli._output import console, table, write_figure, write_json, write_page

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from actscope.data import Dataset
    from actscope.networks import FeedForward, Saved
    from actscope.probing import Profile, Site

_MOST_SITES = 120  # of more, as where a network reads a long sequence, the first and the last
_FEW_SITES = 12  # so many numbers can be read in a line


def probe(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A run's folder, a network's file, a .tar of the tutorial, untrained, or "
            "package.module:callable, which returns (fn, params, batches, loss) of your model.",
        ),
    ],
    dataset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Default: what it was trained on; else fashion_mnist."),
    ] = None,
    split: Annotated[
        str, typer.Option(metavar="PART", help="train, validation, test or first256.")
    ] = "train",
    activation: Activation = "relu",
    hidden: Hidden = "512,256,256,128",
    seed: Annotated[int, typer.Option(metavar="N", help="Of an untrained network.")] = 42,
    init: Annotated[
        str, typer.Option(metavar="NAME", help="Initialisation of an untrained network.")
    ] = "pytorch",
    stream: Annotated[
        str, typer.Option(metavar="NAME", help="Its random numbers: default, or tutorial.")
    ] = "default",
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 1 if a finding is an error.")
    ] = False,
    remedy: Annotated[
        bool,
        typer.Option("--remedy", help="Try what may help, in short trainings: minutes."),
    ] = False,
    plot: Plot = None,
    report: Annotated[
        str | None,
        typer.Option(metavar="FILE.html", callback=page, help="Write all of it as one page."),
    ] = None,
    json: Json = None,
) -> None:
    """Look into a network, layer by layer, and say what is wrong with it.

    Signals, gradients and dead units over a data set, and findings with their evidence.

    --plot draws two pictures: what becomes of signal and gradient from the first site to the last,
    and, in a file whose name ends in -distributions, histograms of every site.
    """
    keep_programs()
    from actscope import activations, networks

    if target == UNTRAINED:
        begin, function, sizes = _stream(stream), activations.get(activation), widths(hidden)

        def untrained(loaded: "Dataset") -> "Saved":
            network = networks.FeedForward(function, sizes, loaded.num_classes, initialisation=init)
            return begin(network, loaded, seed)

        seen = of_ours(untrained, dataset or DATASET, split)
    else:
        seen = looked(target, dataset, split)
    output = console(json)
    output.print(_sites(seen.profile))
    output.print(f"\n{seen.title}", soft_wrap=True)
    output.print(_sums(seen.profile))
    findings.show(output, seen.profile.findings)
    found = seen.profile.to_json()
    remedies = seen.remedies() if remedy else None
    if remedies is not None:
        findings.show_remedies(output, remedies)
        found["remedies"] = remedies.to_json()
    if report:
        from actscope.report import probe_page

        write_page(report, lambda: probe_page(seen.title, seen.profile, remedies))
        output.print(f"page in {report}", soft_wrap=True)
    if plot:
        _draw(seen.profile, Path(plot), output)
    write_json(json, found)
    if strict and any(finding.severity == "error" for finding in seen.profile.findings):
        raise typer.Exit(1)


def _stream(name: str) -> "Callable[[FeedForward, Dataset, int], Saved]":
    """What begins an untrained network: with JAX's random numbers, or with the tutorial's."""
    from actscope import networks, study, tutorial

    def legacy(network: "FeedForward", dataset: "Dataset", seed: int) -> "Saved":
        features = math.prod(dataset.image_shape)
        params = tutorial.initial_params(network, seed=seed, features=features)
        return networks.Saved(network, params, {})

    streams = {"default": study.untrained, "tutorial": legacy}
    if name not in streams:
        raise unknown("stream", name, streams)
    return streams[name]


def _sites(profile: "Profile") -> "Table":
    from actscope.probing._table import elided

    made = table(
        "site", "units", "pre\nstd", "post\nmean", "post\nstd", "zeros", "gradient\nstd", "dead",
        "saturated",
    )  # fmt: skip
    rows = [_cells(site) for site in profile.sites]
    for cells in elided(rows, _MOST_SITES, lambda more: (f"… {more:,} more",)):
        made.add_row(*cells)
    return made


def _cells(site: "Site") -> tuple[str, ...]:
    return (
        site.name,
        str(site.units),
        f"{site.pre.std:.3g}",
        f"{site.post.mean:.3g}",
        f"{site.post.std:.3g}",
        f"{site.post.fraction_zero:.1%}",
        f"{site.gradient.std:.3g}" if site.gradient else "",
        f"{site.dead.sum()} ({site.dead.mean():.2%})",
        "–" if math.isnan(site.saturated_fraction) else f"{site.saturated_fraction:.1%}",
    )


def _draw(profile: "Profile", to: Path, output: "Console") -> None:
    """The sites through depth into a file, and their distributions into one beside it."""
    beside = to.with_stem(f"{to.stem}-distributions")
    for path, what in ((to, "depth"), (beside, "distributions")):
        output.print(f"drawn in {write_figure(path, profile.plot(what))}", soft_wrap=True)


def _sums(profile: "Profile") -> str:
    parts = [
        f"loss {profile.loss:.4g}" if profile.loss is not None else "",
        f"accuracy {profile.accuracy:.2%}" if profile.accuracy is not None else "",
        f"dead units {_dead(profile)}",
        f"{len(profile.excluded)} places passed over" if profile.excluded else "",
    ]
    return ", ".join(part for part in parts if part)


def _dead(profile: "Profile") -> str:
    """A number a site, or, where there are many, how many there are in all."""
    if len(profile.dead) <= _FEW_SITES:
        return str(profile.dead)
    return f"{sum(profile.dead):,} at {sum(map(bool, profile.dead))} of {len(profile.dead)} sites"
