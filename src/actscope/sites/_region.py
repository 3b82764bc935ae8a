"""Regions: what a graph makes of one value by elementwise operations alone, and the ways out."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import jax.numpy as jnp

from actscope.sites._graph import Graph, Node, Value
from actscope.sites._numeric import RESHAPING, is_elementwise
from actscope.sites._origin import Origins


@dataclass(frozen=True, eq=False)
class Way:
    """From a root out of its region.

    Attributes:
        bottlenecks: values that every path from the root to the exit runs through, in order: the
            root first, the exit last.
        pieces: for each two neighbours among them, the nodes between, in order.
    """

    bottlenecks: tuple[Value, ...]
    pieces: tuple[tuple[Node, ...], ...]


def ways(graph: Graph, origins: Origins) -> Iterator[Way]:
    """Every way out of every region of a graph (not of those within it), in order of the exits.

    A value belongs to its root's region while all of the batch that it depends on comes from that
    root, number by number and in one layout. Where two roots meet, as in a sum with a skip or a
    gate, and where an operation mixes numbers, a new region begins.
    """
    roots = _roots(graph, origins)
    regions: dict[Value, set[Value]] = {}
    for value, (root, _) in roots.items():
        regions.setdefault(root, set()).add(value)
    outputs = {each for each in graph.outputs if isinstance(each, Value)}
    for value, (root, _) in roots.items():
        if value is root or not jnp.issubdtype(value.dtype, jnp.floating):
            continue
        readers = graph.readers(value)
        region = regions[root]
        if value in outputs or any(not region.issuperset(node.outputs) for node in readers):
            yield _way(graph, root, value, region)


_Layout = tuple[object, ...]


def _roots(graph: Graph, origins: Origins) -> dict[Value, tuple[Value, _Layout]]:
    found: dict[Value, tuple[Value, _Layout]] = {
        value: (value, ()) for value in graph.inputs if origins[value].batch
    }
    for node in graph.nodes:
        given = [found[each] for each in node.inputs if isinstance(each, Value) and each in found]
        if not given:
            continue
        root, layout = given[0]
        if not _keeps(node) or any(each != given[0] for each in given):
            found.update((output, (output, ())) for output in node.outputs)
        elif _moves(node):
            found[node.outputs[0]] = root, (*layout, _move(node))
        else:
            found[node.outputs[0]] = root, layout
    return found


def _keeps(node: Node) -> bool:
    """Whether each number out comes from the numbers at one place."""
    if len(node.outputs) != 1:
        return False
    if node.primitive in RESHAPING:  # to repeat a number is more than to move it
        return math.prod(node.inputs[0].shape) == math.prod(node.outputs[0].shape)
    return is_elementwise(node)


def _moves(node: Node) -> bool:
    """Whether it lays the numbers out anew."""
    if node.primitive == "transpose":
        return True
    return node.primitive in RESHAPING and node.inputs[0].shape != node.outputs[0].shape


def _move(node: Node) -> object:
    return node.primitive, node.outputs[0].shape, str(node.params)


def _way(graph: Graph, root: Value, end: Value, region: set[Value]) -> Way:
    nodes = _between(graph, root, end, region)
    order = [root, *(node.outputs[0] for node in nodes)]
    place = {value: index for index, value in enumerate(order)}
    furthest = [0] * len(order)
    for index, node in enumerate(nodes, start=1):
        for value in node.inputs:
            if isinstance(value, Value) and value in place:
                furthest[place[value]] = index
    bottlenecks: list[int] = []
    reach = 0
    for index, far in enumerate(furthest):
        if reach <= index:
            bottlenecks.append(index)
        reach = max(reach, far)
    return Way(
        tuple(order[index] for index in bottlenecks),
        tuple(tuple(nodes[low:high]) for low, high in pairwise(bottlenecks)),
    )


def _between(graph: Graph, root: Value, end: Value, region: set[Value]) -> list[Node]:
    """The nodes from a root to a value of its region, in order."""
    wanted, found = [end], set[Node]()
    while wanted:
        node = graph.maker(wanted.pop())
        if node is None or node in found:
            continue
        found.add(node)
        inputs = (each for each in node.inputs if isinstance(each, Value))
        wanted.extend(each for each in inputs if each in region and each is not root)
    return [node for node in graph.nodes if node in found]
