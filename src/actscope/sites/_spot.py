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
        unit_axis: the axis of `run.pre` that holds the units.
        post_axis: the axis of `run.post` that does.
    """

    name: str
    run: Run
    graph: Graph
    rows: tuple[int, ...]
    label: str
    role: str
    source: str
    unit_axis: int
    post_axis: int


@dataclass(frozen=True)
class Excluded:
    """What looks like a site and is none, or is one and cannot be seen.

    Attributes:
        name: where it is.
        reason: why.
    """

    name: str
    reason: str
