"""Which axis of each value holds the units: where weights put them."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from actscope.sites._graph import Graph, Node, Operand, Value
from actscope.sites._numeric import is_elementwise
from actscope.sites._origin import Origins, of

Axes = dict[Value, int]


def unit_axes(graph: Graph, origins: Origins, given: Sequence[int | None] = ()) -> Axes:
    """The axis of the units of every value, of a graph and all within it, where one is known.

    A product with a parameter puts its units where the parameter's free axis goes, a convolution
    where its dimension numbers say. Elementwise operations and reductions keep them; if they were
    lost, as in a group norm, a vector of parameters that scales or shifts shows them.

    Args:
        graph: the graph.
        origins: of its values.
        given: the axes of its inputs.
    """
    found: Axes = {value: 0 for value in graph.inputs if _is_vector(value, origins)}
    found |= {
        value: axis for value, axis in zip(graph.inputs, given, strict=False) if axis is not None
    }
    for node in graph.nodes:
        for body in node.bodies:
            found.update(unit_axes(body, origins, _entering(node, found)))
        leaving = zip(node.outputs, _leaving(node, graph, origins, found), strict=True)
        found |= {x: axis for x, axis in leaving if axis is not None and axis < len(x.shape)}
    return found


def _is_vector(value: Value, origins: Origins) -> bool:
    origin = of(origins, value)
    return origin.parameter and not origin.batch and len(value.shape) == 1


def _axis(node: Node, origins: Origins, found: Axes) -> int | None:
    if node.primitive == "dot_general":
        return _of_product(node, origins)
    if node.primitive == "conv_general_dilated":
        return node.params["dimension_numbers"].out_spec[1]
    known = [(x, found[x]) for x in node.inputs if isinstance(x, Value) and x in found]
    if not known or not node.outputs:
        return None
    operand, axis = min(known, key=lambda each: not of(origins, each[0]).batch)
    moved = _MOVED.get(node.primitive)
    if moved is not None:
        return moved(node, axis)
    shape, made = operand.shape, node.outputs[0].shape  # along other axes it may be repeated
    return axis if len(shape) == len(made) and shape[axis] == made[axis] else None


def _of_product(node: Node, origins: Origins) -> int | None:
    (contracted, batched) = node.params["dimension_numbers"]
    for index, operand in enumerate(node.inputs):
        if of(origins, operand).batch:
            continue
        free = _free(operand, contracted[index], batched[index])
        if not free:
            return None
        other = node.inputs[1 - index]
        first = len(batched[0])
        if index == 1:
            first += len(_free(other, contracted[0], batched[0]))
        return first + len(free) - 1
    return None


def _free(operand: Operand, contracted: Sequence[int], batched: Sequence[int]) -> list[int]:
    taken = {*contracted, *batched}
    return [axis for axis in range(len(operand.shape)) if axis not in taken]


def _transposed(node: Node, axis: int) -> int | None:
    return node.params["permutation"].index(axis)


def _broadcast(node: Node, axis: int) -> int | None:
    return int(node.params["broadcast_dimensions"][axis])


def _dropped(axes: str, node: Node, axis: int) -> int | None:
    dropped = node.params[axes]
    return None if axis in dropped else axis - sum(each < axis for each in dropped)


_reduced, _squeezed = partial(_dropped, "axes"), partial(_dropped, "dimensions")


def _reshaped(node: Node, axis: int) -> int | None:
    """The axis that holds the same numbers; None where it was joined to others or cut."""
    shape, made = node.inputs[0].shape, node.outputs[0].shape
    before = int(np.prod(shape[:axis]))
    for index, size in enumerate(made):
        if size == shape[axis] and int(np.prod(made[:index])) == before:
            return index
    return None


def _as_before(node: Node, graph: Graph, found: Axes) -> int | None:
    """The axis that was cut into groups and is now put together again, all else as it was."""
    wanted, (made,) = [*node.inputs], node.outputs
    while wanted:
        value = wanted.pop()
        maker = graph.maker(value) if isinstance(value, Value) else None
        if maker is None:
            continue
        if maker.primitive == "reshape" and maker.inputs[0].shape == made.shape:
            source = maker.inputs[0]
            return found.get(source) if isinstance(source, Value) else None
        if is_elementwise(maker):
            wanted.extend(x for x in maker.inputs if x.shape == value.shape)
    return None


def _kept(node: Node, axis: int) -> int | None:
    return axis if len(node.outputs[0].shape) == len(node.inputs[0].shape) else None


_MOVED = {
    "transpose": _transposed, "broadcast_in_dim": _broadcast, "squeeze": _squeezed,
    "reshape": _reshaped, "reduce_sum": _reduced, "reduce_max": _reduced, "reduce_min": _reduced,
    "slice": _kept, "dynamic_slice": _kept, "concatenate": _kept, "pad": _kept,
    "reduce_window_max": _kept, "reduce_window_sum": _kept, "reduce_window": _kept,
}  # fmt: skip


def _entering(node: Node, found: Axes) -> list[int | None]:
    axes: list[int | None] = []
    for index, operand in enumerate(node.entering):
        axis = found.get(operand) if isinstance(operand, Value) else None
        if axis is not None and index in node.stacked:
            axis = axis - 1 if axis else None
        axes.append(axis)
    return axes


def _leaving(node: Node, graph: Graph, origins: Origins, found: Axes) -> list[int | None]:
    if not node.bodies or is_elementwise(node):
        axis = _axis(node, origins, found)
        if axis is None and node.primitive == "reshape":
            axis = _as_before(node, graph, found)
        return [axis] * len(node.outputs)
    carried = node.params["num_carry"] if node.primitive == "scan" else len(node.outputs)
    axes: list[int | None] = []
    for index, operand in enumerate(node.bodies[0].outputs[: len(node.outputs)]):
        axis = found.get(operand) if isinstance(operand, Value) else None
        axes.append(axis if axis is None or index < carried else axis + 1)
    return axes
