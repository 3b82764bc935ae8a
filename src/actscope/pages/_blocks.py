"""What a page is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Spec = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Prose:
    """Sentences, a paragraph each."""

    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        caption: what it shows.
        heads: of the columns.
        rows: cells as they are shown; the first `words` of each row hold words, the others numbers.
        words: number of columns of words.
        choices: for each row the choice that it belongs to, or an empty string; empty: none does.
        folded: whether it is shown only on demand.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    choices: tuple[str, ...] = ()
    folded: bool = False


@dataclass(frozen=True)
class Slider:
    """What sets a parameter of a chart's specification.

    Attributes:
        name: of the parameter.
        values: that it takes, in order; the last one is where it begins.
    """

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart that answers to the page's choices.

    Attributes:
        name: for its file of numbers.
        caption: what it shows, in a sentence.
        alternative: the same for who does not see it.
        spec: in Vega-Lite, without data.
        rows: the data; what belongs to a choice has its name under `choice`.
        slider: None: there is none.
    """

    name: str
    caption: str
    alternative: str
    spec: Spec = field(repr=False)
    rows: Sequence[Row] = field(repr=False)
    slider: Slider | None = None


Block = Prose | Table | Chart


@dataclass(frozen=True)
class Part:
    """A part of a page.

    Attributes:
        title: of the part.
        finding: what it says, in a sentence.
        blocks: below one another.
    """

    title: str
    finding: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        title: of the page.
        subtitle: what it is about, in a line.
        parts: below one another.
        choices: what can be picked out in all charts at once, with its colour.
        kind: what the choices are, such as `activation`.
    """

    title: str
    subtitle: str
    parts: tuple[Part, ...]
    choices: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
