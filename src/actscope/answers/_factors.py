"""The factors of a study: its axes that have several values, those that walk together as one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool

from actscope._errors import unknown
from actscope.study import Shown, Spec

Level = tuple[Shown, ...]

TASK = "task"


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


def values(known: Iterable[Factor], levels: Iterable[Level]) -> dict[str, Shown]:
    """Levels of several factors as values, by axis."""
    pairs = zip(known, levels, strict=True)
    return {
        axis: value
        for factor, level in pairs
        for axis, value in zip(factor.axes, level, strict=True)
    }


def factors(spec: Spec) -> tuple[Factor, ...]:
    """The factors of a specification, in the order of its axes.

    What is tuned is none: each setting has its own value of it.
    """
    together = {name: names for names in spec.pair for name in names}
    units = dict.fromkeys(together.get(name, (name,)) for name in spec.axes)
    return tuple(
        Factor(
            unit,
            tuple(zip(*([each.shown for each in spec.axes[name]] for name in unit), strict=True)),
        )
        for unit in units
        if len(spec.axes[unit[0]]) > 1
    )


def of_task(known: Iterable[Factor], task: str) -> tuple[Factor, ...]:
    """The factors within one task; what walks together with the task has its levels there."""
    found = (_without_task(factor, task) for factor in known)
    return tuple(factor for factor in found if len(factor.levels) > 1)


def _without_task(factor: Factor, task: str) -> Factor:
    if TASK not in factor.axes:
        return factor
    place = factor.axes.index(TASK)
    levels = (level for level in factor.levels if level[place] == task)
    return Factor(
        _drop(factor.axes, place), tuple(dict.fromkeys(_drop(level, place) for level in levels))
    )


def _drop(values: tuple[Any, ...], place: int) -> tuple[Any, ...]:
    return (*values[:place], *values[place + 1 :])


def chosen(known: Sequence[Factor], names: Iterable[str]) -> tuple[Factor, ...]:
    """The factors that a user names by one of their axes, or by several that walk together.

    Raises:
        ActscopeError: an axis that has one value only, is tuned, or is none.
    """
    by_axis = {axis: factor for factor in known for axis in factor.axes}
    found: dict[Factor, None] = {}
    for name in names:
        if name not in by_axis:
            raise unknown("axis with several values", name, by_axis)
        found[by_axis[name]] = None
    return tuple(found)


def planned(spec: Spec, known: Sequence[Factor], task: str) -> Bool[np.ndarray, " *levels"]:
    """Which combinations of the factors' levels a task has: all that are not excluded."""
    found = np.ones([len(factor.levels) for factor in known], np.bool_)
    for levels in spec.exclude:
        banned = {level.axis: level.shown for level in levels}
        if banned.pop(TASK, task) == task:
            found &= ~_holding(banned, known)
    return found


def _holding(values: dict[str, Shown], known: Sequence[Factor]) -> Bool[np.ndarray, " *levels"]:
    """The combinations that have these values, of the axes that differ."""
    found = np.array(True)
    for factor in known:
        pairs = [zip(factor.axes, level, strict=True) for level in factor.levels]
        hits = [all(values.get(axis, value) == value for axis, value in pair) for pair in pairs]
        found = np.logical_and.outer(found, hits)
    return found
