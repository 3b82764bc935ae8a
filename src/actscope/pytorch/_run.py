"""One batch through a PyTorch model, which is afterwards what it was before."""

import inspect
import random
import sys
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from actscope._errors import ActscopeError
from actscope.probing._followed import shapes, where
from actscope.pytorch._act import Act
from actscope.pytorch._calls import SCRIPTED, torch
from actscope.pytorch._known import Recogniser
from actscope.pytorch._recorder import Recorder
from actscope.pytorch._tensors import leaves
from actscope.sites._name import unlike

_COMPILED = "_orig_mod."  # where torch.compile keeps what it has compiled


@dataclass(frozen=True, eq=False)
class Ran:
    """What one batch shows.

    Attributes:
        examples: number of them.
        outputs: the model's.
        loss: mean over the batch; None without a loss.
        acts: what happened at each site, by name.
        outermost: names of the sites after which no parameter comes.
        gradients: of the mean loss with respect to the output of each site; None where it has none.
        parameter_gradient: of the mean loss, by name.
        excluded: what was passed over, each with the reason.
    """

    examples: int
    outputs: Any
    loss: float | None
    acts: dict[str, Act]
    outermost: frozenset[str]
    gradients: dict[str, Any]
    parameter_gradient: dict[str, Any]
    excluded: tuple[tuple[str, str], ...]


