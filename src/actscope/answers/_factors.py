"""The factors of a study: its axes that have several values, those that walk together as one."""

from collections.abc import Sequence
from dataclasses import dataclass

from actscope._errors import ActscopeError, unknown
from actscope.study import Shown, Spec

Level = tuple[Shown, ...]


@dataclass(frozen=True)
class Factor:
    """What differs between the settings of a study.

    Attributes:
        axes: one, or several that walk together.
        levels: a value of each of the axes, as they stand in the record.
    """

    axes: tuple[str, ...]
    levels: tuple[Level, ...]

    @property
    def name(self) -> str:
        """The axes' names."""
        return " & ".join(self.axes)

    @property
    def labels(self) -> tuple[str, ...]:
        """The levels as words."""
        return tuple(label(level) for level in self.levels)


def label(level: Level) -> str:
    """A level as words; two values of axes that walk together with a comma between."""
    return ", ".join("–" if value is None else str(value) for value in level)


def factors(spec: Spec) -> tuple[Factor, ...]:
    """The factors of a specification, in the order of its axes.

    What is tuned is none: each setting has its own value of it.
    """
    together = {name: names for names in spec.pair for name in names}
    units = dict.fromkeys(together.get(name, (name,)) for name in spec.axes)
    several = [unit for unit in units if len(spec.axes[unit[0]]) > 1]
    return tuple(
        Factor(
            unit,
            tuple(zip(*([each.shown for each in spec.axes[name]] for name in unit), strict=True)),
        )
        for unit in several
    )


def chosen(known: Sequence[Factor], names: Sequence[str] | None) -> tuple[Factor, ...]:
    """The factors that a user names by one of their axes; all of them for None.

    Raises:
        ActscopeError: an axis that has one value only, or none of that name; or one named twice.
    """
    if names is None:
        return tuple(known)
    by_axis = {axis: factor for factor in known for axis in factor.axes}
    for name in names:
        if name not in by_axis:
            raise unknown("axis with several values", name, by_axis)
    found = tuple(by_axis[name] for name in names)
    if len(set(found)) < len(found):
        raise ActscopeError(f"axes {', '.join(names)}", expected="each once")
    return found
