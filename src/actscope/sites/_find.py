"""The sites of a graph: found, told from what only looks like one, and named."""

from collections.abc import Iterator
from dataclasses import replace

from actscope.sites._around import Around
from actscope.sites._axes import Axes, unit_axes
from actscope.sites._chain import Run, runs
from actscope.sites._exclude import no_activation, not_elementwise, reason
from actscope.sites._graph import Graph, Node, Value
from actscope.sites._name import place, unlike
from actscope.sites._numeric import BOUNDS, is_elementwise
from actscope.sites._origin import Origins
from actscope.sites._region import ways
from actscope.sites._side import Sides
from actscope.sites._spot import Excluded, Spot

_CLOSED = {
    "while": "within a loop whose number of steps depends on what it computes",
    "custom_jvp_call": "within a function that brings its own derivative (custom_jvp)",
    "custom_vjp_call": "within a function that brings its own derivative (custom_vjp)",
}
_CHOOSING = "within a condition that each example meets alone"
_OTHERWISE_CLOSED = "within {}, into which the probe does not look"


def find(
    graph: Graph, origins: Origins, sides: Sides
) -> tuple[tuple[Spot, ...], tuple[Excluded, ...]]:
    """The sites of a graph and of the loops and conditions within it, and what was passed over.

    Args:
        graph: the whole function.
        origins: of its values and of those of all graphs within it.
        sides: its parameters.
    """
    search = _Search(origins, unit_axes(graph, origins))
    search.through(graph, sides, Around())
    names = unlike([spot.name for spot in search.spots])
    spots = [replace(spot, name=name) for spot, name in zip(search.spots, names, strict=True)]
    return tuple(spots), tuple(dict.fromkeys(search.excluded))


class _Search:
    """What was found so far."""

    def __init__(self, origins: Origins, axes: Axes):
        self._origins = origins
        self._axes = axes
        self.spots: list[Spot] = []
        self.excluded: list[Excluded] = []

    def through(self, graph: Graph, sides: Sides, around: Around) -> None:
        """Finds all of a graph."""
        ending: dict[Node, list[Run]] = {}
        within: set[Node] = set()
        for run in _runs(graph, self._origins, sides):
            ending.setdefault(run.nodes[-1], []).append(run)
            within.update(run.nodes)
        for node in graph.nodes:
            for run in ending.get(node, []):
                self._meet(run, graph, around)
            told = not_elementwise(node, graph, self._origins)
            if told and not (node in within and node.primitive in BOUNDS):
                where = place(node.outputs[0], node, self._origins)
                self.excluded.append(Excluded(where, told))
            self._enter(node, graph, sides, around)

    def _enter(self, node: Node, graph: Graph, sides: Sides, around: Around) -> None:
        closed = around.closed
        if node.primitive == "cond" and around.maps:
            closed = closed or _CHOOSING
        if node.primitive not in ("scan", "cond"):
            closed = closed or _CLOSED.get(node.primitive, _OTHERWISE_CLOSED.format(node.primitive))
        for body in node.bodies:
            if len(body.inputs) <= len(node.inputs) and not is_elementwise(node):
                inside = around.within(node, graph, self._origins, closed)
                self.through(body, sides.within(node, body), inside)

    def _meet(self, run: Run, graph: Graph, around: Around) -> None:
        origin = self._origins[run.pre]
        where = place(run.pre, run.nodes[-1], self._origins)
        if no_activation(run):
            return
        told = around.closed if origin.parameter else "no parameter acts before it"
        told = told or reason(run, graph)
        if told:
            self.excluded.append(Excluded(where, told))
            return
        self.spots.append(
            Spot(
                name=where,
                run=run,
                graph=graph,
                rows=around.rows,
                maps=around.maps,
                label=_label(run),
                role=around.role(run.post, graph, self._origins),
                source=run.nodes[-1].source,
                unit_axis=self._unit_axis(run.pre, around),
                post_axis=self._unit_axis(run.post, around),
            )
        )

    def _unit_axis(self, value: Value, around: Around) -> int | None:
        """The last, if no other is known and it is not that of the examples."""
        last = len(value.shape) - 1
        first = 0 if around.maps else 1
        return self._axes.get(value, last if last >= first else None)


def _runs(graph: Graph, origins: Origins, sides: Sides) -> Iterator[Run]:
    met: dict[Value, list[Run]] = {}
    for way in ways(graph, origins):
        for run in runs(way, sides):
            known = met.setdefault(run.pre, [])
            if not any(_is_same(run, each) for each in known):
                known.append(run)
                yield run


def _is_same(run: Run, other: Run) -> bool:
    """Whether it is another run, or goes on from there without changing a number: |relu(x)|."""
    if run.post is other.post:
        return True
    if run.found is None or other.found is None or run.found.activation != other.found.activation:
        return False
    return set(other.nodes) < set(run.nodes)


def _label(run: Run) -> str:
    if run.found is not None:
        activation = run.found.activation
        return activation.name if activation.trainable or run.learned else activation.label
    operations = dict.fromkeys(
        node.primitive for node in run.nodes if node.primitive != "convert_element_type"
    )
    return f"custom({', '.join(operations)})"
