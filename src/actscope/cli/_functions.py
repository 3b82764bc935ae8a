"""`actscope functions`: what activation functions look like."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actscope._errors import ActscopeError
from actscope.cli._devices import keep_programs
from actscope.cli._options import Json, Plot
from actscope.cli._output import console, messages, table, write_figure, write_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from actscope.activations import Activation, Curve
    from actscope.figures import Densities

_PLOT = "actscope-runs/functions/functions.png"
_UNKNOWN = "-"  # what there is none of


def functions(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Names, or package.module:callable; none: all."),
    ] = None,
    interval: Annotated[
        tuple[float, float], typer.Option("--range", metavar="A B", help="Where to draw.")
    ] = (-5.0, 5.0),
    cost: Annotated[
        bool, typer.Option("--cost", help="Measure each one's time beside ReLU's on this machine.")
    ] = False,
    plot: Plot = None,
    json: Json = None,
) -> None:
    """Draw activation functions and their derivatives.

    What is known of each is printed.

    The pictures go to actscope-runs/functions, or where --plot says; with --json there is none
    unless --plot asks for it. One has the curves: functions that are named share their axes. The
    other, whose name ends in -distribution, has what the function and its gradient make of
    numbers out of the standard normal distribution.
    """
    keep_programs()
    from actscope import activations

    wanted = list(dict.fromkeys(activations.get(name) for name in names or activations.names()))
    curves = {
        found.label: activations.curve(found, *interval) for found in wanted if found.elementwise
    }
    costs = _costs(wanted) if cost else {}
    output = console(json)
    output.print(_facts(wanted, curves, costs))
    output.print()
    output.print(_origins(wanted))
    if curves and (plot or json is None):
        output.print()
        _draw(curves, Path(plot or _PLOT), output, overlaid=bool(names))
    write_json(
        json,
        {
            "schema": "actscope.functions/1",
            "functions": {
                label: curve.to_json() | _cost_entry(costs, label)
                for label, curve in curves.items()
            },
            "layers": {
                found.label: {"reads": found.reads, "makes": found.makes, **found.to_json()}
                | _cost_entry(costs, found.label)
                for found in wanted
                if not found.elementwise
            },
        },
    )


def _costs(wanted: "Sequence[Activation]") -> dict[str, float]:
    """By label; measured one after the other, with a bar that moves."""
    from rich.progress import track

    from actscope import activations

    measured = track(
        activations.costs(wanted), "measuring", len(wanted), console=messages(), transient=True
    )
    return {found.label: ratio for found, ratio in measured}


def _cost_entry(costs: Mapping[str, float], label: str) -> dict[str, float]:
    return {"cost": costs[label]} if label in costs else {}


def _facts(
    wanted: "Sequence[Activation]", curves: "Mapping[str, Curve]", costs: Mapping[str, float]
) -> "Table":
    headings = ("range", "monotone", "smooth", "kinks", "Lipschitz")
    made = table("function", *headings, *["cost"] * bool(costs))
    for found in wanted:
        curve = curves.get(found.label)
        made.add_row(
            found.label,
            *(_known(curve) if curve else [_UNKNOWN] * 5),
            *([f"{costs[found.label]:.2f}"] if costs else []),
        )
    return made


def _known(curve: "Curve") -> list[str]:
    facts = curve.facts
    return [
        f"{facts.range[0]:.4g} … {facts.range[1]:.4g}",
        "yes" if facts.monotone else "no",
        _smoothness(facts.smoothness),
        ", ".join(f"{kink:.4g}" for kink in facts.kinks) or "none",
        f"{facts.largest_slope:.4g}",
    ]


def _smoothness(smoothness: float) -> str:
    if smoothness < 0:
        return "jumps"
    return "yes" if math.isinf(smoothness) else f"C^{smoothness:g}"


def _origins(wanted: "Sequence[Activation]") -> "Table":
    words = ("family", "f(x)", "source")
    made = table("function", *words, words=words)
    for found in wanted:
        made.add_row(found.label, found.family, found.formula, found.source)
    return made


def _draw(curves: "Mapping[str, Curve]", to: Path, output: "Console", *, overlaid: bool) -> None:
    """The curves into a file, and the distributions into one beside it."""
    from actscope import figures

    shapes = figures.overlay if overlaid else figures.curves
    output.print(f"drawn in {write_figure(to, shapes(curves))}", soft_wrap=True)
    found = {label: _spread(curve.activation) for label, curve in curves.items()}
    spread = {label: each for label, each in found.items() if each}
    if spread:
        beside = to.with_stem(f"{to.stem}-distribution")
        output.print(f"drawn in {write_figure(beside, figures.densities(spread))}", soft_wrap=True)
    if without := [label for label in found if label not in spread]:
        output.print(f"without a distribution: {', '.join(without)}", soft_wrap=True)


def _spread(activation: "Activation") -> "Densities | None":
    """None of what is random, or has no value somewhere."""
    from actscope import figures, theory

    try:
        output, gradient = theory.output_density(activation), theory.gradient_density(activation)
    except ActscopeError:
        return None
    return figures.Densities(output, gradient, activation.family)
