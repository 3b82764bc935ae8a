"""Residual branches: where a program adds to a signal what layers make of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from actscope.sites._around import Around, learns
from actscope.sites._graph import Graph, Node, Operand, Value
from actscope.sites._numeric import RESHAPING, is_elementwise
from actscope.sites._origin import PRODUCTS, Origins, of

_SUMS = {"add", "add_any"}
# What gives a multiple where it is given one. A mask that selects stands beside, and 0 with it.
_LINEAR = RESHAPING | {"convert_element_type", "neg", "reduce_sum", "select_n"}


@dataclass(frozen=True)
class Branch:
    """The f of a sum x + f(x), with layers in f.

    Attributes:
        leaves: paths of the parameters that scale it together: the last weights (or scale) in it
            and the offsets behind; empty if they are not known.
        times: how often it is run through, one after the other.
    """

    leaves: tuple[str, ...]
    times: int


def branches(graph: Graph, origins: Origins, around: Around | None = None) -> Iterator[Branch]:
    """The residual branches of a graph and of the loops within it, in the order of their sums.

    A skip with a layer of its own is none: nothing tells it from another branch.

    Args:
        graph: the whole function, or what is in a loop of it.
        origins: of its values and of those within.
        around: what it stands in.
    """
    around = around or Around()
    before: dict[Operand, Operand] = {}  # of a sum, the signal that went into it
    for node in graph.nodes:
        if node.primitive in _SUMS and (found := _parts(node, graph, origins, before)):
            skip, branch = found
            before[node.outputs[0]] = skip
            yield Branch(_scaling(branch, graph, origins), int(np.prod(around.rows, dtype=int)))
        if node.primitive in ("scan", "cond") and not is_elementwise(node):
            inside = around.within(node, graph, origins, "")
            for body in node.bodies:
                yield from branches(body, origins, inside)


def _parts(
    node: Node, graph: Graph, origins: Origins, before: dict[Operand, Operand]
) -> tuple[Value, Value] | None:
    """The signal and the branch of a sum, if it is one of these."""
    one, other = node.inputs
    if not isinstance(one, Value) or not isinstance(other, Value) or one.shape != other.shape:
        return None
    if not (of(origins, one).batch and of(origins, other).batch):
        return None
    for skip, branch in ((one, other), (other, one)):
        # Two branches of one signal are added one after the other: x + f(x) + g(x).
        for source in (skip, before.get(skip)):
            if isinstance(source, Value) and _learns_between(source, branch, graph, origins):
                return skip, branch
    return None


def _learns_between(start: Value, end: Value, graph: Graph, origins: Origins) -> bool:
    """Whether layers lead from one value to another."""
    learned = {start: False}
    nodes = iter(graph.nodes)
    maker = graph.maker(start)
    if maker is not None:
        next(node for node in nodes if node is maker)
    for node in nodes:
        given = [learned[x] for x in node.inputs if isinstance(x, Value) and x in learned]
        if given:
            # Elementwise a parameter is a scale or an offset, and no layer.
            mixes = node.primitive in PRODUCTS or (node.bodies and not is_elementwise(node))
            met = any(given) or bool(mixes and learns(node, origins))
            learned.update((output, met) for output in node.outputs)
        if end in learned:
            return learned[end]
    return False


def _scaling(value: Operand, graph: Graph, origins: Origins) -> tuple[str, ...]:
    """What a value is proportional to, all together; empty if that is not known."""
    behind: list[str] = []
    while isinstance(value, Value) and (node := graph.maker(value)) is not None:
        moving = [x for x in node.inputs if of(origins, x).batch]
        beside = [of(origins, x).leaf for x in node.inputs if x not in moving]
        learned = [leaf for leaf in beside if leaf]
        if node.primitive in _SUMS and len(moving) == 2:
            parts = [_scaling(each, graph, origins) for each in moving]
            return (*parts[0], *parts[1], *behind) if all(parts) else ()
        if node.primitive == "mul" and len(moving) == 2:  # a norm of the batch, or of an example
            moving = [x for x in moving if _is_scaled(x, graph, origins)]
        elif node.primitive == "mul" or node.primitive in PRODUCTS:
            if learned or node.primitive in PRODUCTS:
                return (learned[-1], *behind) if learned and len(moving) == 1 else ()
        elif node.primitive in ("add", "sub"):
            behind += learned
        elif node.primitive not in _LINEAR and not (
            node.primitive == "div" and node.inputs[0] in moving
        ):
            return ()
        if len(moving) != 1:
            return ()
        (value,) = moving
    return ()


def _is_scaled(value: Operand, graph: Graph, origins: Origins) -> bool:
    """Whether a learned scale makes it, and nothing else follows but another layout."""
    while isinstance(value, Value) and (node := graph.maker(value)) is not None:
        if node.primitive == "mul":
            return any(of(origins, x).leaf and not of(origins, x).batch for x in node.inputs)
        if node.primitive not in RESHAPING:
            return False
        value = node.inputs[0]
    return False
