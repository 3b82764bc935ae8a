"""Which levels meet in one member: axes that cross, walk together, or leave cells out."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, product
from math import prod

from actscope._errors import ActscopeError
from actscope.study._axes import AXES, Level, not_applicable, of_shape
from actscope.study._spec import Spec

_MOST_STEPS = 200_000  # some microseconds each

Row = tuple[Level, ...]
Ban = frozenset[Level]


@dataclass(frozen=True)
class Design:
    """A factorial design: a product from which some cells are taken out.

    Attributes:
        units: what crosses. Each is a list of rows, of which a cell has one; a row holds the
            levels that go together, of the same axes in all rows of a unit.
        bans: cells that hold all levels of one of them are left out.
    """

    units: tuple[tuple[Row, ...], ...]
    bans: frozenset[Ban] = frozenset()

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes of a cell's levels, in their order."""
        return tuple(level.axis for unit in self.units for level in unit[0])


def design(spec: Spec) -> Design:
    """The design of a specification; what is tuned crosses with all else, and changes fastest."""
    units = _units(spec.axes, spec.pair)
    tuned = _units(spec.tune.axes, ()) if spec.tune else []
    whole = (tuple(_with_network(row, spec) for row in unit) for unit in (*units, *tuned))
    return Design(tuple(whole), frozenset(map(frozenset[Level], spec.exclude)))


def count(cells: Design) -> int:
    """The number of cells, without walking through them.

    Raises:
        ActscopeError: the bans make so many cases that it cannot be told in seconds.
    """
    units, steps = cells.units, 0

    @cache
    def behind(index: int, bans: frozenset[Ban]) -> int:
        """The number of ways to go on from a unit, with these bans open."""
        nonlocal steps
        if not bans:
            return prod(map(len, units[index:]))
        steps += len(units[index]) * len(bans)
        if steps > _MOST_STEPS:
            raise ActscopeError(
                f"{len(cells.bans):,} exclusions that meet in too many ways to be counted",
                expected="fewer, or of fewer axes",
            )
        # Rows that leave the same bans open have the same number of cells behind them.
        left = Counter(_open(bans, row) for row in units[index])
        return sum(rows * behind(index + 1, on) for on, rows in left.items() if on is not None)

    return behind(0, cells.bans)


def walk(cells: Design) -> Iterator[Row]:
    """The cells, the first unit changing slowest."""
    if not cells.bans:
        yield from (tuple(chain.from_iterable(rows)) for rows in product(*cells.units))
        return
    for row in cells.units[0]:
        bans = _open(cells.bans, row)
        if bans is not None:
            for rest in walk(Design(cells.units[1:], bans)):
                yield (*row, *rest)


def holding(cells: Design, wanted: Collection[Level]) -> Design:
    """The part of a design whose cells hold these levels, where it knows their axes."""
    units = (tuple(row for row in unit if _agree(row, wanted)) for unit in cells.units)
    return Design(tuple(units), cells.bans)


def _open(bans: frozenset[Ban], row: Row) -> frozenset[Ban] | None:
    """What is left of the bans once a cell has this row; None where one is met in full."""
    left = frozenset(ban.difference(row) for ban in bans if _agree(row, ban))
    return None if frozenset() in left else left


def _agree(row: Row, wanted: Collection[Level]) -> bool:
    """Whether a row has no other level of an axis than the wanted one."""
    axes = {level.axis: level for level in wanted}
    return all(axes.get(level.axis, level) == level for level in row)


def _units(
    axes: Mapping[str, tuple[Level, ...]], pair: tuple[tuple[str, ...], ...]
) -> list[tuple[Row, ...]]:
    together = {name: names for names in pair for name in names}
    walking = list(dict.fromkeys(together.get(name, (name,)) for name in axes))
    # A depth and a width give sizes only together, so they are one unit with all that walks along.
    shaping = [names for names in walking if {"depth", "width"} & set(names)]
    units = [_crossed(axes, [names]) for names in walking if names not in shaping]
    if shaping:
        shaped = (_with_sizes(row) for row in _crossed(axes, shaping))
        units.insert(walking.index(shaping[0]), tuple(shaped))
    return units


def _crossed(
    axes: Mapping[str, tuple[Level, ...]], units: list[tuple[str, ...]]
) -> tuple[Row, ...]:
    rows = product(*(zip(*(axes[name] for name in names), strict=True) for names in units))
    return tuple(tuple(chain.from_iterable(row)) for row in rows)


def _with_sizes(row: Row) -> Row:
    by_axis = {level.axis: level for level in row}
    return (*row, of_shape(by_axis["depth"], by_axis["width"]))


def _with_network(row: Row, spec: Spec) -> Row:
    """A row that names a network has the levels of all axes that depend on it beside it."""
    network = next((level for level in row if level.axis == "network"), None)
    absent = [] if network is None else [a for a in AXES.values() if _depends(a.name, spec)]
    if network is None or network.value is None:
        return (*row, *(axis.level(axis.default) for axis in absent))
    return (*row, *map(not_applicable, absent))


def _depends(name: str, spec: Spec) -> bool:
    """Whether an axis is left to the network: where some are a user's own, it has no values."""
    return (
        AXES[name].built_in
        and not spec.levels(name)
        and not (name == "hidden_sizes" and spec.levels("depth"))
    )
