"""Concrete changes to a model that may cure it."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from actscope import activations, theory
from actscope._errors import ActscopeError
from actscope.diagnosis._case import Case
from actscope.probing import Model, named, swapped

_START = {
    "dead_units", "saturated_units", "vanishing_gradient", "exploding_gradient",
    "vanishing_signal", "exploding_signal", "collapsed_correlation", "poor_initialization",
}  # fmt: skip
_STEP = {"update_ratio", "not_learning", "diverged"}
_OTHERS = ("leaky_relu", "gelu", "relu")  # the first two that are not there already are tried


@dataclass(frozen=True, eq=False)
class Change:
    """A change to a model.

    Attributes:
        name: in words.
        apply: the model with other parameters, function or optimizer; of any parameters.
    """

    name: str
    apply: Callable[[Model], Model]


class NotApplied(ActscopeError):  # noqa: N818 (it is no error of the user's)
    """Why a change cannot be made to this model."""


def changes(case: Case, rules: Set[str]) -> Iterator[tuple[str, Callable[[], Change]]]:
    """The changes that may help against some findings, in the order in which to think of them.

    Each comes with its name, and is made when it is called.

    Raises:
        NotApplied: when it is called, if it cannot be made to this model.
    """
    if rules & _START:
        yield "critical initialisation", lambda: _critical(case)
    if "dead_units" in rules:
        yield "bias of dead units 0.1", lambda: _revived(case)
    if rules & _START:
        for name in _instead(case):
            yield f"{name} instead", lambda name=name: _activation(case, name)
        yield "layer normalisation before each activation", lambda: _normalised(case)
    if "unnormalized_input" in rules:
        yield "normalised inputs", lambda: _standardised(case)
    if "output_activation" in rules:
        yield "no activation before the output", lambda: _bare(case)
    if rules & _STEP:
        for factor in (10.0, 0.1):
            yield f"updates x {factor:g}", lambda factor=factor: _stepping(factor)


def _model(case: Case) -> Model:
    if case.model is None:
        raise NotApplied("there is no model at hand")
    return case.model


def _critical(case: Case) -> Change:
    """Weights of the variance at the critical point, and biases likewise."""
    starts: dict[str, theory.Start] = {}
    kernels = list(case.kernels())
    for site, name, _ in kernels:
        if site.function is not None:
            try:
                starts.setdefault(name, theory.start(site.function))
            except ActscopeError:
                continue
    if not starts:
        raise NotApplied("no weights before a known activation were recognised")
    first = kernels[0][1]
    square = np.mean([each.mean**2 + each.std**2 for each in case.inputs] or [1.0])
    units = {name: site.units for site, name, _ in kernels}
    fan_in = {name: array.size / site.units for site, name, array in kernels}
    biases = {name: f"{name.rpartition('.')[0]}.bias".removeprefix(".") for name in starts}

    def drawn(name: str, leaf: Any) -> Any:
        if name in starts:
            start, x = starts[name], np.asarray(leaf, np.float64)
            # Layers that lie one behind the other have a first one of their own before them.
            alone = x.size == fan_in[name] * units[name]
            given = start.first_sigma_w(float(square))
            wanted = given if name == first and alone else start.sigma_w
            now = float(x.std()) * fan_in[name] ** 0.5
            return jnp.asarray(x * (wanted / now if now else 1.0), leaf.dtype)
        for kernel, bias in biases.items():
            if name == bias and np.shape(leaf)[-1:] == (units[kernel],):
                rng = np.random.default_rng(len(name))
                return jnp.asarray(starts[kernel].sigma_b * rng.normal(size=leaf.shape), leaf.dtype)
        return leaf

    return Change("critical initialisation", lambda model: _with(model, drawn))


def _with(model: Model, changed: Callable[[str, Any], Any]) -> Model:
    """The model with other parameters, worked out by name."""
    names = iter(named(model.params))
    return replace(
        model, params=jax.tree.map(lambda leaf: changed(next(names), leaf), model.params)
    )


def _revived(case: Case) -> Change:
    """Biases of the dead units a little above 0."""
    arrays = named(_model(case).params)
    dead: Mapping[str, np.ndarray] = {
        f"{site.name}.bias": site.dead
        for site in case.hidden
        if site.dead.any() and np.shape(arrays.get(f"{site.name}.bias", 0)) == site.dead.shape
    }
    if not dead:
        raise NotApplied("no bias of the dead units was recognised")

    def raised(name: str, leaf: Any) -> Any:
        return jnp.where(dead[name], jnp.asarray(0.1, leaf.dtype), leaf) if name in dead else leaf

    return Change("bias of dead units 0.1", lambda model: _with(model, raised))


def _instead(case: Case) -> list[str]:
    here = {site.function.name for site in case.hidden if site.function is not None}
    return [name for name in _OTHERS if name not in here][:2]


def _swap(case: Case, name: str, instead: Mapping[str, Callable[[Any], Any]]) -> Change:
    if not instead:
        raise NotApplied("no site of that kind was found")
    function = swapped(_model(case), instead)
    return Change(name, lambda model: replace(model, function=function))


def _places(case: Case, role: str) -> list[str]:
    sites = (site for site in case.profile.sites if site.role == role)
    return list(dict.fromkeys(site.name.partition("[")[0] for site in sites))


def _activation(case: Case, name: str) -> Change:
    other = activations.get(name)
    return _swap(case, f"{name} instead", dict.fromkeys(_places(case, "hidden"), other))


def _normalised(case: Case) -> Change:
    functions = {site.name.partition("[")[0]: site.function for site in case.hidden}
    known = {name: f for name, f in functions.items() if f is not None and f.elementwise}

    def behind(f: Any) -> Callable[[Any], Any]:
        def act(x: jax.Array) -> jax.Array:
            centred = x - x.mean(-1, keepdims=True)
            return f(centred * jax.lax.rsqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5))

        return act

    name = "layer normalisation before each activation"
    return _swap(case, name, {place: behind(f) for place, f in known.items()})


def _bare(case: Case) -> Change:
    plain = dict.fromkeys(_places(case, "output"), lambda x: x)
    return _swap(case, "no activation before the output", plain)


def _standardised(case: Case) -> Change:
    if len(case.inputs) != 1:
        raise NotApplied("there are several inputs: which of them to normalise is yours to say")
    (found,) = case.inputs
    inner = _model(case).function

    def function(params: Any, inputs: Any) -> Any:
        return inner(params, jax.tree.map(lambda x: (x - found.mean) / found.std, inputs))

    return Change("normalised inputs", lambda model: replace(model, function=function))


def _stepping(factor: float) -> Change:
    def apply(model: Model) -> Model:
        optimizer = optax.chain(model.optimizer, optax.scale(factor))
        return replace(model, optimizer=optimizer)

    return Change(f"updates x {factor:g}", apply)
