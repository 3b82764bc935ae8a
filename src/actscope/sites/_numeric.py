"""Elementwise operations on the host, in float64: what a piece of a program does to a number."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import special

from actscope.sites._graph import Constant, Graph, Node, Operand

Numbers = Any  # a NumPy array or number

# These move numbers to other places and change none.
RESHAPING = {
    "broadcast_in_dim", "copy", "copy_p", "device_put", "expand_dims", "name",
    "optimization_barrier", "reshape", "sharding_constraint", "squeeze", "stop_gradient",
    "transpose",
}  # fmt: skip

BOUNDS = {"clamp", "max", "min"}  # these cut numbers off


def _convert(node: Node, x: Numbers) -> Numbers:
    # Between floating types nothing is rounded here: float64 stands for all of them.
    kind = np.dtype(node.outputs[0].dtype).kind
    if kind == "b":
        return x != 0
    number = x * 1.0  # truth values too
    return np.trunc(number) if kind in "iu" else number


def _round(node: Node, x: Numbers) -> Numbers:
    to_even = int(node.params["rounding_method"]) == 1
    return np.round(x) if to_even else np.trunc(x + np.copysign(0.5, x))


def _clamp(low: Numbers, x: Numbers, high: Numbers) -> Numbers:
    return np.minimum(np.maximum(x, low), high)


def _select(which: Numbers, *cases: Numbers) -> Numbers:
    chosen = np.broadcast_to(cases[0], np.broadcast_shapes(*(np.shape(x) for x in (which, *cases))))
    for index, case in enumerate(cases[1:], start=1):
        chosen = np.where(np.asarray(which) == index, case, chosen)
    return chosen


_PLAIN: dict[str, Callable[..., Numbers]] = {
    "abs": np.abs, "acos": np.arccos, "acosh": np.arccosh, "add": np.add, "add_any": np.add,
    "and": np.logical_and, "asin": np.arcsin, "asinh": np.arcsinh, "atan": np.arctan,
    "atan2": np.arctan2, "atanh": np.arctanh, "cbrt": np.cbrt, "ceil": np.ceil, "clamp": _clamp,
    "cos": np.cos, "cosh": np.cosh, "digamma": special.digamma, "div": np.divide,
    "eq": np.equal, "erf": special.erf, "erf_inv": special.erfinv, "erfc": special.erfc,
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "floor": np.floor, "ge": np.greater_equal,
    "gt": np.greater, "is_finite": np.isfinite, "le": np.less_equal, "lgamma": special.gammaln,
    "log": np.log, "log1p": np.log1p, "logistic": special.expit, "lt": np.less, "max": np.maximum,
    "min": np.minimum, "mul": np.multiply, "ne": np.not_equal, "neg": np.negative,
    "nextafter": np.nextafter, "not": np.logical_not, "or": np.logical_or, "pow": np.power,
    "rem": np.fmod, "rsqrt": lambda x: 1 / np.sqrt(x), "select_n": _select, "sign": np.sign,
    "sin": np.sin, "sinh": np.sinh, "sqrt": np.sqrt, "square": np.square, "sub": np.subtract,
    "tan": np.tan, "tanh": np.tanh, "xor": np.logical_xor,
}  # fmt: skip
_WITH_PARAMS: dict[str, Callable[..., Numbers]] = {
    "convert_element_type": _convert,
    "integer_pow": lambda node, x: x ** node.params["y"],
    "reduce_precision": lambda _, x: x,
    "round": _round,
}
_OWN_DERIVATIVE = {"custom_jvp_call", "custom_vjp_call"}


def is_elementwise(node: Node) -> bool:
    """Whether each number out depends on the numbers at its place alone."""
    if node.primitive in _OWN_DERIVATIVE:
        return all(map(acts_elementwise, node.bodies))
    return node.primitive in _PLAIN or node.primitive in _WITH_PARAMS


def is_quiet(node: Node) -> bool:
    """Whether it only moves numbers, or gives them another dtype."""
    return node.primitive in RESHAPING or node.primitive == "convert_element_type"


def acts_elementwise(graph: Graph) -> bool:
    """Whether a graph does nothing but elementwise operations in one shape, or on one number."""
    shapes = {x.shape for node in graph.nodes for x in node.outputs} - {()}
    return (
        all(
            is_elementwise(node) or (node.primitive in RESHAPING and not _relocates(node))
            for node in graph.nodes
        )
        and len(shapes) <= 1
    )


def _relocates(node: Node) -> bool:
    """Whether it puts any number elsewhere; to fill a shape with one number does not."""
    source, made = node.inputs[0].shape, node.outputs[0].shape
    return source not in ((), made) or node.primitive == "transpose"


def evaluate(
    graph_nodes: tuple[Node, ...], known: Mapping[Operand, Numbers], wanted: Operand
) -> Numbers:
    """What elementwise (or reshaping) nodes make of numbers.

    Args:
        graph_nodes: in order; all that lie between what is known and what is wanted.
        known: arrays that broadcast against each other, whatever the shapes in the program.
        wanted: what to give.
    """
    values = dict(known)

    def read(operand: Operand) -> Numbers:
        if operand in values:
            return values[operand]
        assert isinstance(operand, Constant), "a value that nothing made"
        return as_float64(operand.array)

    with np.errstate(all="ignore"):
        for node in graph_nodes:
            given = [read(operand) for operand in node.inputs]
            values.update(zip(node.outputs, _apply(node, given), strict=True))
    return read(wanted)


def as_float64(array: Any) -> np.ndarray:
    """An array on the host: truth values as they are, numbers in float64."""
    found = np.asarray(array)
    return found if found.dtype == bool else found.astype(np.float64)


def _apply(node: Node, given: list[Numbers]) -> list[Numbers]:
    if node.primitive in _OWN_DERIVATIVE:
        (body,) = node.bodies
        known: dict[Operand, Numbers] = dict(zip(body.inputs, given, strict=True))
        return [evaluate(body.nodes, known, output) for output in body.outputs]
    if node.primitive in RESHAPING:
        return [given[0]]
    if node.primitive in _WITH_PARAMS:
        return [_WITH_PARAMS[node.primitive](node, *given)]
    return [_PLAIN[node.primitive](*given)]
