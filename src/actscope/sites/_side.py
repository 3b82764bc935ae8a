"""What enters beside the batch: numbers of the program, parameters, masks."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from actscope.sites import _jax
from actscope.sites._graph import Constant, Graph, Node, Operand, Value
from actscope.sites._numeric import as_float64
from actscope.sites._origin import Origins, of


class Sides:
    """The values of operands that do not depend on the batch, calculated when they are asked for.

    In a loop they are those of its first step.
    """

    def __init__(self, graph: Graph, origins: Origins, given: Mapping[Value, Callable[[], Any]]):
        self._graph = graph
        self._origins = origins
        self._given = given
        self._made: dict[Value, Any] = {}

    def within(self, node: Node, body: Graph) -> "Sides":
        """Those of the body of a loop, a condition or a call that stands in the graph."""
        given = {
            inner: partial(self._entered, operand, index in node.stacked)
            for index, (inner, operand) in enumerate(zip(body.inputs, node.entering, strict=True))
            if not of(self._origins, operand).batch
        }
        return Sides(body, self._origins, given)

    def is_parameter(self, operand: Operand) -> bool:
        """Whether it is a parameter, or made of one."""
        return of(self._origins, operand).parameter

    def array(self, operand: Operand) -> np.ndarray:
        """Its value on the host; truth values as they are, numbers in float64."""
        return as_float64(self._value(operand))

    def number(self, operand: Operand) -> float | np.bool_ | None:
        """The one number that it is everywhere, if it is and no parameter can change that."""
        if self.is_parameter(operand):
            return None
        array = self.array(operand)
        return array.flat[0] if array.size and (array == array.flat[0]).all() else None

    def _entered(self, operand: Operand, stacked: bool) -> Any:
        value = self._value(operand)
        return value[0] if stacked else value

    def _value(self, operand: Operand) -> Any:
        if isinstance(operand, Constant):
            return operand.array
        if operand in self._given:
            return self._given[operand]()
        if operand not in self._made:
            node = self._graph.maker(operand)
            assert node is not None, "an input of the graph depends on the batch or is given"
            made = _jax.execute(node.equation, *map(self._value, _jax.variables(node)))
            self._made.update(zip(node.outputs, made, strict=True))
        return self._made[operand]
