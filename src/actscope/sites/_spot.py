"""A site as it stands in a graph, and what was passed over."""

from dataclasses import dataclass

from actscope.sites._chain import Run
from actscope.sites._graph import Graph


@dataclass(frozen=True, eq=False)
class Spot:
    """A site in a graph.

    Attributes:
        name: unlike all others.
        run: the stretch of operations that acts there.
        graph: the graph in which it stands, the whole or the body of a loop.
        rows: lengths of the loops around it, outermost first.
        label: of the activation; `custom`, with its operations, if no known one acts.
        role: `hidden` or `output`.
        source: file and line.
        unit_axis: the axis of `run.pre` that holds the units; None: it is one unit.
        post_axis: the axis of `run.post` that does.
    """

    name: str
    run: Run
    graph: Graph
    rows: tuple[int, ...]
    label: str
    role: str
    source: str
    unit_axis: int | None
    post_axis: int | None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of its input with the units last, after a row for every step of the loops around it."""
        return (*self.rows, *_units_last(self.run.pre.shape, self.unit_axis))

    @property
    def units(self) -> int:
        """Number of units of its output."""
        return _units_last(self.run.post.shape, self.post_axis)[-1]


@dataclass(frozen=True)
class Excluded:
    """What looks like a site and is none, or is one and cannot be seen.

    Attributes:
        name: where it is.
        reason: why.
    """

    name: str
    reason: str


def _units_last(shape: tuple[int, ...], axis: int | None) -> tuple[int, ...]:
    return (*shape, 1) if axis is None else (*shape[:axis], *shape[axis + 1 :], shape[axis])
