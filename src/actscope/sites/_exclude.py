"""What looks like an activation and is none."""

import numpy as np

from actscope.sites._chain import Run
from actscope.sites._graph import Constant, Graph, Node, Operand, Value
from actscope.sites._match import GRID
from actscope.sites._numeric import BOUNDS, is_quiet
from actscope.sites._origin import Origins, of

# Operations that normalise, square errors, or build softmax and norms: alone they activate nothing.
_ALONE = {
    "abs", "ceil", "div", "exp", "exp2", "floor", "integer_pow", "is_finite", "log", "log1p", "pow",
    "rem", "round", "rsqrt", "sign", "sqrt", "square",
}  # fmt: skip
_ROUNDING = {"ceil", "floor", "round", "sign"}
_COMPARING = {"and", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "xor"}
_COMPARED = {*_COMPARING, "select_n"}
_SCALED = {"add", "div", "mul", "neg", "sub"}
_ROOTS = {"rsqrt", "sqrt"}
_NORMS = {"log", "pow", *_ROOTS}
_MOSTLY, _NEXT = 0.7, 1e-4  # so many points of a staircase are as high as those so near to them
_STEEPEST = 1e3  # the steepest known function has a slope below 3

_SOFTMAX = "a softmax: not elementwise"
_LOGSUMEXP = "a logsumexp, as in a log_softmax: not elementwise"
_LARGEST = "the largest of several numbers (maxout, pooling): not elementwise"
_SOME = "some of several numbers by their order: not elementwise"


def no_activation(run: Run) -> bool:
    """Whether a run is one operation that nobody means as an activation."""
    acting = [node.primitive for node in run.nodes if not _is_quiet(node)]
    if len(acting) == 1 and acting[0] in _ALONE:
        return True
    if run.found is None and _COMPARING.issuperset(acting):  # a mask
        return True
    return run.values is not None and any(
        np.allclose(run.values, shape * run.values[0] / shape[0], rtol=1e-5, atol=1e-5)
        for shape in (GRID[:, None] ** 2, np.abs(GRID[:, None]))
    )


def reason(run: Run, graph: Graph) -> str:
    """Why a run is no activation; empty if it is one."""
    used = _readers(run.post, graph)
    shifted = [x for node in used if _shifts(node) for x in node.outputs]
    if any(_divides(run.post, node, graph) for node in used) or any(
        node.primitive in _ROOTS for value in shifted for node in _readers(value, graph)
    ):
        return "what it makes divides, or goes into a root or a logarithm: a guarded norm"
    acting = {node.primitive for node in run.nodes if not _is_quiet(node)}
    if acting <= BOUNDS and (told := _before_an_exponential(run, acting, graph)):
        return told
    return _unknown(run, acting, graph) if run.found is None else ""


def _unknown(run: Run, acting: set[str], graph: Graph) -> str:
    """Why what no table has is no activation; empty if it is one."""
    if acting & _ROUNDING and _is_staircase(run):
        return "it rounds: a quantiser"
    if _is_sum_of_squares(run.pre, graph):
        return "it scales by the size of a vector: a norm"
    if acting & _ROOTS and acting <= _ROOTS | _COMPARED | BOUNDS:
        return "a root that is guarded against 0: a norm"
    return "" if run.values is None else wild(run.values)


def _is_staircase(run: Run) -> bool:
    """Whether it is level but for steps; taken for granted where its values are not known."""
    beside = run.at(GRID + _NEXT)
    if beside is None or run.values is None:
        return True
    return bool((np.abs(beside - run.values) < _NEXT**2).mean() > _MOSTLY)


def _is_sum_of_squares(value: Value, graph: Graph) -> bool:
    total = _origin(value, graph)
    if total is None or total.primitive != "reduce_sum":
        return False
    square = _origin(total.inputs[0], graph)
    if square is None or square.primitive not in ("integer_pow", "mul", "square"):
        return False
    one, *other = square.inputs
    return square.params.get("y", 2) == 2 and all(each is one for each in other)


def _before_an_exponential(run: Run, acting: set[str], graph: Graph) -> str:
    """What a run that bounds numbers does for an exponential; empty if nothing."""
    clips = run.found is None or acting in ({"clamp"}, {"max", "min"})
    if clips and _is_exponentiated(run.post, graph):
        return "it bounds what is exponentiated"
    taken_off = (x for x in _readers(run.post, graph) if x.primitive == "sub")
    if _is_largest(run.pre, graph) and any(
        _is_exponentiated(node.outputs[0], graph) for node in taken_off
    ):
        return "it keeps a softmax from overflowing"
    return ""


def _is_exponentiated(value: Value, graph: Graph) -> bool:
    """Whether it goes into an exponential, scaled, shifted or bounded once more at most."""
    for node in _readers(value, graph):
        if node.primitive in ("exp", "exp2"):
            return True
        fixed = node.primitive == "neg" or any(isinstance(x, Constant) for x in node.inputs)
        passes = node.primitive in BOUNDS | _SCALED and fixed
        if passes and _is_exponentiated(node.outputs[0], graph):
            return True
    return False


