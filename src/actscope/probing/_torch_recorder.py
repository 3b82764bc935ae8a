"""A PyTorch model as it runs: every call that it makes is seen, and its sites are noted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from actscope.probing._torch_calls import (
    ACTING,
    CLOSED,
    DIVIDES,
    LARGEST,
    OWN,
    RANDOM,
    TENSORS,
    TRANSFORMED,
    Call,
    call_of,
    is_writing,
    torch,
)
from actscope.probing._torch_known import Known, Recogniser
from actscope.probing._torch_source import source
from actscope.probing._torch_trail import (
    Held,
    Node,
    Step,
    axis_of,
    between,
    evaluate,
    joined,
    tensors,
    upstream,
)

_EITHER = ("max", "min")  # of two tensors, or along an axis
_LONGEST = 16  # an activation that has no function of its own is written in so many calls at most
_UNNAMED = "parameter"

Met = list[tuple[Any, Node]]


@dataclass(frozen=True, eq=False)
class Act:
    """What happened at one site.

    Attributes:
        layer: the module before it.
        known: which activation acts there.
        source: the line that applies it.
        node: its output.
        root: its input.
        pre: a copy of that.
        edge: the place of its output in autograd's graph; None if it has none.
        axis: where its units stand; None: last.
    """

    layer: str
    known: Known
    source: str
    node: Node
    root: Node
    pre: Any
    edge: Any
    axis: int | None

    def apply(self, x: Any) -> Any:
        """The activation alone."""
        return evaluate(self.node, self.root, x)


class Recorder:
    """Follows the tensors of one run of a model.

    Args:
        names: those of the parameters, by their `id`.
        constants: the `id`s of its buffers.
        inputs: tensors that the run begins with.
        recogniser: of activations.
        differentiates: whether gradients will be asked for.

    Attributes:
        acts: what happened at the sites, by number, in order.
        excluded: places that were passed over, each with the reason.
        hidden: numbers of sites that a parameter comes after.
    """

    def __init__(
        self,
        names: dict[int, str],
        constants: frozenset[int],
        inputs: Iterable[Any],
        recogniser: Recogniser,
        differentiates: bool,
    ):
        self._names = names
        self._constants = constants
        self._recogniser = recogniser
        self._differentiates = differentiates
        self._nodes = torch().utils.weak.WeakIdKeyDictionary()
        self._last = ""
        self._count = 0
        self._examples = -1
        self.acts: dict[int, Act] = {}
        self.excluded: dict[tuple[str, str], None] = {}
        self.hidden: set[int] = set()
        for each in inputs:
            self._note(each, Node(batch=True))
            self._examples = each.shape[0] if each.ndim else self._examples

    def mode(self) -> Any:
        """The context in which the model must run."""
        see = self._see

        class Watching(torch().overrides.TorchFunctionMode):
            def __torch_function__(
                self, func: Any, types: Any, args: Any = (), kwargs: Any = None
            ) -> Any:
                del types
                return see(func, args, kwargs or {})

        return Watching()

    @property
    def last(self) -> str:
        """The module whose parameter acted last; empty before the first."""
        return Node(leaf=self._last).layer

    def after(self, outputs: Any) -> frozenset[int]:
        """Numbers of the sites that no parameter stands between and an output."""
        found = (self._node(each).after for each in tensors(outputs))
        return frozenset[int]().union(*found) - self.hidden

    def _see(self, function: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        call = call_of(function)
        if not given and "input" in named:
            given, named = (named["input"],), {key: x for key, x in named.items() if key != "input"}
        met = [(each, self._node(each)) for each in tensors((given, named))]
        if call.name in ACTING and any(map(_is_transformed, (each for each, _ in met))):
            self.excluded[self.last or source(), TRANSFORMED] = None
        if not any(node.batch or node.leaf for _, node in met):
            return function(*given, **named)
        step = _step(call, function, given, named, met)
        before = _snapshot(step, given)
        output, post = _run(function, given, named, step)
        written = given[:1] if output is None else output  # __setitem__ gives nothing
        for each in tensors(written):
            self._note(each, self._made(call, each, met, function, given, named))
        if step is not None:
            self._recognise(output, step, before, post)
        else:
            self._pass_over(call, met)
        self._divide(call, met)
        return self._differentiable(output, met)

    def _node(self, tensor: Any) -> Node:
        """What is known of a tensor."""
        known = self._nodes.get(tensor)
        if known is None:
            known = self._unmet(tensor)
            if known.batch:
                self._note(tensor, known)
        elif known.version != _version(tensor):  # somebody has written into it
            known = Node(known.batch, known.leaf, known.distance, known.axis, known.after)
            self._note(tensor, known)
        self._open(tensor, known)
        return known

    def _open(self, tensor: Any, known: Node) -> None:
        """Passes over what a function that brings its own derivative has done within."""
        maker = tensor.grad_fn
        if not isinstance(maker, torch().autograd.function.BackwardCFunction):
            return
        told = OWN.format(type(maker).__name__.removesuffix("Backward"))
        self.excluded[known.layer or self.last or source(), told] = None
        for each in known.after:
            if each in self.acts and self.acts[each].edge is None:
                del self.acts[each]
        known.step = None

    def _unmet(self, tensor: Any) -> Node:
        """What is known of a tensor that no call has made."""
        t = torch()
        if id(tensor) in self._names:
            return Node(leaf=self._names[id(tensor)])
        if isinstance(tensor, t.nn.Parameter):
            return Node(leaf=_UNNAMED)
        maker = tensor.grad_fn
        lost = not t.is_grad_enabled() and tensor.ndim and tensor.shape[0] == self._examples
        if maker is None and not (lost and id(tensor) not in self._constants):
            return Node()
        return Node(batch=True, leaf=self._last)

    def _note(self, tensor: Any, node: Node) -> None:
        node.version = _version(tensor)
        self._nodes[tensor] = node

    def _made(
        self,
        call: Call,
        tensor: Any,
        met: Met,
        function: Any,
        given: tuple[Any, ...],
        named: dict[str, Any],
    ) -> Node:
        nodes = [node for _, node in met]
        node = joined(call, nodes)
        if node.batch and not node.distance:
            self._last = node.leaf
            self.hidden |= frozenset[int]().union(*(each.after for each in nodes))
        node.axis = axis_of(call, tensor, met, lambda x: function(x, *given[1:], **named))
        return node

    def _recognise(self, output: Any, step: Step, before: dict[int, Any], post: Any) -> None:
        """Notes the site that a step completes, if it does."""
        node, operands = self._node(output), step.nodes
        node.bends = step.call.bends or any(each.bends for each in operands)
        if len(operands) > 1 and not _common(operands):
            node.bends = False
            self._pass_over(step.call, [(None, each) for each in operands])
            return
        node.step = step
        if not node.bends:
            return
        acting = step.call.name in ACTING and len(operands) == 1
        if acting and (told := _passed_over(step, operands[0])):
            self.excluded[operands[0].layer or source(), told] = None
            return
        known = self._recogniser(node, operands[0]) if acting else None
        if known is None:
            for root in reversed(upstream(node)[1:_LONGEST]):
                whole = self._recogniser(node, root) if root.leaf else None
                if whole is not None and _input(root, before) is not None:
                    self._meet(node, root, _input(root, before), post, whole)
                    return
        if acting:
            known = known or self._recogniser.custom(node, operands[0])
        if isinstance(known, str):
            self.excluded[operands[0].layer, known] = None
        elif known is not None:
            self._meet(node, operands[0], _input(operands[0], before), post, known)

    def _meet(self, node: Node, root: Node, pre: Any, post: Any, known: Known) -> None:
        for each in between(node, root):
            self.acts.pop(-1 if each.made is None else each.made, None)
        node.made = self._count
        node.after |= {self._count}
        edge = torch().autograd.graph.get_gradient_edge(post) if post.requires_grad else None
        axis = 1 if _is_per_unit(node.step, pre) else root.axis
        self.acts[self._count] = Act(
            root.layer, known, source(), node, root, pre.detach().clone(), edge, axis
        )
        self._count += 1

    def _pass_over(self, call: Call, met: Met) -> None:
        if not any(node.batch for _, node in met):
            return
        # By what it learns itself; else by what comes before it.
        learning = sorted((node for _, node in met if node.leaf), key=lambda each: each.batch)
        if not learning:
            return
        if (call.name in _EITHER and len(met) == 1) or call.name not in ACTING:
            told = CLOSED.get(call.name)
        else:
            several = dict.fromkeys((*_EITHER, "maximum", "minimum"), LARGEST)
            told = (several | {"where": None}).get(call.name, TENSORS)
        if told:
            self.excluded[learning[0].layer, told] = None

    def _divide(self, call: Call, met: Met) -> None:
        """A site whose output divides is none."""
        for position, (_, node) in enumerate(met):
            act = self.acts.get(-1 if node.made is None else node.made)
            if act is not None and call.divides(position):
                del self.acts[node.made or 0]
                self.excluded[act.layer, DIVIDES] = None

    def _differentiable(self, output: Any, met: Met) -> Any:
        """An output with a place in autograd's graph, also where no parameter before it has one."""
        t = torch()
        if not self._differentiates or not isinstance(output, t.Tensor) or output.requires_grad:
            return output
        fresh = t.is_grad_enabled() and output.is_floating_point() and not output.is_inference()
        node = self._node(output)
        if not fresh or not node.batch or node.distance or any(output is each for each, _ in met):
            return output
        output = output.detach().requires_grad_(True).clone()  # no leaf, which none may write into
        self._note(output, node)
        return output


