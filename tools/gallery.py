"""Writes docs/gallery/: a page for each activation function, made from its record, and an index.

    .venv/bin/python tools/gallery.py [NAME…]    # a few minutes for all of them

How a function did in the reference study is taken from docs/study/scores.csv, if it is there: what
`actscope study show DIR --csv FILE` writes.
"""

import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import jax.numpy as jnp
import matplotlib
from catalogue import FAMILIES, facts
from mathml import mathml
from matplotlib.figure import Figure
from scores import NONE, Scores

from actscope import activations, figures, report, theory
from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.theory import Critical, Start, Summary

DOCS = Path(__file__).parents[1] / "docs"
SCORES = DOCS / "study" / "scores.csv"

_SIGMA_BS = (0.0, 0.1, 0.2)
_COLUMNS = 21  # of a phase diagram: a third of what `actscope theory` draws
# Letters stay letters, and the same numbers make the same file.
_SVG = {"svg.fonttype": "none", "svg.hashsalt": "actscope"}

_HEAD = """# Gallery

Each function with its gradient (dashed). A page says where it comes from, what is true of it, how
weights should start with it, and how it did in a study, if one is there. `tools/gallery.py` makes
them from the [records](../functions.md#what-a-record-says); [one page](../catalogue.md) has
the facts of all functions.
"""


def page(activation: Activation, scores: Scores = NONE) -> str:
    """The page of one function."""
    parts = [
        [f"# {activation.name}", ""],
        _head(activation),
        _settings(activation),
        ["## Facts", "", *facts(activation), ""],
        _theory(activation),
        _study(activation, scores),
        _neighbours(activation),
    ]
    return "\n".join(line for part in parts for line in part)


def index(names: Sequence[str]) -> str:
    """Thumbnails, family by family."""
    parts = [_HEAD]
    for family, words in FAMILIES.items():
        shown = [name for name in names if activations.get(name).family == family]
        if shown:
            tiles = "\n".join(
                f'<span class="tile">[![]({name}-small.svg){escaped(name)}]({name}.md)</span>'
                for name in shown
            )
            parts += [f"## {family.capitalize()}\n\n{words}\n", f"{tiles}\n"]
    return "\n".join(parts)


def curve(activation: Activation) -> Figure:
    """The function and its gradient, drawn along each number that it reads.

    One that reads or makes several has a panel for each pair of them; the others it reads are 1.
    """
    if activation.elementwise:
        return figures.curves({activation.label: activations.curve(activation)})
    return figures.curves(
        {
            f"{activation.name}, {_which(activation, read, made)}": activations.curve(
                _slice(activation, read, made)
            )
            for made in range(activation.makes)
            for read in range(activation.reads)
        }
    )


def thumbnail(drawn: Figure) -> Figure:
    """The curve again, small and without words, which nobody could read."""
    for legend in drawn.legends:
        legend.remove()
    for axis in drawn.axes:
        axis.set(title="", xlabel="")
        axis.tick_params(labelbottom=False, labelleft=False)
    drawn.set_size_inches(2.4, 1.5)
    return drawn


def _slice(activation: Activation, read: int, made: int) -> Activation:
    def along(x: jnp.ndarray) -> jnp.ndarray:
        numbers = [jnp.ones_like(x)] * activation.reads
        numbers[read] = x
        return activation(jnp.stack(numbers, axis=-1))[..., made]

    return Activation(activation.name, along)


def _which(activation: Activation, read: int, made: int) -> str:
    if activation.reads == 1:
        return f"number {made + 1} of {activation.makes}"
    return f"x is {'ab'[read]}, {'ba'[read]} = 1"


