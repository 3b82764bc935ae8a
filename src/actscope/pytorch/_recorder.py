"""A PyTorch model as it runs: every call that it makes is seen, and its sites are noted."""

from collections.abc import Iterable
from typing import Any

from actscope.pytorch._act import Act
from actscope.pytorch._calls import (
    ACTING,
    CLOSED,
    DIVIDES,
    LARGEST,
    OWN,
    TENSORS,
    TRANSFORMED,
    Call,
    call_of,
    torch,
)
from actscope.pytorch._known import Known, Recogniser
from actscope.pytorch._source import source
from actscope.pytorch._step import (
    EITHER,
    Met,
    as_it_was,
    carried_out,
    have_one_source,
    is_per_unit,
    is_transformed,
    snapshot,
    step_of,
    version,
    why_no_site,
)
from actscope.pytorch._trail import (
    Node,
    Step,
    axis_of,
    between,
    joined,
    leads,
    tensors,
    upstream,
)

_LONGEST = 16  # an activation that has no function of its own is written in so many calls at most
_UNNAMED = "parameter"


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
        if call.name in ACTING and any(map(is_transformed, (each for each, _ in met))):
            self.excluded[self.last or source(), TRANSFORMED] = None
        if not any(node.batch or node.leaf for _, node in met):
            return function(*given, **named)
        step = step_of(call, function, given, named, met)
        before = snapshot(step, given)
        output, post = carried_out(function, given, named, step)
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
        elif known.version != version(tensor):  # somebody has written into it
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
        node.version = version(tensor)
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
        if len(operands) > 1 and not have_one_source(operands):
            node.bends = False
            self._pass_over(step.call, [(None, each) for each in operands])
            return
        node.step = step
        if not node.bends:
            return
        acting = step.call.name in ACTING and len(operands) == 1
        if acting and (told := why_no_site(step, operands[0])):
            self.excluded[operands[0].layer or source(), told] = None
            return
        known = self._recogniser(node, operands[0]) if acting else None
        if known is None:
            for root in reversed(upstream(node)[1:_LONGEST]):
                whole = self._recogniser(node, root) if root.leaf else None
                if whole is not None and as_it_was(root, before) is not None:
                    self._meet(node, root, as_it_was(root, before), post, whole)
                    return
        root = operands[0] if acting else self._skipped(node)
        pre = None if root is None else as_it_was(root, before)
        if root is None or pre is None:
            return
        known = known or self._recogniser.custom(node, root)
        if not isinstance(known, str):
            self._meet(node, root, pre, post, known)
        elif acting:
            self.excluded[root.layer, known] = None

    def _skipped(self, node: Node) -> Node | None:
        """The input of an activation that was carried around it alone, and joins its output."""
        before = upstream(node)[1:_LONGEST]
        for act in self.acts.values():
            if act.node in before and leads(act.root, node) and not leads(act.node, node):
                return act.root
        return None

    def _meet(self, node: Node, root: Node, pre: Any, post: Any, known: Known) -> None:
        for each in between(node, root):
            self.acts.pop(-1 if each.made is None else each.made, None)
        node.made = self._count
        node.after |= {self._count}
        edge = torch().autograd.graph.get_gradient_edge(post) if post.requires_grad else None
        axis = 1 if is_per_unit(node.step, pre) else root.axis
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
        if (call.name in EITHER and len(met) == 1) or call.name not in ACTING:
            told = CLOSED.get(call.name)
        else:
            several = dict.fromkeys((*EITHER, "maximum", "minimum"), LARGEST)
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