def _step(
    call: Call, function: Any, given: tuple[Any, ...], named: dict[str, Any], met: Met
) -> Step | None:
    """An elementwise call of signals of one shape, and of single numbers; None if it is none."""
    signals = [(tensor, node) for tensor, node in met if node.batch]
    beside = [tensor for tensor, node in met if not node.batch]
    single = call.name == "prelu" or all(tensor.numel() == 1 for tensor in beside)
    alike = len({tensor.shape for tensor, _ in signals}) == 1
    either = call.name not in _EITHER or len(met) > 1
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


def _snapshot(step: Step | None, given: tuple[Any, ...]) -> dict[int, Any]:
    """By the `id` of its node, a copy of what a call is about to write into."""
    if step is None or not step.writes or not isinstance(step.given[0], Node):
        return {}
    return {id(step.given[0]): given[0].detach().clone()}


def _run(
    function: Any, given: tuple[Any, ...], named: dict[str, Any], step: Step | None
) -> tuple[Any, Any]:
    """What a call gives, and the same as it has its place in the graph."""
    if step is not None and step.writes and step.call.bends and given[0]._is_view():
        # Others may read what it is a view of: what stands in the graph before them is a copy.
        post = function(given[0].clone(), *given[1:], **named)
        return given[0].copy_(post), post
    output = function(*given, **named)
    return output, output


