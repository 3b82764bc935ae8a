"""The scores of a study as `actscope study show DIR --csv FILE` writes them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Scores:
    """The settings of a study, a row each, as `actscope study show --csv` writes them."""

    rows: tuple[Mapping[str, str], ...] = ()

    @classmethod
    def read(cls, path: Path) -> "Scores":
        """Those of a file; none if it is not there."""
        if not path.exists():
            return cls()
        with path.open(encoding="utf-8", newline="") as lines:
            return cls(tuple(csv.DictReader(lines)))

    @property
    def axes(self) -> list[str]:
        """What else differs between the settings: columns before the numbers, if not all alike."""
        names = [*self.rows[0]]
        before = [name for name in names[: names.index("n")] if name != "activation"]
        return [name for name in before if len({row[name] for row in self.rows}) > 1]

    def of(self, name: str) -> list[Mapping[str, str]]:
        """The rows of an activation, at whatever settings of its own."""
        return [row for row in self.rows if row["activation"].partition("(")[0] == name]

    def best(self, row: Mapping[str, str]) -> Mapping[str, str]:
        """The row of the highest mean among those that differ in the activation alone."""
        axes = self.axes
        rivals = [each for each in self.rows if all(each[axis] == row[axis] for axis in axes)]
        return max(rivals, key=lambda each: float(each["mean"]))


NONE = Scores()