def wild(values: np.ndarray) -> str:
    """What nobody would train with."""
    if not np.isfinite(values).all():
        return "it is not finite everywhere"
    if (np.abs(np.diff(values, axis=0)) > _STEEPEST * np.diff(GRID)[:, None]).any():
        return "it is too steep"
    return ""


def not_elementwise(node: Node, graph: Graph, origins: Origins) -> str:
    """Why what a node does is listed as passed over; empty if it is not."""
    if not node.outputs:  # it prints, say
        return ""
    output = node.outputs[0]
    if output not in origins or not (origins[output].batch and origins[output].parameter):
        return ""
    if node.primitive == "exp":
        return _summed(output, graph)
    if node.primitive in ("top_k", "sort", "approx_top_k"):
        return _SOME
    largest = node.primitive in ("reduce_max", "argmax") or _compares(node, origins)
    if largest and not _only_shifts(output, graph):
        return _LARGEST
    return ""


def _compares(node: Node, origins: Origins) -> bool:
    """Whether it gives the larger (or smaller) of two numbers that parameters have made."""
    made = [of(origins, each) for each in node.inputs]
    return node.primitive in ("max", "min") and all(x.batch and x.parameter for x in made)


def _summed(exponential: Value, graph: Graph) -> str:
    """What an exponential is part of if it is summed; empty if it is not."""
    sums = _sums(exponential, graph)
    if sums and any(node.primitive == "div" for node in _readers(exponential, graph)):
        return _SOFTMAX
    return _LOGSUMEXP if any(_is_logarithm_taken(each, graph) for each in sums) else ""


def _sums(value: Value, graph: Graph) -> list[Value]:
    """The sums of all of it, or of what a mask leaves."""
    found: list[Value] = []
    for node in _readers(value, graph):
        if node.primitive == "reduce_sum":
            found.append(node.outputs[0])
        elif node.primitive == "select_n":
            found.extend(_sums(node.outputs[0], graph))
    return found


def _is_logarithm_taken(value: Value, graph: Graph) -> bool:
    return any(
        node.primitive == "log"
        or (node.primitive == "abs" and _is_logarithm_taken(node.outputs[0], graph))
        for node in _readers(value, graph)
    )


def _is_largest(value: Value, graph: Graph) -> bool:
    """Whether it is the largest of several numbers."""
    maker = _origin(value, graph)
    return maker is not None and maker.primitive == "reduce_max"


def _origin(operand: Operand, graph: Graph) -> Node | None:
    """The node that made a value, wherever it has been moved since."""
    node = graph.maker(operand) if isinstance(operand, Value) else None
    if node is not None and _is_quiet(node):
        return _origin(node.inputs[0], graph)
    return node


def _only_shifts(largest: Value, graph: Graph) -> bool:
    """Whether a maximum is only taken off, as in a softmax that cannot overflow.

    A logsumexp adds it again to the logarithm.
    """
    readers = _readers(largest, graph)
    return bool(readers) and all(_shifts_by(node, graph) for node in readers)


def _shifts_by(node: Node, graph: Graph) -> bool:
    if node.primitive == "add":
        makers = (graph.maker(x) for x in node.inputs if isinstance(x, Value))
        return any(maker is not None and maker.primitive == "log" for maker in makers)
    if node.primitive == "select_n":  # what is infinite is left out
        return _only_shifts(node.outputs[0], graph)
    return node.primitive in ("sub", "is_finite", "max")


def _readers(value: Value, graph: Graph) -> list[Node]:
    """Who reads a value, wherever it has been moved."""
    found: list[Node] = []
    for node in graph.readers(value):
        found.extend(_readers(node.outputs[0], graph) if _is_quiet(node) else [node])
    return found


def _divides(value: Value, node: Node, graph: Graph) -> bool:
    if node.primitive == "div":
        return _comes_from(node.inputs[1], value, graph)
    return node.primitive in _NORMS


def _shifts(node: Node) -> bool:
    """Whether it adds a number of the program, as a norm does that must not be 0."""
    return node.primitive == "add" and any(isinstance(x, Constant) for x in node.inputs)


def _comes_from(operand: object, value: Value, graph: Graph) -> bool:
    while isinstance(operand, Value) and operand is not value:
        node = graph.maker(operand)
        if node is None or not _is_quiet(node):
            return False
        operand = node.inputs[0]
    return operand is value


def _is_quiet(node: Node) -> bool:
    """Whether it changes no number."""
    if is_quiet(node):
        return True
    # The guard of a softmax: no number is below minus infinity.
    return node.primitive == "max" and any(
        isinstance(x, Constant)
        and np.size(x.array) == 1
        and np.isneginf(np.asarray(x.array, float)).all()
        for x in node.inputs
    )
