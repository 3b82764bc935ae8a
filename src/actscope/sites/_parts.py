"""Parameters that lie side by side in one array, and which of them made what is cut from it.

A cell that computes all its gates in one product joins their weights, and takes the gates apart
again: each is called by its own weights.
"""

from collections.abc import Sequence
from itertools import accumulate

from actscope.sites._graph import Node
from actscope.sites._numeric import RESHAPING, is_elementwise

Parts = tuple[tuple[int, str], ...]  # along the last axis, each length with a parameter's path


def joined(node: Node, leaves: Sequence[str]) -> Parts:
    """Those of what concatenates parameters along the last axis."""
    last = len(node.outputs[0].shape) - 1
    if node.primitive != "concatenate" or node.params["dimension"] != last or not all(leaves):
        return ()
    return tuple((x.shape[-1], leaf) for x, leaf in zip(node.inputs, leaves, strict=True))


def kept(node: Node, given: Sequence[Parts]) -> Parts:
    """Those of what a node makes of others that have some."""
    last = node.outputs[0].shape[-1:]
    for operand, parts in zip(node.inputs, given, strict=True):
        if not parts or operand.shape[-1:] != last:
            continue
        moves = node.primitive in RESHAPING and node.primitive != "transpose"
        if moves or is_elementwise(node) or _multiplies_by(node, operand):
            return parts
    return ()


def _multiplies_by(node: Node, operand: object) -> bool:
    """Whether it is a product with a matrix, of which the last axis is that of the product."""
    if node.primitive != "dot_general" or node.inputs[1] is not operand:
        return False
    (_, contracted), (_, batched) = node.params["dimension_numbers"]
    return len(node.inputs[1].shape) - 1 not in (*contracted, *batched)


def cut(node: Node, parts: Parts) -> list[str]:
    """The paths of the parameters that each output alone was made by, where it was cut out."""
    last = len(node.outputs[0].shape) - 1
    if node.primitive == "split" and node.params["axis"] == last:
        stops = list(accumulate(map(int, node.params["sizes"])))
    elif node.primitive == "slice":
        stops = [node.params["limit_indices"][last]]
    else:
        return [""] * len(node.outputs)
    lengths = (x.shape[-1] for x in node.outputs)
    return [_at(parts, stop - length, stop) for stop, length in zip(stops, lengths, strict=True)]


def _at(parts: Parts, low: int, high: int) -> str:
    """The path of the one that reaches from one place to another; empty if several do."""
    end = 0
    for length, leaf in parts:
        start, end = end, end + length
        if start <= low and high <= end:
            return leaf
    return ""
