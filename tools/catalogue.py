"""Writes docs/catalogue.md: every activation function with all that its record says.

    .venv/bin/python tools/catalogue.py

A test compares the page with what this makes of the table.
"""

import math
from collections.abc import Iterator
from pathlib import Path

from actscope import activations
from actscope.activations import Activation

PAGE = Path(__file__).parents[1] / "docs" / "catalogue.md"

FAMILIES = {
    "saturating": "Functions that level off on both sides, or on one.",
    "rectified": "Functions that let positive values pass and hold negative ones back.",
    "smooth": "Smooth relatives of the rectifier, waves, and what else is no rectifier.",
    "trainable": "Functions with settings that a network learns.",
    "gated": "Layers in which one half of the numbers opens and closes a gate for the other half.",
}
_HEAD = """# All activation functions

{count} functions in five families, as `actscope functions` lists them; [what all of them have in
common, how exact they are and what they cost](functions.md). This page is made by
`tools/catalogue.py` from the records of the functions.

A **kink** is a point where the function or its derivative jumps, a **knot** one where a higher
derivative does; C^k says how many derivatives are continuous. The Lipschitz constant is the largest
slope. Where a setting is learned, the facts are those at the value that it starts from.
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD.format(count=len(activations.names()))]
    for family, words in FAMILIES.items():
        names = activations.names(family)
        parts += [f"## {family.capitalize()}\n\n{words}\n"]
        parts += ["\n".join(_entry(activations.get(name))) + "\n" for name in names]
    return "\n".join(parts)


def _entry(activation: Activation) -> Iterator[str]:
    yield f"### {activation.name}\n"
    yield f"`{activation.formula}`\n"
    yield f"- LaTeX: `{activation.latex}`"
    yield f"- source: {activation.source}"
    if activation.aliases:
        yield f"- also called {', '.join(f'`{alias}`' for alias in activation.aliases)}"
    why = dict(activation.why)
    for key, value in activation.settings:
        learned = ", learned" if key in activation.trainable else ""
        yield f"- `{key} = {value:g}`{learned}: {why[key]}"
    yield from facts(activation)


def facts(activation: Activation) -> Iterator[str]:
    """What is true of it, a line of a list each."""
    if activation.elementwise:
        yield from _on_the_line(activation)
    else:
        yield f"- a unit makes {activation.makes} of {activation.reads} numbers"
    if activation.random:
        yield "- random in training; the facts are those of evaluation"


def _on_the_line(activation: Activation) -> Iterator[str]:
    facts = activations.describe(activation)
    words = [
        f"range {_from_to(facts.range)}",
        "never decreases" if facts.monotone else "",
        facts.symmetry,
        f"Lipschitz constant {facts.largest_slope:.6g}".replace("inf", "∞"),
        _smoothness(facts.smoothness),
    ]
    yield f"- {', '.join(word for word in words if word)}"
    for name, points in (("kinks", facts.kinks), ("knots", facts.knots)):
        if points:
            yield f"- {name} at {', '.join(f'{point:.6g}' for point in points)}"
    if facts.flat:
        yield f"- constant {' and '.join(map(_from_to, facts.flat))}"
    if facts.surrogate:
        yield "- the program's derivative is on purpose another function"


def _from_to(ends: tuple[float, float]) -> str:
    low, high = (f"{end:.6g}".replace("inf", "∞") for end in ends)
    return f"from {low} to {high}"


def _smoothness(smoothness: float) -> str:
    if math.isinf(smoothness):
        return "smooth"
    return "it jumps" if smoothness < 0 else f"C^{smoothness:g}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
