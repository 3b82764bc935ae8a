"""The search for the largest complete sub-grid of a grid with holes: branch and bound."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

Kept = tuple[tuple[int, ...], ...]  # of each factor, the groups kept
Worth = tuple[int, int, int, tuple[int, ...]]  # what is compared, first things first

_WORK = 2_000_000  # holes looked at before the search is cut short: some seconds
_BRANCH = 200  # what a branch costs beside its holes, in holes


@dataclass(frozen=True)
class _Grid:
    """Levels of a factor that miss the same cells are one group: kept or dropped together.

    Attributes:
        complete: of each combination of groups.
        groups: the levels in each group of each factor.
        essential: factors that must keep two levels before anything else counts.
    """

    complete: Bool[np.ndarray, "*groups"]
    groups: tuple[tuple[tuple[int, ...], ...], ...]
    essential: frozenset[int]

    def sizes(self, kept: Kept) -> tuple[int, ...]:
        """How many levels of each factor are kept."""
        return tuple(
            sum(len(groups[g]) for g in keep)
            for groups, keep in zip(self.groups, kept, strict=True)
        )

    def worth(self, kept: Kept) -> Worth:
        """Larger is better; no part of it grows when a group is dropped, hence it is a bound."""
        sizes = self.sizes(kept)
        factors = {i for i, size in enumerate(sizes) if size > 1}
        return (len(factors & self.essential), len(factors), math.prod(sizes), sizes)


@dataclass(frozen=True)
class _Node:
    """A part of the search: sub-grids of `kept` that keep all of `locked`.

    Attributes:
        drop: the factor and group that were dropped last.
        above: holes of the grid before that, shared with the other branches there.
    """

    kept: Kept
    locked: frozenset[tuple[int, int]]
    drop: tuple[int, int]
    above: Int[np.ndarray, "hole factor"]

    def holes(self) -> Int[np.ndarray, "hole factor"]:
        """The missing cells of `kept`."""
        axis, group = self.drop
        return self.above[self.above[:, axis] != group]


def largest(
    complete: Bool[np.ndarray, "*levels"], essential: frozenset[int]
) -> tuple[tuple[tuple[int, ...], ...], bool]:
    """The levels to keep of each factor, and whether no other choice is better.

    Args:
        complete: which cells are there, an axis a factor; at least one is.
        essential: factors (axes) that should keep two levels before anything else counts.
    """
    grid = _grouped(complete, essential)
    kept, proven = _search(grid)
    levels = (
        tuple(sorted(level for g in keep for level in groups[g]))
        for groups, keep in zip(grid.groups, kept, strict=True)
    )
    return tuple(levels), proven


def _grouped(complete: np.ndarray, essential: frozenset[int]) -> _Grid:
    groups = tuple(_alike(np.moveaxis(complete, axis, 0)) for axis in range(complete.ndim))
    firsts = np.ix_(*([group[0] for group in factor] for factor in groups))
    return _Grid(complete[firsts], groups, essential)


def _alike(slices: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Which entries along the first axis are equal, in order of first appearance."""
    found: dict[bytes, list[int]] = {}
    for i, piece in enumerate(slices):
        found.setdefault(piece.tobytes(), []).append(i)
    return tuple(tuple(same) for same in found.values())


def _search(grid: _Grid) -> tuple[Kept, bool]:
    """Depth first, from all groups down: a part that can't be better than the best is left out."""
    best = _grown(grid, tuple((int(g),) for g in np.argwhere(grid.complete)[0]))
    everything = tuple(tuple(range(len(groups))) for groups in grid.groups)
    stack = [_Node(everything, frozenset(), (0, -1), np.argwhere(~grid.complete))]
    work = 0
    while stack and work <= _WORK:
        node = stack.pop()
        if grid.worth(node.kept) <= grid.worth(best):
            continue
        holes = node.holes()
        work += _BRANCH + len(holes)
        if len(holes):
            stack.extend(_branches(grid, node, holes))
        else:
            best = _grown(grid, node.kept)
    return best, not stack


def _branches(grid: _Grid, node: _Node, holes: Int[np.ndarray, "hole factor"]) -> list[_Node]:
    """One hole must go, by a group of one of the factors: a branch each, the likeliest last.

    A branch keeps what the likelier ones dropped, so that none is searched twice.
    """
    losses = _losses(grid, node, holes)
    dearest = int(np.argmax(losses.min(axis=1)))  # the hole whose cheapest way out costs most
    hole = holes[dearest]
    missing = _missing(grid, node.kept, holes, hole)
    ways = [int(axis) for axis in np.flatnonzero(np.isfinite(losses[dearest]))]
    kept = {axis: _without(node.kept, axis, int(hole[axis])) for axis in ways}
    ways.sort(key=lambda axis: (grid.worth(kept[axis])[:2], missing[axis], axis))
    branches: list[_Node] = []
    for i, axis in enumerate(ways):
        locked = node.locked | {(other, int(hole[other])) for other in ways[i + 1 :]}
        branches.append(_Node(kept[axis], locked, (axis, int(hole[axis])), holes))
    return branches


def _without(kept: Kept, axis: int, group: int) -> Kept:
    return (*kept[:axis], tuple(g for g in kept[axis] if g != group), *kept[axis + 1 :])


def _losses(
    grid: _Grid, node: _Node, holes: Int[np.ndarray, "hole factor"]
) -> Float[np.ndarray, "hole factor"]:
    """The share of the sub-grid that each way out of a hole costs; infinite where it is barred."""
    losses = np.empty(holes.shape)
    for axis, size in enumerate(grid.sizes(node.kept)):
        last = node.kept[axis] if len(node.kept[axis]) == 1 else ()
        barred = [*last, *(group for factor, group in node.locked if factor == axis)]
        cost = np.array([len(group) / size for group in grid.groups[axis]])
        cost[barred] = np.inf
        losses[:, axis] = cost[holes[:, axis]]
    return losses


def _missing(
    grid: _Grid,
    kept: Kept,
    holes: Int[np.ndarray, "hole factor"],
    hole: Int[np.ndarray, " factor"],
) -> Float[np.ndarray, " factor"]:
    """What share of its cells each group through a hole lacks, within the sub-grid."""
    sizes = [np.array([len(group) for group in groups]) for groups in grid.groups]
    weights = np.prod([size[holes[:, f]] for f, size in enumerate(sizes)], axis=0)
    lacking = (weights[:, None] * (holes == hole)).sum(axis=0)
    own = np.array([size[g] for size, g in zip(sizes, hole, strict=True)])
    full = np.array(grid.sizes(kept), np.float64)
    return lacking / (own * (full.prod() / full))


def _grown(grid: _Grid, kept: Kept) -> Kept:
    """With every group added that is complete after all: an early drop may prove needless."""
    for axis in range(len(kept)):
        slab = [range(len(grid.groups[f])) if f == axis else keep for f, keep in enumerate(kept)]
        others = tuple(f for f in range(len(kept)) if f != axis)
        whole = np.flatnonzero(grid.complete[np.ix_(*slab)].all(axis=others))
        kept = (*kept[:axis], tuple(int(g) for g in whole), *kept[axis + 1 :])
    return kept
