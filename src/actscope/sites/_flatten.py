"""A program of jax as a flat graph: calls inlined, equal operations merged."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from actscope.sites import _jax
from actscope.sites._graph import Constant, Graph, Node, Operand, Value

# A call of these is what its body does. Rematerialisation computes the same numbers again.
_INLINED = {"jit", "pjit", "closed_call", "core_call", "remat", "remat2", "checkpoint"}


def flatten(program: Any) -> Graph:
    """The graph of a closed jaxpr.

    Args:
        program: as of `jax.make_jaxpr`.
    """
    return _Flattening().graph(program, "", "")


class _Flattening:
    """One graph as it grows."""

    def __init__(self):
        self._nodes: list[Node] = []
        self._known: dict[Any, tuple[Operand, ...]] = {}

    def graph(self, program: Any, path: str, source: str) -> Graph:
        inputs = tuple(Value(x.aval.shape, x.aval.dtype) for x in program.jaxpr.invars)
        outputs = self._inlined(program, inputs, path, source)
        return Graph(inputs, tuple(_needed(self._nodes, outputs)), outputs)

    def _inlined(
        self, program: Any, inputs: Sequence[Operand], path: str, source: str
    ) -> tuple[Operand, ...]:
        jaxpr = program.jaxpr
        given: dict[Any, Operand] = dict(zip(jaxpr.invars, inputs, strict=True))
        for variable, array in zip(jaxpr.constvars, program.consts, strict=True):
            given[variable] = Constant(array, literal=False)

        def read(atom: Any) -> Operand:
            if _jax.is_literal(atom):
                return Constant(np.asarray(atom.val, atom.aval.dtype), literal=True)
            return given[atom]

        for equation in jaxpr.eqns:
            operands = tuple(read(atom) for atom in equation.invars)
            made = self._equation(equation, operands, path, source)
            given.update(zip(equation.outvars, made, strict=True))
        return tuple(read(atom) for atom in jaxpr.outvars)

    def _equation(
        self, equation: Any, operands: tuple[Operand, ...], path: str, source: str
    ) -> tuple[Operand, ...]:
        name = equation.primitive.name
        inside = _joined(path, _jax.path(equation))
        source = _jax.source(equation) or source
        if name in _INLINED:
            called = equation.params.get("name", "") if name in ("jit", "pjit") else ""
            inner = _jax.body(equation)
            assert inner is not None
            return self._inlined(inner, operands, _joined(inside, called), source)
        key = _key(equation, operands)
        if key is not None and key in self._known:
            return self._known[key]
        outputs = tuple(Value(x.aval.shape, x.aval.dtype) for x in equation.outvars)
        bodies = tuple(_Flattening().graph(each, inside, source) for each in _bodies(equation))
        self._nodes.append(Node(name, equation, operands, outputs, inside, source, bodies))
        if key is not None:
            self._known[key] = outputs
        return outputs


def _needed(nodes: Sequence[Node], outputs: Sequence[Operand]) -> list[Node]:
    """The nodes without which the outputs (or an effect) would be missing."""
    wanted, kept = set(outputs), list[Node]()
    for node in reversed(nodes):
        if node.equation.effects or not wanted.isdisjoint(node.outputs):
            wanted.update(node.inputs)
            kept.append(node)
    return kept[::-1]


def _bodies(equation: Any) -> tuple[Any, ...]:
    name, params = equation.primitive.name, equation.params
    if name == "cond":
        return params["branches"]
    if name == "while":
        return (params["body_jaxpr"],)
    inner = _jax.body(equation)
    return () if inner is None else (inner,)


def _joined(outer: str, inner: str) -> str:
    return "/".join(part for part in (outer, inner) if part)


def _key(equation: Any, operands: tuple[Operand, ...]) -> Any:
    """The same for two operations that make the same of the same; None where that is not known."""
    if equation.effects:
        return None
    key = (
        equation.primitive,
        tuple(sorted(equation.params.items())),
        tuple(_same(operand) for operand in operands),
    )
    try:
        hash(key)
    except TypeError:  # an array among the parameters
        return None
    return key


def _same(operand: Operand) -> Any:
    if isinstance(operand, Constant) and operand.literal:
        array = operand.array
        return array.dtype, array.shape, array.tobytes()
    return operand
