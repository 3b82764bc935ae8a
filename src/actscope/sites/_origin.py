"""Where values come from: the batch, the parameters, and which of these is nearest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from actscope.sites._graph import Constant, Graph, Node, Operand
from actscope.sites._parts import Parts, cut, joined, kept

# A constant that enters one of these is a parameter that was closed over.
PRODUCTS = {"dot_general", "conv_general_dilated", "gather", "ragged_dot", "ragged_dot_general"}


@dataclass(frozen=True)
class Origin:
    """What a value depends on.

    Attributes:
        batch: it depends on the inputs.
        parameter: it depends on a parameter.
        leaf: path of the latest parameter upstream; empty if it has no name.
        depth: number of parameters that the batch has met, one after the other.
        distance: operations since the last.
        parts: parameters that lie side by side in it.
    """

    batch: bool = False
    parameter: bool = False
    leaf: str = ""
    depth: int = 0
    distance: int = 0
    parts: Parts = ()

    def joined(self, other: "Origin") -> "Origin":
        """What a value of both depends on; the later parameter gives the name.

        Where a branch meets the skip around it, that is the branch's.
        """
        late = min((self, other), key=lambda each: (not each.leaf, -each.depth, each.distance))
        return Origin(
            self.batch or other.batch,
            self.parameter or other.parameter,
            late.leaf,
            late.depth,
            late.distance,
        )


Origins = dict[Operand, Origin]


def origins(graph: Graph, given: Sequence[Origin]) -> Origins:
    """The origin of every value of a graph and of all that are within it.

    Args:
        graph: the graph.
        given: the origins of its inputs.
    """
    found: Origins = dict(zip(graph.inputs, given, strict=True))
    for node in graph.nodes:
        for output, origin in zip(node.outputs, _made(node, found), strict=True):
            found[output] = origin
    return found


def of(found: Mapping[Operand, Origin], operand: Operand) -> Origin:
    """The origin of an operand; a constant has none."""
    return Origin() if isinstance(operand, Constant) else found[operand]


def is_closed_over(operand: Operand) -> bool:
    """Whether it is an array that a function closes over."""
    return isinstance(operand, Constant) and bool(operand.shape)


def _made(node: Node, found: Origins) -> list[Origin]:
    given = [of(found, operand) for operand in node.inputs]
    if node.primitive == "scan":
        return _scanned(node, given, found)
    if node.primitive == "cond":
        return _chosen(node, given, found)
    if node.primitive == "while":
        return _repeated(node, given, found)
    made = _joined(given)
    if node.primitive in PRODUCTS and any(map(is_closed_over, node.inputs)):
        made = replace(made, parameter=True)
    for body in node.bodies:
        if len(body.inputs) == len(given):
            found.update(origins(body, given))
    return _in_parts(node, given, made)


def _in_parts(node: Node, given: Sequence[Origin], made: Origin) -> list[Origin]:
    if not node.outputs or not node.outputs[0].shape:
        return [made] * len(node.outputs)
    parts = joined(node, ["" if each.batch else each.leaf for each in given])
    parts = parts or kept(node, [each.parts for each in given])
    if parts:
        return [replace(made, parts=parts)]
    leaves = cut(node, given[0].parts) if given and given[0].parts else [""] * len(node.outputs)
    return [replace(made, leaf=leaf or made.leaf) for leaf in leaves]


def _joined(given: Sequence[Origin]) -> Origin:
    """What a value of all these depends on.

    A parameter that enters beside the batch stands nearest, whatever the batch has met before.
    """
    made = Origin()
    for origin in given:
        made = made.joined(origin)
    entering = [each for each in given if each.leaf and not each.batch]
    if made.batch and entering:
        return replace(made, leaf=entering[0].leaf, depth=made.depth + 1, distance=0)
    return replace(made, distance=made.distance + 1)


def _scanned(node: Node, given: list[Origin], found: Origins) -> list[Origin]:
    consts, carries = node.params["num_consts"], node.params["num_carry"]
    (body,) = node.bodies
    carry = given[consts : consts + carries]
    while True:
        inner = origins(body, [*given[:consts], *carry, *given[consts + carries :]])
        made = [of(inner, output) for output in body.outputs]
        after = [_or(old, new) for old, new in zip(carry, made[:carries], strict=True)]
        if _flags(after) == _flags(carry):
            found.update(inner)
            return made
        carry = after


def _repeated(node: Node, given: list[Origin], found: Origins) -> list[Origin]:
    tests, consts = node.params["cond_nconsts"], node.params["body_nconsts"]
    (body,) = node.bodies
    carry = given[tests + consts :]
    while True:
        inner = origins(body, [*given[tests : tests + consts], *carry])
        made = [of(inner, output) for output in body.outputs]
        after = [_or(old, new) for old, new in zip(carry, made, strict=True)]
        if _flags(after) == _flags(carry):
            found.update(inner)
            return made
        carry = after


def _chosen(node: Node, given: list[Origin], found: Origins) -> list[Origin]:
    which, *operands = given
    made = [Origin(which.batch)] * len(node.outputs)
    for branch in node.bodies:
        inner = origins(branch, operands)
        found.update(inner)
        outputs = [of(inner, output) for output in branch.outputs]
        made = [one.joined(other) for one, other in zip(made, outputs, strict=True)]
    return made


def _or(old: Origin, new: Origin) -> Origin:
    """The carry of the first step or of a later one; the first keeps its name."""
    return replace(old, batch=old.batch or new.batch, parameter=old.parameter or new.parameter)


def _flags(given: Sequence[Origin]) -> list[tuple[bool, bool]]:
    return [(origin.batch, origin.parameter) for origin in given]
