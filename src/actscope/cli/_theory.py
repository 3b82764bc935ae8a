"""`actscope theory`: what mean-field theory says of activation functions."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actscope._errors import ActscopeError
from actscope.cli._devices import keep_programs
from actscope.cli._options import Format, Json, folder, widths
from actscope.cli._output import console, messages, write_figures, write_json
from actscope.cli._theory_tables import print_forecast, print_summaries, print_torch

if TYPE_CHECKING:
    import numpy as np

    from actscope.activations import Activation
    from actscope.study import Foresight
    from actscope.theory import Summary

_OUT = "actscope-runs/theory"
_EXAMPLES = 256
_CLASSES = 10


def theory(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME", help="Names, or package.module:callable.")
    ],
    sigma_b: Annotated[
        str, typer.Option(metavar="LIST", help="Standard deviations of the biases.")
    ] = "0,0.1,0.2",
    hidden: Annotated[
        str | None,
        typer.Option(metavar="WIDTHS", help="Forecast a network with these hidden layers."),
    ] = None,
    init: Annotated[str, typer.Option(metavar="NAME", help="Its initialisation.")] = "pytorch",
    inputs: Annotated[int, typer.Option(metavar="N", min=1, help="Numbers of an input.")] = 784,
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Inputs of a data set, in place of ones of mean square 1."
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(metavar="N", min=0, help="Networks to probe beside the forecast.")
    ] = 10,
    out: Annotated[
        str | None,
        typer.Option(metavar="DIR", callback=folder, help=f"For figures; default: {_OUT}."),
    ] = None,
    ending: Format = "png",
    json: Json = None,
) -> None:
    """Say which gain and which start an activation needs.

    Moments under the standard normal, gains, critical points for each σ_b, and the critical start;
    with --hidden what to expect of each layer of that network, beside what the probe finds in
    networks that are drawn. With --json, figures are drawn only if --out says where.
    """
    keep_programs()
    from actscope import activations

    biases, sizes = _deviations(sigma_b), widths(hidden) if hidden else ()
    wanted = list(dict.fromkeys(activations.get(name) for name in names))
    output = console(json)
    summaries = {found.label: _summary(found, biases) for found in wanted}
    print_summaries(summaries, output)
    print_torch(summaries, output)
    foresights: dict[str, Foresight] = {}
    if sizes:
        examples = _examples(dataset, inputs)
        for found in wanted:
            foresights[found.label] = _foresee(found, sizes, init, examples, seeds)
            print_forecast(foresights[found.label], output)
    if out or json is None:
        from actscope import report

        place = Path(out or _OUT)
        with messages().status("drawing", spinner="line"):
            write_figures(place, report.theory_gallery(wanted, [*foresights.values()]), ending)
        output.print(f"\ndrawn in {place}", soft_wrap=True)
    write_json(json, _document(summaries, foresights))


def _deviations(text: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = [math.nan]
    if not all(0 <= each < math.inf for each in found):
        raise ActscopeError(
            f"--sigma-b {text!r}",
            expected="numbers of at least 0, separated by commas, such as 0,0.1",
        )
    return found


def _summary(activation: "Activation", sigma_bs: Sequence[float]) -> "Summary":
    from actscope import theory

    with messages().status(f"calculating {activation.label}", spinner="line"):
        return theory.summary(activation, sigma_bs)


def _examples(dataset: str | None, inputs: int) -> "np.ndarray":
    """Inputs of networks, a row each: of mean square 1, or images as networks get them."""
    import numpy as np

    from actscope import data

    if dataset is None:
        drawn = np.random.default_rng(0).normal(size=(_EXAMPLES, inputs))
        drawn /= np.sqrt((drawn**2).mean(axis=1, keepdims=True))
        return drawn.astype(np.float32)
    loaded = data.load(dataset)
    ((images, _), *_) = data.batches(loaded.train, loaded.normalization, _EXAMPLES)
    return np.asarray(images, np.float32).reshape(len(images), -1)


def _foresee(
    activation: "Activation",
    sizes: tuple[int, ...],
    init: str,
    examples: "np.ndarray",
    seeds: int,
) -> "Foresight":
    from actscope import networks, study

    network = networks.FeedForward(activation, sizes, _CLASSES, initialisation=init)
    with messages().status(f"probing {seeds} networks of {activation.label}", spinner="line"):
        return study.foresee(network, examples, range(seeds))


def _document(
    summaries: "Mapping[str, Summary]", foresights: "Mapping[str, Foresight]"
) -> dict[str, Any]:
    return {
        "schema": "actscope.theory/1",
        "activations": {
            label: found.to_json()
            | ({"forecast": foresights[label].to_json()} if label in foresights else {})
            for label, found in summaries.items()
        },
    }
