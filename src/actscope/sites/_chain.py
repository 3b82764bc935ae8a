"""The nonlinear runs along one way out of a region."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np

from actscope.sites._graph import Node, Operand, Value
from actscope.sites._match import GRID, Match, match
from actscope.sites._numeric import BOUNDS, evaluate, is_quiet
from actscope.sites._region import Way
from actscope.sites._side import Sides

_MOST_UNITS = 8  # of a run that differs from unit to unit, so many are compared
_LEVEL = 0.1  # a change of so much of all, from 24 to 41 on either side, is none
_LINEAR = {"add", "add_any", "convert_element_type", "copy", "mul", "neg", "sub"}


@dataclass(frozen=True, eq=False)
class Run:
    """A stretch of a way: a function of one number, the same everywhere or unit by unit.

    Attributes:
        pre: what it is a function of.
        post: what it makes.
        nodes: from the one to the other, in order.
        sides: of what enters beside.
    """

    pre: Value
    post: Value
    nodes: tuple[Node, ...]
    sides: Sides

    @cached_property
    def _beside(self) -> dict[Operand, float | np.bool_ | None]:
        """All that enters beside `pre`: the one number that it is for ever, if it is one."""
        inside = {self.pre, *(output for node in self.nodes for output in node.outputs)}
        beside = dict.fromkeys(x for node in self.nodes for x in node.inputs if x not in inside)
        return {x: self.sides.number(x) for x in beside}

    @property
    def entering(self) -> tuple[Operand, ...]:
        """What of that is not one number for ever: parameters, masks."""
        return tuple(x for x, number in self._beside.items() if number is None)

    @property
    def learned(self) -> tuple[Operand, ...]:
        """What of that are parameters."""
        return tuple(x for x in self.entering if self.sides.is_parameter(x))

    @cached_property
    def units(self) -> dict[Operand, np.ndarray] | None:
        """The values of `entering` for some units; None where the layout changes on the way."""
        if not self.entering:
            return {}
        shapes = {np.shape(self.pre), *(x.shape for node in self.nodes for x in node.outputs)}
        arrays = {x: self.sides.array(x) for x in self.entering}
        if all(array.size == 1 for array in arrays.values()):
            return {x: array.reshape(1) for x, array in arrays.items()}
        if len(shapes) > 1:
            return None
        size = int(np.prod(self.pre.shape))
        places = np.unique(np.linspace(0, size - 1, _MOST_UNITS * 16).astype(int))
        flat = {x: np.broadcast_to(a, self.pre.shape).flat[places] for x, a in arrays.items()}
        _, first = np.unique(np.stack([*flat.values()]), axis=1, return_index=True)
        return {x: array[first[:_MOST_UNITS]] for x, array in flat.items()}

    @cached_property
    def values(self) -> np.ndarray | None:
        """What it makes of `GRID`, a column for each of `units`; None where they are not known."""
        return self.at(GRID)

    def at(self, points: np.ndarray) -> np.ndarray | None:
        """What it makes of some numbers, a column for each of `units`."""
        if self.units is None:
            return None
        known = {self.pre: points[:, None], **self._beside, **self.units}
        made = np.asarray(evaluate(self.nodes, known, self.post), np.float64)
        columns = max((len(array) for array in self.units.values()), default=1)
        return np.broadcast_to(made, (len(points), columns))

    @cached_property
    def is_affine(self) -> bool:
        """Whether it only scales and shifts."""
        if len(self.nodes) == 1 and _is_linear(self.nodes[0], self.pre):
            return True
        return self.values is not None and _is_affine(self.values)

    @cached_property
    def found(self) -> Match | None:
        """The known activation that it is."""
        if self.values is None:
            return None
        half = np.dtype(self.pre.dtype).itemsize < 4
        assert self.units is not None
        learned = [self.units[x] for x in self.learned] or None
        return match(self.values, learned, half=half)


def runs(way: Way, sides: Sides) -> Iterator[Run]:
    """The nonlinear runs along a way, each as long as a known activation is, else a piece.

    A run never holds a piece that scales or shifts by a tensor: what comes after a bias is a
    function of the sum.
    """
    pieces = [
        Run(pre, post, nodes, sides)
        for pre, post, nodes in zip(way.bottlenecks, way.bottlenecks[1:], way.pieces, strict=False)
    ]
    stretch: list[Run] = []
    for piece in pieces:
        if piece.entering and piece.is_affine:
            yield from _within(stretch)
            stretch = []
        else:
            stretch.append(piece)
    yield from _within(stretch)


def _within(pieces: Sequence[Run]) -> Iterator[Run]:
    """The runs of a stretch: the longest that is known, then those before and after it."""
    for length in range(len(pieces), 0, -1):
        for start in range(len(pieces) - length + 1):
            run = _joined(pieces[start : start + length])
            if not run.is_affine and run.found is not None:
                yield from _within(pieces[:start])
                yield _joined(_bare(pieces[start : start + length]))
                yield from _within(pieces[start + length :])
                return
    if (bell := _bell(pieces)) is not None:
        yield bell
        return
    # The two bounds of one clip are two pieces.
    for bounds, neighbours in groupby(pieces, _is_bound):
        unknown = [piece for piece in neighbours if not piece.is_affine]
        yield from [_joined(unknown)] if bounds and unknown else unknown


def _bell(pieces: Sequence[Run]) -> Run | None:
    """Unknown pieces as one, if only together they level out: a square and an exponential."""
    acting = [i for i, piece in enumerate(pieces) if not piece.is_affine]
    done = {node.primitive for piece in pieces for node in piece.nodes}
    if len(acting) < 2 or ("exp" in done and done & BOUNDS):  # that is to keep it from overflowing
        return None
    run = _joined(pieces[acting[0] : acting[-1] + 1])
    if run.values is None or run.is_affine or not np.isfinite(run.values).all():
        return None
    (left, low), (high, right) = run.values[:2], run.values[-2:]
    levels = np.abs([left - low, right - high]) < _LEVEL * np.ptp(run.values, axis=0)
    return run if levels.all() else None


def _is_bound(piece: Run) -> bool:
    return all(node.primitive in BOUNDS for node in piece.nodes)


def _bare(pieces: Sequence[Run]) -> Sequence[Run]:
    """The pieces from the first to the last that do more than move or convert numbers."""
    acting = [i for i, piece in enumerate(pieces) if not all(map(is_quiet, piece.nodes))]
    return pieces[acting[0] : acting[-1] + 1]


def _joined(pieces: Sequence[Run]) -> Run:
    if len(pieces) == 1:
        return pieces[0]
    nodes = tuple(node for piece in pieces for node in piece.nodes)
    return Run(pieces[0].pre, pieces[-1].post, nodes, pieces[0].sides)


def _is_linear(node: Node, pre: Value) -> bool:
    """Whether it scales or shifts a number, whatever by."""
    if node.primitive == "div":
        return node.inputs[0] is pre and node.inputs[1] is not pre
    if node.primitive == "select_n":
        return node.inputs[0] is not pre
    return node.primitive in _LINEAR and [*node.inputs].count(pre) == 1


def _is_affine(values: np.ndarray) -> bool:
    if not np.isfinite(values).all():
        return False
    line = np.stack([GRID, np.ones_like(GRID)], axis=1)
    best = line @ np.linalg.lstsq(line, values, rcond=None)[0]
    return bool(np.allclose(best, values, rtol=1e-5, atol=1e-5))
