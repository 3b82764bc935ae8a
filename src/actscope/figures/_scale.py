"""The score that networks are compared by, and how it is written in a figure."""

from dataclasses import dataclass

from matplotlib.ticker import FuncFormatter

from actscope.figures._text import number, tick


@dataclass(frozen=True)
class Scale:
    """A score of which more is better, and how figures write it.

    Attributes:
        name: as it stands on an axis; `replace(ACCURACY, name="test accuracy")` says of what.
        unit: of a score; empty for none.
        step: unit of a difference of two scores; empty for none.
        factor: a score times this is in `unit`, a difference in `step`.
        decimals: how many are written.
    """

    name: str
    unit: str
    step: str
    factor: float
    decimals: int

    @property
    def label(self) -> str:
        """Name and unit, for an axis."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def title(self) -> str:
        """The name at the beginning of a line."""
        return self.name[:1].upper() + self.name[1:]

    def difference(self, words: str) -> str:
        """Such as "difference in accuracy (points)", of the words that stand before the unit."""
        return f"{words} ({self.step})" if self.step else words

    def written(self, value: float, *, signed: bool = False) -> str:
        """A score or a difference in its unit, without it."""
        return number(self.factor * value, self.decimals, signed=signed)

    def ticks(self) -> FuncFormatter:
        """Writes the ticks of an axis on which unscaled scores are drawn."""
        return FuncFormatter(lambda value, _: tick(self.factor * value))


ACCURACY = Scale("accuracy", "%", "points", 100.0, 2)
"""Fractions of 1, written in percent, and their differences in percentage points."""

R_SQUARED = Scale("R²", "", "", 1.0, 4)
"""Share of the variance explained, 1 - MSE/variance, written as it is."""
