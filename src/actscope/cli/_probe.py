"""`actscope probe`: signals, gradients and dead units of a network."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope._errors import ActscopeError, unknown
from actscope._target import is_target
from actscope.cli._options import Activation, Hidden, Json, Plot, widths
from actscope.cli._output import console, picture, table, write_figure, write_json

if TYPE_CHECKING:
    from actscope import data, networks, probing

_STREAMS = ("default", "tutorial")
_DEFAULT = "fashion_mnist"


def probe(
    target: Annotated[
        str,
        typer.Argument(help="A run's folder, a network's file, the tutorial's .tar, or untrained."),
    ],
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Default: the one it was trained on.")
    ] = None,
    split: Annotated[
        str, typer.Option(metavar="PART", help="train, validation, test or first256.")
    ] = "train",
    activation: Activation = "relu",
    hidden: Hidden = "512,256,256,128",
    seed: Annotated[int, typer.Option(help="Of an untrained network.")] = 42,
    init: Annotated[
        str, typer.Option(metavar="NAME", help="Initialisation of an untrained network.")
    ] = "pytorch",
    stream: Annotated[
        str,
        typer.Option(metavar="NAME", help="Random stream: default, or the tutorial's (tutorial)."),
    ] = "default",
    plot: Plot = None,
    json: Json = None,
) -> None:
    """Look into a network: every layer's signals, gradients and dead units over a data set."""
    from actscope import figures, study

    if stream not in _STREAMS:
        raise unknown("stream", stream, _STREAMS)
    drawn = picture(plot) if plot else None
    saved = None if target == "untrained" else _saved(target)
    loaded = _dataset(dataset, saved)
    examples = loaded.split(split)
    if saved is None:
        saved = _untrained(loaded, activation, widths(hidden), init, seed, stream)
    profile = study.probe(saved, loaded, examples)
    output = console(json)
    output.print(_sites(profile))
    output.print(
        f"{profile.examples:,} examples of {loaded.name} ({split}): loss {profile.loss:.4g}, "
        f"accuracy {profile.accuracy:.2%}, dead units {profile.dead}"
    )
    if drawn:
        label = saved.network.activation.label
        signals = list(profile.signals().items())
        output.print(
            f"drawn in {write_figure(drawn, figures.activation_distributions(label, signals))}"
        )
    write_json(json, profile.to_json())


def _saved(target: str) -> "networks.Saved":
    """The network that a folder or a file holds."""
    from actscope import networks, tutorial

    if Path(target).suffix in (".tar", ".config"):
        return tutorial.load(target)
    if not Path(target).exists() and is_target(target):
        raise ActscopeError(
            f"{target!r} is a model of your own",
            expected="one of our networks: a run's folder, a .tar of the tutorial, untrained",
        )
    return networks.load(target)


def _dataset(name: str | None, saved: "networks.Saved | None") -> "data.Dataset":
    from actscope import data

    notes = saved.notes if saved else {}
    return data.load(name or notes.get("identity", {}).get("dataset", {}).get("name", _DEFAULT))


def _untrained(
    dataset: "data.Dataset",
    activation: str,
    hidden: tuple[int, ...],
    init: str,
    seed: int,
    stream: str,
) -> "networks.Saved":
    import math

    from actscope import activations, networks, study, tutorial

    network = networks.MLP(activations.get(activation), hidden, dataset.num_classes, init)
    if stream == "tutorial":
        features = math.prod(dataset.image_shape)
        return networks.Saved(
            network, tutorial.initial_params(network, seed=seed, features=features), {}
        )
    return study.untrained(network, dataset, seed)


def _sites(profile: "probing.Profile") -> "object":
    shown = table(
        "site", "activation", "units", "pre std", "post mean", "post std", "zeros", "gradient std",
        "dead", "saturated",
    )  # fmt: skip
    for site in profile.sites:
        shown.add_row(
            site.name,
            site.activation,
            str(site.units),
            f"{site.pre.std:.3g}",
            f"{site.post.mean:.3g}",
            f"{site.post.std:.3g}",
            f"{site.post.fraction_zero:.1%}",
            f"{site.gradient.std:.3g}" if site.gradient else "",
            str(int(site.dead.sum())),
            f"{site.saturated_fraction:.1%}",
        )
    return shown
