"""Numbers and lists as they stand in the sentences of an answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from actscope.stats import Component, Interval
from actscope.study import Shown

FEW = 4  # of many, that a sentence names


@dataclass(frozen=True)
class Unit:
    """The unit of a score, and of a difference of two.

    Attributes:
        factor: a score times this is in the unit.
        of_score: stands behind a score.
        of_difference: stands behind a difference.
        decimals: how many are written.
    """

    factor: float
    of_score: str
    of_difference: str
    decimals: int

    def score(self, value: float) -> str:
        """`88.93 %`."""
        return f"{self._number(value)}{self.of_score}"

    def mean(self, found: Interval) -> str:
        """`88.93 % [88.61, 89.24]`; of a single seed, without an interval."""
        return f"{self.score(found.mean)}{self._ends(found)}"

    def difference(self, found: Interval) -> str:
        """`+1.20 points [0.40, 2.00]`."""
        return f"{self._number(found.mean, '+')}{self.of_difference}{self._ends(found)}"

    def rounded(self, value: float) -> str:
        """A score of few digits: `84 %`."""
        return f"{self.factor * value:g}{self.of_score}"

    def step(self, value: float) -> str:
        """A difference of few digits: `0.5 points`."""
        return f"{self.factor * value:g}{self.of_difference}"

    def _ends(self, found: Interval) -> str:
        if found.low is None or found.high is None:
            return ""
        return f" [{self._number(found.low)}, {self._number(found.high)}]"

    def _number(self, value: float, sign: str = "") -> str:
        return _minus(format(self.factor * value, f"{sign}z.{self.decimals}f"))


_PERCENT, _PLAIN = Unit(100, " %", " points", 2), Unit(1, "", "", 4)


def unit(score: str) -> Unit:
    """The unit of the score of that name: percent of an accuracy, others as they are."""
    return _PERCENT if score == "accuracy" else _PLAIN


def share(found: Component) -> str:
    """`41 % [35, 47]`; without ends where there are none."""
    if found.low is None or found.high is None:
        return f"{_percent(found.share)} %"
    return f"{_percent(found.share)} % [{_percent(found.low)}, {_percent(found.high)}]"


def _percent(value: float) -> str:
    return _minus(f"{100 * value:z.0f}")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def described(axes: Mapping[str, Shown]) -> str:
    """A setting: `elu at depth 2, learning_rate 0.1`; `all` where nothing differs."""
    first, *others = [
        str(value) if axis == "activation" else f"{axis} {value}" for axis, value in axes.items()
    ] or ["all"]
    return f"{first} at {', '.join(others)}" if others else first


def seeds(counts: Iterable[int]) -> str:
    """`n = 10`, or `n = 3 to 10`."""
    found = sorted(set(counts))
    return f"n = {found[0]}" if len(found) == 1 else f"n = {found[0]} to {found[-1]}"


def listed(names: Sequence[str], *, total: int | None = None, between: str = ", ") -> str:
    """The first few of many, and how many more there are.

    Args:
        names: some or all of them.
        total: how many there are; as many as names if None.
        between: what stands between two.
    """
    more = (len(names) if total is None else total) - len(names[:FEW])
    return between.join([*names[:FEW], *([f"and {more:,} more"] if more else [])])


def plural(count: int, noun: str) -> str:
    """`1 network`, `2 networks`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
