"""A site as it stands in a graph, and what was passed over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actscope.sites._chain import Run
from actscope.sites._graph import Graph, Node, Value


@dataclass(frozen=True, eq=False)
class Spot:
    """A site in a graph.

    Attributes:
        name: unlike all others.
        run: the stretch of operations that acts there.
        graph: the graph in which it stands, the whole or the body of a loop.
        rows: lengths of the loops around it, outermost first.
        maps: loops around it that only go through the examples: no rows, but axes of the batch.
        label: of the activation; `custom`, with its operations, if no known one acts.
        role: `hidden` or `output`.
        source: file and line.
        unit_axis: the axis of `run.pre` that holds the units; None: it is one unit.
        post_axis: the axis of `run.post` that does.
        instead: what acts in its place, a function of its input with the units last that keeps the
            shape; None: what the program has there.
    """

    name: str
    run: Run
    graph: Graph
    rows: tuple[int, ...]
    maps: tuple[Node, ...]
    label: str
    role: str
    source: str
    unit_axis: int | None
    post_axis: int | None
    instead: Callable[[Any], Any] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of its input with the units last, after a row for every step of the loops around it."""
        return (*self.rows, *self._examples, *_units_last(self.run.pre, self.unit_axis))

    @property
    def post_shape(self) -> tuple[int, ...]:
        """Of its output, likewise."""
        return (*self.rows, *self._examples, *_units_last(self.run.post, self.post_axis))

    @property
    def units(self) -> int:
        """Number of units of its output."""
        return self.post_shape[-1]

    @property
    def _examples(self) -> tuple[int, ...]:
        return tuple(node.params["length"] for node in self.maps)


@dataclass(frozen=True)
class Excluded:
    """What looks like a site and is none, or is one and cannot be seen.

    Attributes:
        name: where it is.
        reason: why.
    """

    name: str
    reason: str


def _units_last(value: Value, axis: int | None) -> tuple[int, ...]:
    shape = value.shape
    return (*shape, 1) if axis is None else (*shape[:axis], *shape[axis + 1 :], shape[axis])