def _input(root: Node, before: dict[int, Any]) -> Any:
    """A root as it was; None if somebody has written into it."""
    return before.get(id(root), root.tensor if _is_intact(root) else None)


def _passed_over(step: Step, root: Node) -> str:
    """Why an activation is no site; empty if it is one."""
    if step.call.name == "rrelu" and (
        step.named.get("training") or any(each is True for each in step.given[3:4])
    ):
        return RANDOM
    return "" if root.leaf else "no parameter acts before it"


def _common(operands: Sequence[Node]) -> bool:
    """Whether all were made of one signal."""
    first, *others = ({id(each) for each in upstream(node)} for node in operands)
    return bool(first.intersection(*others))


def _is_intact(node: Node) -> bool:
    """Whether its tensor is still at hand, as it was."""
    return node.tensor is not None and _version(node.tensor) == node.version


def _is_per_unit(step: Step | None, pre: Any) -> bool:
    """Whether it is a prelu with a weight for each channel, which stands second."""
    if step is None or step.call.name != "prelu" or pre.ndim < 2:
        return False
    return any(isinstance(each, Held) and each.value.numel() > 1 for each in step.given)


def _version(tensor: Any) -> int:
    return 0 if tensor.is_inference() else tensor._version


def _is_transformed(tensor: Any) -> bool:
    """Whether it stands within torch.func's transforms, where numbers cannot be read."""
    return torch()._C._functorch.is_functorch_wrapped_tensor(tensor)