class Running:
    """A model and its loss.

    Raises:
        ActscopeError: its parameters are not made yet.
    """

    def __init__(self, model: Any, loss: Callable[[Any, Any], Any] | None):
        self._model = model
        self._loss = loss
        self._recogniser = Recogniser()
        self._parameters = {
            name.replace(_COMPILED, ""): each for name, each in model.named_parameters()
        }
        for name, each in self._parameters.items():
            if torch().nn.parameter.is_lazy(each):
                raise ActscopeError(
                    f"{name} has no shape yet", do="call the model once before it is probed"
                )
        self._buffers = [
            (module, name, buffer, buffer.detach().clone())
            for module in model.modules()
            for name, buffer in module._buffers.items()
            if buffer is not None
        ]

    @property
    def device(self) -> Any:
        """Where the model is."""
        first = next(iter(self._parameters.values()), None)
        return torch().device("cpu") if first is None else first.device

    def __call__(self, inputs: Any, targets: Any, *, again: bool = False) -> Ran:
        """What one batch shows.

        Args:
            inputs: of the model.
            targets: of the loss.
            again: it was seen before, and of gradients only those at the sites are wanted.

        Raises:
            ActscopeError: the model or the loss raises an error, or the loss is no number.
        """
        fresh = _copied(inputs)
        recorder = Recorder(
            {id(each): name for name, each in self._parameters.items()},
            frozenset(id(buffer) for *_, buffer, _ in self._buffers),
            leaves(fresh),
            self._recogniser,
            self._loss is not None,
        )
        with self._restored(), torch().set_grad_enabled(self._loss is not None):
            outputs = self._outputs(fresh, recorder)
            names = unlike([act.layer for act in recorder.acts.values()])
            acts = dict(zip(names, recorder.acts.values(), strict=True))
            last = recorder.after(outputs)
            loss = None if self._loss is None else self._number(outputs, targets)
            gradients, own = self._gradients(loss, acts, {} if again else self._parameters)
        return Ran(
            examples=_count((inputs, targets)),
            outputs=outputs,
            loss=None if loss is None else float(loss.detach()),
            acts=acts,
            outermost=frozenset(
                name for name, i in zip(names, recorder.acts, strict=True) if i in last
            ),
            gradients=gradients,
            parameter_gradient=own,
            excluded=(*recorder.excluded, *self._scripted()),
        )

    def _outputs(self, inputs: Any, recorder: Recorder) -> Any:
        given, named = _arguments(self._model, inputs)
        try:
            with recorder.mode():
                return self._model(*given, **named)
        except ActscopeError:
            raise
        except Exception as error:
            told = where(error)
            place = f"torch, after {recorder.last or 'no layer'}," if told == "it" else told
            raise ActscopeError(
                f"the model cannot be run: {place} raised {type(error).__name__}: {error}",
                do=f"inputs are {shapes(inputs)}",
            ) from error

    def _number(self, outputs: Any, targets: Any) -> Any:
        assert self._loss is not None
        try:
            value = self._loss(outputs, targets)
        except ActscopeError:
            raise
        except Exception as error:
            raise ActscopeError(
                f"the loss cannot be calculated: {where(error)} raised "
                f"{type(error).__name__}: {error}",
                do=f"outputs are {shapes(leaves(outputs))}, targets are {shapes(targets)}",
            ) from error
        if not isinstance(value, torch().Tensor) or value.ndim or not value.is_floating_point():
            raise ActscopeError(
                f"a loss that is {shapes(value)}", expected="its mean over the batch, one number"
            )
        return value

    def _gradients(
        self, loss: Any, acts: dict[str, Act], parameters: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        if loss is None:
            return {}, {}
        edges = {name: act.edge for name, act in acts.items() if act.edge is not None}
        learning = {
            name: p for name, p in parameters.items() if p.requires_grad and not p.is_complex()
        }
        wanted = [*edges.values(), *learning.values()]
        if not loss.requires_grad or not wanted:
            found: list[Any] = [None] * len(wanted)
        else:
            try:
                found = list(torch().autograd.grad(loss, wanted, allow_unused=True))
            except RuntimeError as error:
                raise ActscopeError(
                    f"the loss cannot be differentiated: {where(error)} raised "
                    f"{type(error).__name__}: {error}"
                ) from error
        own = {
            name: torch().zeros_like(p) if gradient is None else gradient
            for (name, p), gradient in zip(learning.items(), found[len(edges) :], strict=True)
        }
        return dict(zip(edges, found, strict=False)), own

    def _scripted(self) -> list[tuple[str, str]]:
        t = torch()
        return [
            (name or type(module).__name__, SCRIPTED)
            for name, module in self._model.named_modules()
            if isinstance(module, t.jit.ScriptModule)
            and not any(
                isinstance(above, t.jit.ScriptModule) for above in _above(self._model, name)
            )
        ]

    @contextmanager
    def _restored(self) -> Generator[None]:
        """Buffers are what they were, whatever a run has made of them."""
        try:
            yield
        finally:
            with torch().no_grad():
                for module, name, buffer, value in self._buffers:
                    module._buffers[name] = buffer
                    if not torch().equal(buffer, value):  # batch_norm counts no version up
                        buffer.copy_(value)


@contextmanager
def same_randomness() -> Generator[None]:
    """What draws random numbers here leaves no trace, and draws the same another time."""
    t = torch()
    state = random.getstate()
    with ExitStack() as stack:
        stack.enter_context(t.random.fork_rng(devices=range(t.cuda.device_count())))
        stack.enter_context(_eager())
        try:
            yield
        finally:
            random.setstate(state)


def _eager() -> Any:
    """Compiled models run as they are written: only so can one look into them."""
    loaded = "torch._dynamo" in sys.modules  # it takes seconds; without it nothing is compiled
    return torch().compiler.set_stance("force_eager") if loaded else nullcontext()


def _count(batch: Any) -> int:
    """Number of examples: the length that most tensors have, of a tie the first; 1 if none has."""
    lengths = Counter(each.shape[0] for each in leaves(batch) if each.ndim)
    return lengths.most_common(1)[0][0] if lengths else 1


def _above(model: Any, name: str) -> list[Any]:
    """The modules that a module stands in."""
    parts = name.split(".") if name else []
    return [model.get_submodule(".".join(parts[:i])) for i in range(len(parts))]


def _copied(inputs: Any) -> Any:
    """Inputs that a model may write into."""
    if isinstance(inputs, torch().Tensor):
        return inputs.clone()
    if isinstance(inputs, Mapping):
        return {key: _copied(value) for key, value in inputs.items()}
    if isinstance(inputs, list | tuple):
        return tuple(map(_copied, inputs))
    return inputs


def _arguments(model: Any, inputs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A tuple one by one, and a dictionary by its keys if the model has arguments of all names."""
    if isinstance(inputs, tuple):
        return inputs, {}
    if not isinstance(inputs, dict):
        return (inputs,), {}
    try:
        parameters = inspect.signature(model.forward).parameters
    except (TypeError, ValueError):
        return (inputs,), {}
    open_ended = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    if open_ended or set(inputs) <= set(parameters):
        return (), inputs
    return (inputs,), {}
