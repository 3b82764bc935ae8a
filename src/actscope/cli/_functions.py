"""`actscope functions`: what activation functions look like."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from actscope.cli._options import Json, Plot
from actscope.cli._output import console, table, write_figure, write_json

if TYPE_CHECKING:
    from rich.table import Table

    from actscope.activations import Curve

_PLOT = "actscope-runs/functions/functions.png"


def functions(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Names, or package.module:callable; none: all."),
    ] = None,
    interval: Annotated[
        tuple[float, float], typer.Option("--range", metavar="A B", help="Where to draw.")
    ] = (-5.0, 5.0),
    plot: Plot = None,
    json: Json = None,
) -> None:
    """Draw activation functions and their gradients.

    What is known of each is printed.

    The picture goes to actscope-runs/functions/functions.png, or where --plot says; with --json
    there is none unless --plot asks for it.
    """
    from actscope import activations, figures

    wanted = dict.fromkeys(activations.get(name) for name in names or activations.names())
    curves = {found.label: activations.curve(found, *interval) for found in wanted}
    output = console(json)
    output.print(_facts(curves))
    output.print()
    output.print(_sources(curves))
    if plot or json is None:
        drawn = write_figure(plot or _PLOT, figures.curves(curves))
        output.print(f"\ndrawn in {drawn}", soft_wrap=True)
    write_json(
        json,
        {
            "schema": "actscope.functions/1",
            "functions": {label: curve.to_json() for label, curve in curves.items()},
        },
    )


def _facts(curves: "Mapping[str, Curve]") -> "Table":
    made = table("function", "f(x)", "range", "monotone", "kinks", "largest slope", words=("f(x)",))
    for label, curve in curves.items():
        facts = curve.facts
        made.add_row(
            label,
            curve.activation.formula,
            f"{facts.range[0]:.4g} … {facts.range[1]:.4g}",
            "yes" if facts.monotone else "no",
            ", ".join(f"{kink:g}" for kink in facts.kinks) or "none",
            f"{facts.largest_slope:.4g}",
        )
    return made


def _sources(curves: "Mapping[str, Curve]") -> "Table":
    made = table("function", "source", words=("source",))
    for label, curve in curves.items():
        made.add_row(label, curve.activation.source)
    return made
