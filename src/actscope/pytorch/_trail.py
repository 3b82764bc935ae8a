"""What is known of the tensors of a PyTorch model as it runs: where they come from, and how."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from actscope.pytorch._calls import MOVING, QUIET, Call, torch

Rebuilt = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class Held:
    """A number that stands beside a signal; `learned` if parameters went into it."""

    value: Any
    learned: bool


@dataclass(frozen=True, eq=False)
class Step:
    """An elementwise call: of its operands, signals are `Node`s and other tensors `Held`."""

    call: Call
    function: Any
    given: tuple[Any, ...]
    named: dict[str, Any]
    writes: bool

    @property
    def nodes(self) -> list["Node"]:
        """Its signals, each once."""
        every = (*self.given, *self.named.values())
        return list({id(each): each for each in every if isinstance(each, Node)}.values())


@dataclass(eq=False)
class Node:
    """What is known of a tensor.

    Attributes:
        batch: it depends on the inputs.
        leaf: path of the nearest parameter upstream; empty if there is none.
        distance: calls since that one.
        axis: where its units stand; None: last.
        after: sites since the last parameter.
        made: the site whose output it is, however it was moved.
        step: how it was made, if elementwise.
        tensor: itself, where it may be the input of a site that is still to be found.
        version: of the tensor as it was then.
        bends: a step that makes it is no straight line.
    """

    batch: bool = False
    leaf: str = ""
    distance: int = 0
    axis: int | None = None
    after: frozenset[int] = frozenset()
    made: int | None = None
    step: Step | None = None
    tensor: Any = None
    version: int = 0
    bends: bool = False

    @property
    def layer(self) -> str:
        """What a site that reads it is called: the module whose parameter is the nearest."""
        path = self.leaf.split(".")
        if "parametrizations" in path:
            path = path[: path.index("parametrizations") + 1]
        return ".".join(path[:-1]) or self.leaf


def joined(call: Call, nodes: Sequence[Node]) -> Node:
    """What a tensor that was made of all these comes from.

    A parameter that enters beside the batch stands nearest, whatever the batch has met before.
    """
    near = min(nodes, key=lambda each: (not each.leaf, each.distance), default=Node())
    signals = [each for each in nodes if each.batch]
    entering = [each for each in nodes if each.leaf and not each.batch]
    if signals and entering:
        return Node(batch=True, leaf=entering[0].leaf)
    made = signals[0].made if call.name in QUIET and signals else None
    after = frozenset[int]().union(*(each.after for each in signals))
    return Node(bool(signals), near.leaf, near.distance + 1, after=after, made=made)


def axis_of(call: Call, output: Any, given: Sequence[tuple[Any, Node]], again: Rebuilt) -> Any:
    """Where the units of an output stand; None: last.

    Args:
        call: what made it.
        output: a tensor.
        given: the tensors that it was made of, with what is known of them.
        again: makes the call with another tensor in the place of the first.
    """
    told = call.axis(output, [tensor for tensor, node in given if not node.batch])
    if told is not None:
        return told
    signals = [(tensor, node) for tensor, node in given if node.batch]
    if call.name in MOVING and signals and signals[0][1].axis is not None:
        tensor, node = signals[0]
        assert node.axis is not None
        lengths = [3 if i == node.axis else 2 for i in range(tensor.ndim)]
        return list(again(torch().empty(lengths, device="meta")).shape).index(3)
    alike = [node.axis for tensor, node in signals if tensor.ndim == output.ndim]
    return next((axis for axis in alike if axis is not None), None)


def evaluate(node: Node, root: Node, x: Any) -> Any:
    """What the steps from `root` to `node` make of `x`, put in for `root`.

    Raises:
        LookupError: something else than `root` went into it.
    """
    known: dict[int, Any] = {id(root): x}

    def value(each: Any) -> Any:
        if isinstance(each, Held):
            held = each.value.detach()
            return held.to(x) if held.is_floating_point() else held.to(x.device)
        if not isinstance(each, Node):
            return each
        if id(each) not in known:
            known[id(each)] = made(each.step)
        return known[id(each)]

    def made(step: Step | None) -> Any:
        if step is None:
            raise LookupError
        given = [value(each) for each in step.given]
        if step.writes:
            given[0] = given[0].clone()
        named = {key: value(each) for key, each in step.named.items()}
        return step.function(*given, **named)

    return value(node)


def upstream(node: Node) -> list[Node]:
    """The node and whatever went into it through elementwise steps, the farthest last."""
    found: dict[int, Node] = {}
    wanted = [node]
    while wanted:
        each = wanted.pop(0)
        if id(each) not in found:
            found[id(each)] = each
            wanted.extend(each.step.nodes if each.step else ())
    return list(found.values())


def between(node: Node, root: Node) -> list[Node]:
    """The nodes that steps from `root` to `node` make."""
    found: dict[int, Node] = {}
    wanted = [node]
    while wanted:
        each = wanted.pop(0)
        if each is not root and id(each) not in found:
            found[id(each)] = each
            wanted.extend(each.step.nodes if each.step else ())
    return list(found.values())


def leads(root: Node, node: Node) -> bool:
    """Whether steps lead from `root` to `node`, and nothing else goes in."""
    return all(each.step is not None for each in between(node, root))


def held(node: Node, root: Node) -> list[Held]:
    """The numbers beside the signal in the steps between these."""
    steps = [each.step for each in between(node, root) if each.step]
    every = (each for step in steps for each in (*step.given, *step.named.values()))
    return [each for each in every if isinstance(each, Held)]


def tensors(values: Any) -> Iterator[Any]:
    """The tensors among the arguments or results of a call, also in lists."""
    if isinstance(values, torch().Tensor):
        yield values
    elif isinstance(values, dict):
        for each in values.values():
            yield from tensors(each)
    elif isinstance(values, list | tuple):
        for each in values:
            yield from tensors(each)
