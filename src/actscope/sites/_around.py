"""What a graph stands in: loops, conditions and calls, and where its outputs go from there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from actscope.sites._graph import Graph, Node, Value
from actscope.sites._origin import PRODUCTS, Origins, is_closed_over, of


@dataclass(frozen=True)
class Around:
    """What is around the body of a node, however deep.

    Attributes:
        rows: lengths of the loops around, outermost first.
        maps: loops that only go through the examples one by one, outermost first.
        closed: why no site here can be seen, if none can.
        outside: the nodes whose bodies these are, with their graphs, outermost first.
    """

    rows: tuple[int, ...] = ()
    maps: tuple[Node, ...] = ()
    closed: str = ""
    outside: tuple[tuple[Node, Graph], ...] = ()

    def within(self, node: Node, graph: Graph, origins: Origins, closed: str) -> "Around":
        """What is around the bodies of a node."""
        inside = replace(self, closed=closed, outside=(*self.outside, (node, graph)))
        if node.primitive != "scan":
            return inside
        if _is_map(node, origins):
            return replace(inside, maps=(*self.maps, node))
        return replace(inside, rows=(*self.rows, node.params["length"]))

    def role(self, value: Value, graph: Graph, origins: Origins) -> str:
        """`output` where nothing that is learned comes between a value and an output."""
        if self.rows:
            return "hidden"
        reached = _reached([value], graph)
        for node, outer in reversed(self.outside):
            if _is_learned_from(reached, graph, origins):
                return "hidden"
            leaving = zip(graph.outputs, node.outputs, strict=False)
            reached = _reached([outside for inside, outside in leaving if inside in reached], outer)
            graph = outer
        return "hidden" if _is_learned_from(reached, graph, origins) else "output"


def _is_map(node: Node, origins: Origins) -> bool:
    """Whether a loop goes through the examples and carries nothing from one to the next."""
    if node.params["num_carry"]:
        return False
    stacked = [of(origins, node.entering[index]) for index in node.stacked]
    weights = any(each.parameter and not each.batch for each in stacked)
    return any(each.batch for each in stacked) and not weights


def _reached(values: Sequence[Value], graph: Graph) -> set[Value]:
    """Some values and all that depends on them."""
    wanted, met = [*values], {*values}
    while wanted:
        for node in graph.readers(wanted.pop()):
            fresh = [value for value in node.outputs if value not in met]
            met.update(fresh)
            wanted.extend(fresh)
    return met


def _is_learned_from(values: set[Value], graph: Graph, origins: Origins) -> bool:
    """Whether a parameter meets any of them, or they meet in a product what one has made."""
    readers = {node for value in values for node in graph.readers(value)}
    return any(learns(node, origins) or _mixes(node, origins) for node in readers)


def _mixes(node: Node, origins: Origins) -> bool:
    """Whether it multiplies what parameters have made, as attention and hypernetworks do."""
    made = [of(origins, each).parameter for each in node.inputs]
    return node.primitive in PRODUCTS and made.count(True) > 1


def learns(node: Node, origins: Origins) -> bool:
    """Whether a parameter enters beside the signal."""
    if node.primitive in PRODUCTS and any(map(is_closed_over, node.inputs)):
        return True
    given = [of(origins, each) for each in node.inputs]
    return any(each.parameter and not each.batch for each in given)