def write(folder: Path, names: Sequence[str], scores: Scores) -> None:
    """The pages of these functions with their pictures, and the index."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        activation = activations.get(name)
        drawn = curve(activation)
        _save(drawn, folder / f"{name}.svg")
        _save(thumbnail(drawn), folder / f"{name}-small.svg")
        if not _silence(activation):
            _save(report.phases(activation, _COLUMNS), folder / f"{name}-phases.svg")
        (folder / f"{name}.md").write_text(page(activation, scores), "utf-8")
    (folder / "index.md").write_text(index(names), "utf-8")


def _save(figure: Figure, path: Path) -> None:
    with matplotlib.rc_context(_SVG):
        figure.savefig(path, metadata={"Date": None})


def escaped(text: str) -> str:
    """Words that mean nothing to Markdown nor to HTML, on one line."""
    return re.sub(r"[^A-Za-z0-9\s.,;:()'/+=-]", _entity, " ".join(text.split()))


def _entity(sign: re.Match[str]) -> str:
    return sign[0] if sign[0] > "\x7f" else f"&#{ord(sign[0])};"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield from (f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))
    yield ""


def _head(activation: Activation) -> Iterator[str]:
    name = activation.name
    yield from (mathml(activation.latex), "")
    yield from (f"![{name} and its gradient]({name}.svg)", "")
    yield f"In words of a program: <code>{escaped(activation.formula)}</code>."
    yield f"From {escaped(activation.source)}."
    if activation.aliases:
        aliases = ", ".join(f"<code>{escaped(alias)}</code>" for alias in activation.aliases)
        yield f"Also called {aliases}."
    yield from ("", "```python", "from actscope import activations", "")
    yield from (f'{name} = activations.get("{name}")', "```", "")
    theory = "" if _silence(activation) else f"\nactscope theory {name}"
    drawn = f"actscope functions {name}" if activation.elementwise else ""
    if drawn or theory:
        yield from ("```console", f"{drawn}{theory}", "```", "")


def _settings(activation: Activation) -> Iterator[str]:
    if not activation.settings:
        return
    why = dict(activation.why)
    yield from ("## Settings", "")
    yield from _table(
        ("setting", "default", "where that comes from"),
        [
            (
                f"`{key}`{', learned' if key in activation.trainable else ''}",
                f"{value:g}",
                escaped(why.get(key, "")),
            )
            for key, value in activation.settings
        ],
    )


def _silence(activation: Activation) -> str:
    """Why theory has nothing to say of a function; empty if it has."""
    try:
        theory.hosted(activation)
    except ActscopeError as error:
        return str(error)
    return ""


def _theory(activation: Activation) -> Iterator[str]:
    yield from ("## Signals and gradients", "")
    if silence := _silence(activation):
        yield from (f"[Theory](../theory.md) has no number: {escaped(silence)}.", "")
        return
    summary = theory.summary(activation, _SIGMA_BS)
    yield from ("Under a standard normal z ([what these are](../theory.md#moments-and-gains)):", "")
    found = summary.moments
    yield from _table(
        ("E[f]", "E[f²]", "E[f']", "E[f'²]"),
        [[f"{x:.6g}" for x in (found.mean, found.second, found.slope_mean, found.slope_second)]],
    )
    yield from _gains(activation, summary)
    yield from ("## Edge of chaos", "")
    yield from _critical(activation, summary.critical)
    yield from _start(summary.start)


def _gains(activation: Activation, summary: Summary) -> Iterator[str]:
    torch = {line.name: line for line in theory.beside_torch()}.get(activation.label)
    gains = {"forward gain": summary.gains["forward"], "backward gain": summary.gains["backward"]}
    if torch:
        gains["PyTorch's"] = torch.torch
    yield from _table([*gains], [[_number(gain) for gain in gains.values()]])
    if torch:
        yield from (escaped(torch.explanation), "")


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _critical(activation: Activation, found: Mapping[float, Critical]) -> Iterator[str]:
    yield from (
        "Where signals and gradients both keep their size, for biases of standard deviation σ_b "
        "([what these are](../theory.md#maps-and-where-they-are-critical)):",
        "",
    )
    rows: list[Sequence[str]] = []
    for sigma_b, critical in found.items():
        for point in critical.points:
            q = "any" if point.q is None else f"{point.q:.5g}"
            stable = "stable" if point.stable else "unstable"
            rows.append((f"{sigma_b:g}", f"{point.sigma_w:.6g}", q, f"{point.chi:.6g}", stable))
        if not critical.points:
            rows.append((f"{sigma_b:g}", "none", "", "", escaped(critical.reason)))
    yield from _table(("σ_b", "σ_w", "q", "χ₁", ""), rows)
    yield from (f"![Phases of {activation.name}]({activation.name}-phases.svg)", "")


def _start(start: Start | None) -> Iterator[str]:
    if start is None:
        yield from ("There is no [critical start](../theory.md#the-critical-start).", "")
        return
    q = "any q" if start.q is None else f"q = {start.q:.4g}"
    scales = f"σ_w = {start.sigma_w:.5g}, σ_b = {start.sigma_b:g}, {q}"
    yield f"The [critical start](../theory.md#the-critical-start): {scales}."
    yield from (escaped(start.message), "")


def _study(activation: Activation, scores: Scores) -> Iterator[str]:
    rows = scores.of(activation.name)
    if not rows:
        return
    axes = scores.axes
    yield from ("## In the reference study", "")
    yield "Mean test score over n seeds, its 95 % interval, and beside it the highest mean of all"
    yield "functions at the same setting. [All scores](../study/scores.csv)."
    yield ""
    yield from _table(
        ("function", *map(escaped, axes), "mean", "95 %", "n", "highest mean"),
        [
            (
                f"<code>{escaped(row['activation'])}</code>",
                *(escaped(row[axis]) for axis in axes),
                _score(row, "mean"),
                f"{_score(row, 'low')} … {_score(row, 'high')}",
                escaped(row["n"]),
                f"{_score(best, 'mean')}, {escaped(best['activation'])}",
            )
            for row in rows
            for best in [scores.best(row)]
        ],
    )


def _score(row: Mapping[str, str], column: str) -> str:
    if not row[column]:  # of one seed there is no interval
        return "–"
    value = float(row[column])
    return f"{value:.2%}" if row.get("task") == "classification" else f"{value:.4g}"


def _neighbours(activation: Activation) -> Iterator[str]:
    others = [name for name in activations.names(activation.family) if name != activation.name]
    links = ", ".join(f"[{escaped(name)}]({name}.md)" for name in others)
    yield from (
        f"## Its family, {activation.family}",
        "",
        f"{links}.",
        "",
        "[Gallery](index.md)",
        "",
    )


def main() -> None:
    """Write the pages of the functions that are named, or all of them anew."""
    if not sys.argv[1:]:
        shutil.rmtree(DOCS / "gallery", ignore_errors=True)
    write(DOCS / "gallery", sys.argv[1:] or activations.names(), Scores.read(SCORES))


if __name__ == "__main__":
    main()
