"""`actscope probe`: signals, gradients and dead units of a network."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope._errors import ActscopeError, unknown
from actscope._target import is_target
from actscope.cli._options import Activation, Hidden, Json, Plot, widths
from actscope.cli._output import console, table, write_figure, write_json

if TYPE_CHECKING:
    from rich.table import Table

    from actscope.data import Dataset
    from actscope.networks import FeedForward, Saved
    from actscope.probing import Profile

_UNTRAINED = "untrained"
_DATASET = "fashion_mnist"


def probe(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A run's folder, a network's file, a .tar of the tutorial, or untrained.",
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
    plot: Plot = None,
    json: Json = None,
) -> None:
    """Look into a network, layer by layer.

    Signals, gradients and dead units over a data set.
    """
    from actscope import activations, data, figures, networks, study

    if target == _UNTRAINED:
        begin, function, sizes = _stream(stream), activations.get(activation), widths(hidden)
        loaded = data.load(dataset or _DATASET)
        network = networks.FeedForward(function, sizes, loaded.num_classes, initialisation=init)
        saved = begin(network, loaded, seed)
    else:
        saved = _saved(target)
        loaded = data.load(dataset or _trained_on(saved))
    profile = study.probe(saved, loaded, loaded.split(split))
    output = console(json)
    output.print(_sites(profile))
    label = saved.network.activation.label
    output.print(f"\n{label} on {profile.examples:,} examples of {loaded.name} ({split})")
    output.print(_sums(profile))
    if plot:
        signals = list(profile.signals().items())
        drawn = write_figure(plot, figures.activation_distributions(label, signals))
        output.print(f"drawn in {drawn}", soft_wrap=True)
    write_json(json, profile.to_json())


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


def _saved(target: str) -> "Saved":
    """The network that a folder or a file holds."""
    from actscope import networks, tutorial

    path = Path(target)
    if path.suffix in (".tar", ".config"):
        return tutorial.load(path)
    if path.exists():
        return networks.load(path)
    raise ActscopeError(
        f"{target!r} is {'a model of your own' if is_target(target) else 'not there'}",
        expected=f"a run's folder, a network's file, a .tar of the tutorial, or {_UNTRAINED}",
    )


def _trained_on(saved: "Saved") -> str:
    """The name of the data set that a run's notes tell of; the tutorial's where there are none."""
    told = saved.notes.get("identity", {}).get("dataset", {})
    for file in told.get("checksums", {}):
        if file.endswith(".npz"):  # a file of one's own may be called like a known data set
            raise ActscopeError(
                f"the network was trained on {file}", do=f"say where that is: --dataset {file}"
            )
    return told.get("name", _DATASET)


def _sites(profile: "Profile") -> "Table":
    made = table(
        "site", "units", "pre\nstd", "post\nmean", "post\nstd", "zeros", "gradient\nstd", "dead",
        "saturated",
    )  # fmt: skip
    for site in profile.sites:
        made.add_row(
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
    return made


def _sums(profile: "Profile") -> str:
    parts = [
        f"loss {profile.loss:.4g}" if profile.loss is not None else "",
        f"accuracy {profile.accuracy:.2%}" if profile.accuracy is not None else "",
        f"dead units {profile.dead}",
    ]
    return ", ".join(part for part in parts if part)
