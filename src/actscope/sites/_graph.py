"""A traced function as a flat graph: values, and the nodes that make them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Value:
    """What a node makes or a graph is given; told apart by identity.

    Attributes:
        shape: of the array.
        dtype: of it.
    """

    shape: tuple[int, ...]
    dtype: Any


@dataclass(frozen=True, eq=False)
class Constant:
    """A number that stands in the program, or an array that the function closes over.

    Attributes:
        array: the value itself.
        literal: it stands in the program.
    """

    array: Any
    literal: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array."""
        return np.shape(self.array)


Operand = Value | Constant


@dataclass(frozen=True, eq=False)
class Node:
    """One operation.

    Attributes:
        primitive: its name, as jax calls it.
        equation: the equation of the jaxpr that it was; what executes it.
        inputs: what it reads.
        outputs: what it makes.
        path: of the enclosing `jax.named_scope`s and calls, outermost first, by `/`.
        source: file and line in the user's code.
        bodies: graphs of a loop's step or of a condition's branches.
    """

    primitive: str
    equation: Any
    inputs: tuple[Operand, ...]
    outputs: tuple[Value, ...]
    path: str
    source: str
    bodies: tuple["Graph", ...] = ()

    @property
    def params(self) -> dict[str, Any]:
        """The primitive's own parameters."""
        return self.equation.params

    @property
    def entering(self) -> tuple[Operand, ...]:
        """What the bodies are given: all inputs but those that choose a branch or end a loop."""
        return self.inputs[len(self.inputs) - len(self.bodies[0].inputs) :]

    @property
    def stacked(self) -> range:
        """Which of `entering` a scan takes apart step by step."""
        if self.primitive != "scan":
            return range(0)
        return range(self.params["num_consts"] + self.params["num_carry"], len(self.inputs))


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in an order in which they can be executed.

    Attributes:
        inputs: what the function is given, flattened.
        nodes: what it does.
        outputs: what it gives, flattened.
    """

    inputs: tuple[Value, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Operand, ...]
    _maker: dict[Value, Node] = field(default_factory=dict[Value, Node], repr=False)
    _readers: dict[Value, list[Node]] = field(default_factory=dict[Value, list[Node]], repr=False)

    def __post_init__(self):
        for node in self.nodes:
            self._maker.update(dict.fromkeys(node.outputs, node))
            for value in dict.fromkeys(each for each in node.inputs if isinstance(each, Value)):
                self._readers.setdefault(value, []).append(node)

    def maker(self, value: Value) -> Node | None:
        """The node that makes a value; None for an input."""
        return self._maker.get(value)

    def readers(self, value: Value) -> list[Node]:
        """The nodes that read a value, in order."""
        return self._readers.get(value, [])
