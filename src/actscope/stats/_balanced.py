"""The largest balanced sub-grid: what is left of a factorial study when cells are missing."""

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from actscope._errors import ActscopeError, unknown
from actscope.stats._subgrid import largest

Levels = tuple[Hashable, ...]


@dataclass(frozen=True)
class Balanced:
    """A sub-grid in which every combination of the kept levels is there.

    Attributes:
        levels: the kept levels of each factor, in the order given.
        dropped: the levels left out, of the factors that lost any.
        cells: cells of the sub-grid.
        unused: complete cells outside it.
        proven: no sub-grid is larger; False where the search was cut short (`balanced`).
    """

    levels: Mapping[str, Levels]
    dropped: Mapping[str, Levels]
    cells: int
    unused: int
    proven: bool

    @property
    def description(self) -> str:
        """What was kept and what was left out, for the foot of a table."""
        if not self.dropped:
            return f"all {self.cells} cells"
        parts = (
            f"{name} {', '.join(str(level) for level in levels)}"
            for name, levels in self.dropped.items()
        )
        some = "" if self.proven else " (a larger sub-grid may exist)"
        return f"{self.cells} of {self.cells + self.unused} cells, without {'; '.join(parts)}{some}"


def balanced(
    factors: Mapping[str, Sequence[Hashable]],
    cells: Collection[tuple[Hashable, ...]],
    *,
    essential: Collection[str] | None = None,
) -> Balanced:
    """The largest product of level subsets of which every cell is complete.

    A factor that keeps one level is a factor no more. So the best sub-grid is, in this order, the
    one in which most essential factors keep two levels; most factors do; that has most cells; and
    that keeps most levels of the earlier factors. Among equals the search's own order decides,
    which depends on the order of the levels alone.

    Seeds are a factor like any other: give them as one, and every seed of the result has every
    cell of it, chosen together with the rest so that most members are kept.

    The search is exact (branch and bound; levels that miss the same cells are one) up to a fixed
    amount of work, thousands of branches. Beyond it the best found so far stands, `proven` False:
    it is balanced, and no level can be added to it.

    Args:
        factors: the levels of each factor, the most important factor first.
        cells: the complete ones, a level of each factor in that order.
        essential: factors without which the sub-grid is of no use; None: the first.

    Raises:
        ActscopeError: no factor or no cell, a factor without levels or with one twice, an unknown
            level, an unknown essential factor.
    """
    complete = _grid(factors, cells)
    names = list(factors)
    needed = [names[0]] if essential is None else list(essential)
    for name in needed:
        if name not in factors:
            raise unknown("essential factor", name, names)
    kept, proven = largest(complete, frozenset(names.index(name) for name in needed))
    levels = {
        name: tuple(factors[name][i] for i in keep) for name, keep in zip(names, kept, strict=True)
    }
    size = math.prod(len(keep) for keep in kept)
    return Balanced(
        levels=levels,
        dropped={
            name: left
            for name, all_levels in factors.items()
            if (left := tuple(level for level in all_levels if level not in levels[name]))
        },
        cells=size,
        unused=int(complete.sum()) - size,
        proven=proven,
    )


def _grid(
    factors: Mapping[str, Sequence[Hashable]], cells: Collection[tuple[Hashable, ...]]
) -> Bool[np.ndarray, "*levels"]:
    """Which cells of the full grid are complete, an axis a factor."""
    places = [_places(name, levels) for name, levels in factors.items()]
    if not places or not cells:
        raise ActscopeError(
            f"{len(places)} factors and {len(cells)} complete cells",
            expected="at least one of each",
            do="let some members finish first",
        )
    grid = np.zeros([len(place) for place in places], np.bool_)
    for cell in cells:
        if len(cell) != len(places):
            raise ActscopeError(f"cell {cell}", expected=f"a level of each of {', '.join(factors)}")
        for name, place, level in zip(factors, places, cell, strict=True):
            if level not in place:
                raise unknown(f"level of {name}", str(level), map(str, place))
        grid[tuple(place[level] for place, level in zip(places, cell, strict=True))] = True
    return grid


def _places(name: str, levels: Sequence[Hashable]) -> dict[Hashable, int]:
    """Where each level stands."""
    place = {level: i for i, level in enumerate(levels)}
    if not place or len(place) < len(levels):
        raise ActscopeError(
            f"levels {list(levels)} of {name}", expected="at least one, and none twice"
        )
    return place
