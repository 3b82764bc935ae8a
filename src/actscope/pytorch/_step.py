"""One elementwise call of PyTorch: what goes into it, and how it is carried out."""

from collections.abc import Sequence
from typing import Any

from actscope.pytorch._calls import RANDOM, Call, is_writing, torch
from actscope.pytorch._trail import Held, Node, Step, upstream

Met = list[tuple[Any, Node]]

EITHER = ("max", "min")  # of two tensors, or along an axis


def step_of(
    call: Call,
    function: Any,
    given: tuple[Any, ...],
    named: dict[str, Any],
    met: list[tuple[Any, Node]],
) -> Step | None:
    """An elementwise call of signals of one shape, and of single numbers; None if it is none."""
    signals = [(tensor, node) for tensor, node in met if node.batch]
    beside = [tensor for tensor, node in met if not node.batch]
    single = call.name == "prelu" or all(tensor.numel() == 1 for tensor in beside)
    alike = len({tensor.shape for tensor, _ in signals}) == 1
    either = call.name not in EITHER or len(met) > 1
    if not (call.elementwise and single and alike and either) or "out" in named:
        return None
    for tensor, node in signals:
        node.tensor = tensor

    def held(each: Any) -> Any:
        if not isinstance(each, torch().Tensor):
            return each
        node = next(node for tensor, node in met if tensor is each)
        return node if node.batch else Held(each, bool(node.leaf))

    writes = is_writing(call, named, given)
    values = {key: held(each) for key, each in named.items()}
    return Step(call, function, tuple(map(held, given)), values, writes)


def snapshot(step: Step | None, given: tuple[Any, ...]) -> dict[int, Any]:
    """By the `id` of its node, a copy of what a call is about to write into."""
    if step is None or not step.writes or not isinstance(step.given[0], Node):
        return {}
    return {id(step.given[0]): given[0].detach().clone()}


def carried_out(
    function: Any, given: tuple[Any, ...], named: dict[str, Any], step: Step | None
) -> tuple[Any, Any]:
    """What a call gives, and the same as it has its place in the graph."""
    if step is not None and step.writes and step.call.bends and given[0]._is_view():
        # Others may read what it is a view of: what stands in the graph before them is a copy.
        post = function(given[0].clone(), *given[1:], **named)
        return given[0].copy_(post), post
    output = function(*given, **named)
    return output, output


def as_it_was(root: Node, before: dict[int, Any]) -> Any:
    """A root as it was; None if somebody has written into it."""
    return before.get(id(root), root.tensor if is_intact(root) else None)


def why_no_site(step: Step, root: Node) -> str:
    """Why an activation is no site; empty if it is one."""
    if step.call.name == "rrelu" and (
        step.named.get("training") or any(each is True for each in step.given[3:4])
    ):
        return RANDOM
    return "" if root.leaf else "no parameter acts before it"


def have_one_source(operands: Sequence[Node]) -> bool:
    """Whether all were made of one signal."""
    first, *others = ({id(each) for each in upstream(node)} for node in operands)
    return bool(first.intersection(*others))


def is_intact(node: Node) -> bool:
    """Whether its tensor is still at hand, as it was."""
    return node.tensor is not None and version(node.tensor) == node.version


def is_per_unit(step: Step | None, pre: Any) -> bool:
    """Whether it is a prelu with a weight for each channel, which stands second."""
    if step is None or step.call.name != "prelu" or pre.ndim < 2:
        return False
    return any(isinstance(each, Held) and each.value.numel() > 1 for each in step.given)


def version(tensor: Any) -> int:
    return 0 if tensor.is_inference() else tensor._version


def is_transformed(tensor: Any) -> bool:
    """Whether it stands within torch.func's transforms, where numbers cannot be read."""
    return torch()._C._functorch.is_functorch_wrapped_tensor(tensor)
