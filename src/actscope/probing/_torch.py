"""The probe for PyTorch: any `nn.Module`, unchanged, and its data; out comes the same profile."""

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import jax
import numpy as np
from jaxtyping import Int

from actscope._errors import ActscopeError
from actscope.probing._activity import Activity
from actscope.probing._batches import Pairs
from actscope.probing._measure import OUTPUT, Total, assembled, union
from actscope.probing._moments import Moments, bin_counts, part
from actscope.probing._opened import Place
from actscope.probing._probe import Names, fitting
from actscope.probing._profile import Profile
from actscope.probing._response import Response, respond
from actscope.probing._statistics import Whole, examples_first, sample
from actscope.probing._together import Together, pair
from actscope.probing._torch_calls import torch
from actscope.probing._torch_recorder import Act
from actscope.probing._torch_run import Ran, Running, same_randomness
from actscope.probing._torch_tensors import floating, numbers, tensor, units_last

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
    running = Running(model, loss)
    pairs = Pairs(batches, partial(tensor, device=running.device))
    first = _First(include, exclude)
    with same_randomness():
        for inputs, targets in pairs:
            first.add(running(inputs, targets), targets)
    if not first.total.examples:
        raise ActscopeError("there is no batch", expected="one at least")
    counts: dict[str, Int[np.ndarray, " bins"]] = {}
    with same_randomness():
        for inputs, targets in pairs:
            counts = union(counts, _counted(running(inputs, targets), first.total.moments))
    found = assembled(first.places.values(), first.total, counts)
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
        moments = {f"{OUTPUT}{i}": _part(x) for i, x in enumerate(floating(ran.outputs))}
        activity: dict[str, Activity] = {}
        together: dict[str, Together] = {}
        for name, act in ran.acts.items():
            if not self._is_wanted(name):
                self.left_out[name, "left out, as asked"] = None
                continue
            whole = self._whole(name, act, ran)
            moments |= {f"{name}/{which}": Moments.of(x) for which, x in whole.parts.items()}
            activity[name] = Activity.of(whole.response)
            together[name] = Together.of(whole.pair)
        self.total += Total(
            examples=ran.examples,
            loss=None if ran.loss is None else ran.loss * ran.examples,
            hits=_hits(ran.outputs, targets),
            parameter_gradient={
                name: x.double().cpu().numpy() * ran.examples
                for name, x in ran.parameter_gradient.items()
            },
            moments=moments,
            activity=activity,
            together=together,
        )

    def _whole(self, name: str, act: Act, ran: Ran) -> Any:
        signals, slope = _signals(name, act, ran)
        if name not in self.places:
            self.places[name] = _place(name, act, signals["pre"].shape, name in ran.outermost)
        place = self.places[name]
        left = sample(place) - self.total.examples
        return jax.device_get(
            _look(place.response, ran.examples, signals, slope, left if left > 0 else None)
        )

    def _is_wanted(self, name: str) -> bool:
        included = self._include is None or _fits(name, self._include)
        return included and (self._exclude is None or not _fits(name, self._exclude))


@partial(jax.jit, static_argnames=("to", "examples"))
def _look(
    to: Response, examples: int, signals: dict[str, jax.Array], slope: jax.Array, wanted: Any
) -> Whole:
    pre, post = (examples_first(signals[which], examples) for which in ("pre", "post"))
    return Whole(
        {which: part(x) for which, x in signals.items()},
        respond(to, signals["pre"], slope),
        pair(pre, post, wanted),
        jax.numpy.array(True),
    )


def _signals(name: str, act: Act, ran: Ran) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """What a site was given, what it made of that, its gradient; and the slope there."""
    t = torch()
    with t.inference_mode(False), t.enable_grad():
        pre = act.pre.clone().requires_grad_(True)
        post = act.apply(pre)
        (slope,) = t.autograd.grad(post, pre, t.ones_like(post), retain_graph=True)
        signals = {"pre": pre, "post": post}
        if ran.loss is not None:
            given = ran.gradients.get(name)
            given = t.zeros_like(post) if given is None else given
            (gradient,) = t.autograd.grad(post, pre, given)
            # Of each example's own loss; in half precision the product might overflow.
            wide = gradient if gradient.dtype is t.float64 else gradient.float()
            signals["gradient"] = wide * ran.examples
    told = {which: numbers(units_last(x, act.axis)) for which, x in signals.items()}
    return told, numbers(units_last(slope, act.axis))


def _counted(ran: Ran, moments: dict[str, Moments]) -> dict[str, Int[np.ndarray, " bins"]]:
    """The histograms of one batch, now that the range of each signal is known."""
    values = {f"{OUTPUT}{i}": numbers(x) for i, x in enumerate(floating(ran.outputs))}
    for name, act in ran.acts.items():
        if f"{name}/pre" in moments:
            values |= {f"{name}/{which}": x for which, x in _signals(name, act, ran)[0].items()}
    return {
        name: np.asarray(bin_counts(x, *_ends(moments[name])), np.int64)
        for name, x in values.items()
        if name in moments
    }


def _ends(moments: Moments) -> Any:
    return np.asarray(moments.range, np.float32)


def _part(output: Any) -> Moments:
    return Moments.of(jax.device_get(part(numbers(output))))


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
