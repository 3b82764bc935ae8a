"""Concrete changes to a model that may cure it."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from actscope import activations
from actscope.diagnosis import _starts
from actscope.diagnosis._case import Case
from actscope.diagnosis._set_up import are_probabilities
from actscope.diagnosis._starts import Apply, NotApplied
from actscope.probing import Model, swapped

_START = {
    "dead_units", "saturated_units", "vanishing_gradient", "exploding_gradient",
    "vanishing_signal", "exploding_signal", "collapsed_correlation", "poor_initialization",
}  # fmt: skip
_STEP = {"update_ratio", "not_learning", "diverged"}
_OTHERS = ("leaky_relu", "gelu", "relu")  # the first two that are not there already are tried
SMALLER = 0.1
SLOWED = f", updates x {SMALLER:g}"
STEPS = {f"updates x {factor:g}": factor for factor in (1 / SMALLER, SMALLER)}


@dataclass(frozen=True, eq=False)
class Change:
    """A change to a model.

    Attributes:
        name: in words.
        make: what makes it of a model of any parameters; raises `NotApplied` if nothing can.
    """

    name: str
    make: Callable[[], Apply]


def changes(case: Case, rules: Set[str]) -> Iterator[Change]:
    """The changes that may help against some findings, in the order in which to think of them."""
    if rules & (_START | {"identical_units"}):
        yield Change("critical initialisation", partial(_starts.critical, case))
        # Where the gradient reaches every layer, a step moves the outputs by all of them.
        yield Change(f"critical initialisation{SLOWED}", partial(_slowed_critical, case))
    if "dead_units" in rules:
        yield Change("bias of dead units 0.1", partial(_starts.revived, case))
    if rules & _START:
        yield Change("residual branches x 1/√N", partial(_starts.branches, case, None))
        yield Change("residual branches from 0", partial(_starts.branches, case, 0.0))
        for name in _instead(case):
            yield Change(f"{name} instead", partial(_activation, case, name))
        yield Change("layer normalisation before each activation", partial(_normalised, case))
    if "unnormalized_input" in rules:
        yield Change("normalised inputs", partial(_standardised, case))
    if "output_activation" in rules:
        yield Change("no activation before the output", partial(_bare, case))
        yield Change("no softmax before the output", partial(_without_softmax, case))
    if rules & _STEP:
        for name, factor in STEPS.items():
            yield Change(name, partial(_stepping, case, factor))


def with_smaller_steps(case: Case, apply: Apply) -> Apply:
    """A change, and smaller steps with it: what lets the gradient through may ask for them."""
    slowed = _stepping(case, SMALLER)
    return lambda model: slowed(apply(model))


def _slowed_critical(case: Case) -> Apply:
    return with_smaller_steps(case, _starts.critical(case))


def _instead(case: Case) -> list[str]:
    here = {site.function.name for site in case.hidden if site.function is not None}
    return [name for name in _OTHERS if name not in here][:2]


def _swap(case: Case, instead: Mapping[str, Callable[[Any], Any]]) -> Apply:
    if case.model is None:
        raise NotApplied("there is no model at hand")
    # Whoever hands over a profile of their own may call a site otherwise than its program does.
    here = {name: act for name, act in instead.items() if name in case.inside.names}
    if not here:
        raise NotApplied("no activation of that kind was recognised")
    function = swapped(case.model, here)
    return lambda model: replace(model, function=function)


def _places(case: Case, role: str) -> list[str]:
    sites = (site for site in case.profile.sites if site.role == role)
    return list(dict.fromkeys(site.name.partition("[")[0] for site in sites))


def _activation(case: Case, name: str) -> Apply:
    return _swap(case, dict.fromkeys(_places(case, "hidden"), activations.get(name)))


def _normalised(case: Case) -> Apply:
    functions = {site.name.partition("[")[0]: site.function for site in case.hidden}
    known = {name: f for name, f in functions.items() if f is not None and f.elementwise}

    def behind(f: Any) -> Callable[[Any], Any]:
        def act(x: jax.Array) -> jax.Array:
            centred = x - x.mean(-1, keepdims=True)
            return f(centred * jax.lax.rsqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5))

        return act

    return _swap(case, {place: behind(f) for place, f in known.items()})


def _bare(case: Case) -> Apply:
    return _swap(case, dict.fromkeys(_places(case, "output"), lambda x: x))


def _without_softmax(case: Case) -> Apply:
    if case.model is None or case.first_batch is None:
        raise NotApplied("there is no model at hand")
    outputs = case.first_batch[2]
    if not (isinstance(outputs, np.ndarray) and are_probabilities(outputs)):
        raise NotApplied("the outputs are no probabilities")
    inner = case.model.function

    def function(params: Any, inputs: Any) -> Any:
        # The logarithm of a softmax is its input, but for a number that the loss takes away again.
        found = inner(params, inputs)
        return jnp.log(jnp.maximum(found, jnp.finfo(found.dtype).tiny))

    return lambda model: replace(model, function=function)


def _standardised(case: Case) -> Apply:
    if case.model is None or len(case.inputs) != 1:
        raise NotApplied("there are several inputs: which of them to normalise is yours to say")
    (found,) = case.inputs
    inner = case.model.function

    def function(params: Any, inputs: Any) -> Any:
        return inner(params, jax.tree.map(lambda x: (x - found.mean) / found.std, inputs))

    return lambda model: replace(model, function=function)


def _stepping(case: Case, factor: float) -> Apply:
    def apply(model: Model) -> Model:
        def init(params: Any) -> Any:
            return model.optimizer.init(params), jnp.float32(factor)

        return replace(model, optimizer=optax.GradientTransformation(init, case.scaled_update))

    return apply
