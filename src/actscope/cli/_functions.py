"""`actscope functions`: what activation functions look like."""

from typing import Annotated

import typer

from actscope.cli._options import Json, Plot
from actscope.cli._output import console, picture, table, write_figure, write_json

_PLOT = "actscope-runs/functions/functions.png"


def functions(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Names, or package.module:callable; none: all.",
            show_default=False,
        ),
    ] = None,
    interval: Annotated[
        tuple[float, float], typer.Option("--range", metavar="A B", help="Where to draw.")
    ] = (-5.0, 5.0),
    plot: Plot = None,
    json: Json = None,
) -> None:
    """Draw activation functions with their gradients, and print what is known of them."""
    target = picture(plot or _PLOT)
    from actscope import activations, figures

    wanted = dict.fromkeys(activations.get(name) for name in names or activations.names())
    curves = {found.label: activations.curve(found, *interval) for found in wanted}
    output = console(json)
    shown = table(
        "function", "f(x)", "range", "monotone", "kinks", "largest slope", "source",
        words=("f(x)", "source"),
    )  # fmt: skip
    for label, curve in curves.items():
        facts = curve.facts
        shown.add_row(
            label,
            curve.activation.formula,
            f"{facts.range[0]:.4g} … {facts.range[1]:.4g}",
            "yes" if facts.monotone else "no",
            ", ".join(f"{kink:g}" for kink in facts.kinks) or "none",
            f"{facts.largest_slope:.4g}",
            curve.activation.source,
        )
    output.print(shown)
    if plot or json is None:
        output.print(f"drawn in {write_figure(target, figures.curves(curves))}")
    write_json(
        json,
        {
            "schema": "actscope.functions/1",
            "functions": {label: curve.to_json() for label, curve in curves.items()},
        },
    )
