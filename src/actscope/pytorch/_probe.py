"""The probe for PyTorch: any `nn.Module`, unchanged, and its data; out comes the same profile."""

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Int

from actscope._errors import ActscopeError
from actscope.probing._activity import Activity
from actscope.probing._batches import Pairs
from actscope.probing._measure import assembled
from actscope.probing._moments import Moments
from actscope.probing._opened import Place
from actscope.probing._probe import Names, fitting
from actscope.probing._profile import Profile
from actscope.probing._statistics import sample
from actscope.probing._together import Together
from actscope.probing._total import OUTPUT, Total, union
from actscope.pytorch._act import Act
from actscope.pytorch._calls import torch
from actscope.pytorch._run import Ran, Running, same_randomness
from actscope.pytorch._statistics import activity, bin_counts, moments, together
from actscope.pytorch._tensors import floating, tensor, units_last

Loss = Callable[[Any, Any], Any]


def probe_torch(
    model: Any,
    batches: Any,
    loss: Loss | None = None,
    *,
    include: Names | None = None,
    exclude: Names | None = None,
) -> Profile:
    """Look into a PyTorch model as `probe` does into one of JAX.

    The model is not changed: it runs as it is, in the mode that it is in, and every call of torch
    that it makes is seen. Outputs, parameters, their `.grad`, buffers and random states are
    afterwards what they were.

    Args:
        model: an `nn.Module`. A tuple of inputs is handed over one by one, a dictionary by its
            keys if `forward` has arguments of all these names.
        batches: one `(inputs, targets)` pair, or an iterable of them which gives the same each
            time, such as a `DataLoader`; examples along the first axis. A batch that is no pair is
            inputs and targets both. Arrays become tensors, on the device of the model.
        loss: `loss(outputs, targets)`, the mean over a batch. Without it there are no gradients.
        include: patterns such as `"blocks.*"`: only the sites with a name like one of these.
        exclude: patterns: none of these.

    Returns:
        Statistics as of `probe`. Of convolutions, units are the channels, and stand last in
        `shape`.

    Raises:
        ActscopeError: PyTorch is not installed; the model or the loss raises an error (it names the
            place), the loss is no number, there is no batch or none but once, or a pattern fits no
            site.
    """
    if not isinstance(model, torch().nn.Module):
        raise ActscopeError(
            f"a model that is a {type(model).__name__}", expected="a torch.nn.Module"
        )
    with same_randomness():
        running = Running(model, loss)
        pairs = Pairs(batches, partial(tensor, device=running.device))
        return _probed(running, pairs, _First(include, exclude))


def _probed(running: Running, pairs: Pairs, first: "_First") -> Profile:
    with same_randomness():
        for inputs, targets in pairs:
            first.add(running(inputs, targets), targets)
    if not first.total.examples:
        raise ActscopeError("there is no batch", expected="one at least")
    counts: dict[str, Int[np.ndarray, " bins"]] = {}
    with same_randomness():
        for inputs, targets in pairs:
            ran = running(inputs, targets, again=True)
            counts = union(counts, _counted(ran, first.total.moments))
    found = assembled(first.places.values(), first.whole, counts)
    return replace(found, excluded=(*first.excluded, *first.left_out))


