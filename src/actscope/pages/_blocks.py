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
class Control:
    """What shows, of a chart's rows, those alone that have one value of a field.

    Attributes:
        name: of the field, an identifier.
        values: that can be set, in order. Numbers make a slider, which begins at the last; words a
            menu, which begins at the first.
    """

    name: str
    values: tuple[float, ...] | tuple[str, ...]

    @property
    def is_menu(self) -> bool:
        """Whether the values are words."""
        return isinstance(self.values[0], str)

    @property
    def start(self) -> int:
        """Place of the value that it begins with."""
        return 0 if self.is_menu else len(self.values) - 1


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart that answers to the page's choices.

    Attributes:
        name: for its file of numbers.
        caption: what it shows, in a sentence.
        alternative: the same for who does not see it.
        spec: in Vega-Lite, without data.
        rows: the data; what belongs to a choice has its name under `choice`.
        controls: of what is shown of the rows.
    """

    name: str
    caption: str
    alternative: str
    spec: Spec = field(repr=False)
    rows: Sequence[Row] = field(repr=False)
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True)
class Beside:
    """Two columns, where the screen is wide enough; else below one another.

    Attributes:
        heads: over each.
        columns: what stands in each.
    """

    heads: tuple[str, str]
    columns: "tuple[tuple[Block, ...], tuple[Block, ...]]"


Block = Prose | Table | Chart | Beside


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