class _First:
    """What the first pass over the data finds."""

    def __init__(self, include: Names | None, exclude: Names | None):
        self._include = include
        self._exclude = exclude
        self.total = Total.nothing()
        self.places: dict[str, Place] = {}
        self.excluded: dict[tuple[str, str], None] = {}
        self.left_out: dict[tuple[str, str], None] = {}
        # Added up in place: arrays as large as the model, made anew, would take most of the time.
        self._gradients: dict[str, Any] = {}

    @property
    def whole(self) -> Total:
        """The total, with what the gradients of the parameters add up to."""
        gradients = {name: x.numpy() for name, x in self._gradients.items()}
        return replace(self.total, parameter_gradient=gradients)

    def add(self, ran: Ran, targets: Any) -> None:
        """Adds one batch.

        Raises:
            ActscopeError: a pattern fits no site of the first.
        """
        if not self.total.examples:
            for patterns in (self._include, self._exclude):
                if patterns is not None:
                    fitting(list(ran.acts), patterns)
        self.excluded |= dict.fromkeys(ran.excluded)
        found = {f"{OUTPUT}{i}": moments(x) for i, x in enumerate(floating(ran.outputs))}
        acting: dict[str, Activity] = {}
        resembling: dict[str, Together] = {}
        for name, act in ran.acts.items():
            if not self._is_wanted(name):
                self.left_out[name, "left out, as asked"] = None
                continue
            signals = _signals(name, act, ran)
            slope = signals.pop("slope")
            place = self._place(name, act, signals["pre"].shape, ran)
            found |= {f"{name}/{which}": moments(x) for which, x in signals.items()}
            acting[name] = activity(place.response, signals["pre"], slope)
            pre, post = (_examples_first(signals[x], ran.examples) for x in ("pre", "post"))
            resembling[name] = together(pre, post, sample(place) - self.total.examples)
        self._add(ran)
        self.total += Total(
            examples=ran.examples,
            loss=None if ran.loss is None else ran.loss * ran.examples,
            hits=_hits(ran.outputs, targets),
            parameter_gradient={},
            moments=found,
            activity=acting,
            together=resembling,
        )

    def _add(self, ran: Ran) -> None:
        for name, x in ran.parameter_gradient.items():
            if name not in self._gradients:
                self._gradients[name] = torch().zeros(x.shape, dtype=torch().float64)
            self._gradients[name].add_(x.cpu(), alpha=ran.examples)

    def _place(self, name: str, act: Act, shape: Any, ran: Ran) -> Place:
        if name not in self.places:
            self.places[name] = _place(name, act, tuple(shape), name in ran.outermost)
        return self.places[name]

    def _is_wanted(self, name: str) -> bool:
        included = self._include is None or _fits(name, self._include)
        return included and (self._exclude is None or not _fits(name, self._exclude))


def _signals(name: str, act: Act, ran: Ran, *, again: bool = False) -> dict[str, Any]:
    """What a site was given, what it made of that, its gradient; and the first time its slope."""
    t = torch()
    with t.inference_mode(False), t.enable_grad():
        pre = act.pre.clone().requires_grad_(True)
        post = act.apply(pre)
        signals = {"pre": pre, "post": post}
        if not again:
            signals["slope"] = _pulled(post, pre, t.ones_like(post))
        if ran.loss is not None:
            given = ran.gradients.get(name)
            gradient = _pulled(post, pre, t.zeros_like(post) if given is None else given)
            # Of each example's own loss; in half precision the product might overflow.
            wide = gradient if gradient.dtype is t.float64 else gradient.float()
            signals["gradient"] = wide * ran.examples
    return {which: units_last(x.detach(), act.axis) for which, x in signals.items()}


def _pulled(post: Any, pre: Any, given: Any) -> Any:
    """The gradient with respect to the input, of one with respect to the output."""
    t = torch()
    if not post.requires_grad:  # a step
        return t.zeros_like(pre)
    (found,) = t.autograd.grad(post, pre, given, retain_graph=True, allow_unused=True)
    return t.zeros_like(pre) if found is None else found


def _counted(ran: Ran, known: dict[str, Moments]) -> dict[str, Int[np.ndarray, " bins"]]:
    """The histograms of one batch, now that the range of each signal is known."""
    values = {f"{OUTPUT}{i}": x for i, x in enumerate(floating(ran.outputs))}
    for name, act in ran.acts.items():
        if f"{name}/pre" in known:
            signals = _signals(name, act, ran, again=True)
            values |= {f"{name}/{which}": x for which, x in signals.items()}
    return {name: bin_counts(x, *known[name].range) for name, x in values.items() if name in known}


def _examples_first(x: Any, examples: int) -> Any:
    """A site's signal with the examples along the first axis, if an axis has their number."""
    lengths = tuple(x.shape[:-1])
    if examples not in lengths or lengths[0] == examples:
        return x
    return x.movedim(lengths.index(examples), 0)


def _place(name: str, act: Act, shape: tuple[int, ...], outermost: bool) -> Place:
    return Place(
        name=name,
        activation=act.known.label,
        function=act.known.function,
        response=act.known.response,
        source=act.source,
        shape=shape,
        dtype=str(act.pre.dtype),
        units=shape[-1],
        role="output" if outermost else "hidden",
    )


def _hits(outputs: Any, targets: Any) -> int | None:
    """Examples whose largest output is the target; None where targets are not classes."""
    t = torch()
    if not isinstance(outputs, t.Tensor) or not isinstance(targets, t.Tensor):
        return None
    classes = not targets.is_floating_point() and targets.dtype is not t.bool
    if not classes or outputs.ndim != 2 or targets.shape != outputs.shape[:1]:
        return None
    return int((outputs.argmax(dim=-1) == targets).sum())


def _fits(name: str, patterns: Names) -> bool:
    each = [patterns] if isinstance(patterns, str) else patterns
    return any(fnmatchcase(name, pattern) for pattern in each)
