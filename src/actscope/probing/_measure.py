"""A function that shows its sites, measured over a data set: every signal of every site."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Int

from actscope._errors import ActscopeError
from actscope._signal import Signal
from actscope.probing._look import Loss
from actscope.probing._moments import summarise
from actscope.probing._opened import Injected, Opened, Place, Tapped
from actscope.probing._passes import Batch, Batches, Opener, Passes
from actscope.probing._profile import Profile
from actscope.probing._site import Parameter, Site
from actscope.probing._statistics import names
from actscope.probing._total import OUTPUT, Total


def profile(tapped: Tapped, params: Any, batches: Batches, loss: Loss | None = None) -> Profile:
    """Measure every site of a network over a data set, in memory that does not grow with it.

    Statistics do not depend on how the data is cut into batches, up to float32 accumulation
    within one. The network's own outputs and gradients stay what they were.

    Args:
        tapped: `tapped(params, inputs, activate) -> outputs`, which calls
            `activate(name, activation, pre, learned) -> post` at each of its sites, `learned`
            holding the settings that the activation has learned there, by name (`{}` if none). It
            must be hashable, as must `loss`: networks for which both are equal share one
            compilation.
        params: pytree of arrays.
        batches: (inputs, targets) pairs. Inputs may be a pytree; the examples lie along the first
            axis of its first leaf, and whatever else the network needs may stand behind that.
            Iterated more than once, for a histogram needs its range first: it must give the same
            each time.
        loss: `loss(outputs, targets)`, the mean over a batch; without it no gradients are taken.
            Where examples interact (BatchNorm in training mode), none has a loss of its own, and
            the gradients of the sites depend on the batches.

    Raises:
        ActscopeError: there is no batch, `batches` can be iterated only once, or two sites have
            the same name.
    """

    def opener(*_: Any) -> Opened:
        return Injected(tapped)

    return measured(opener, params, batches, loss)


def measured(opener: Opener, params: Any, batches: Batches, loss: Loss | None) -> Profile:
    """What `profile` measures, of a function that `opener` opens for each batch's shapes."""
    example = first_of(batches)[0]
    places = opener(params, example).places(params, example)
    passes = Passes(opener, params, loss, places)
    total = passes.first(batches)
    counts, units = passes.second(batches, total)
    together = {name: each.beside(units.get(name)) for name, each in total.together.items()}
    return assembled(places, replace(total, together=together), counts)


def assembled(
    places: Iterable[Place], total: "Total", counts: Mapping[str, Int[np.ndarray, " bins"]]
) -> Profile:
    """The profile of all examples, now that everything is counted."""
    signals = {name: found.signal(counts[name]) for name, found in total.moments.items()}
    every = [(place, name) for place in places for name in names(place)]
    return Profile(
        examples=total.examples,
        loss=None if total.loss is None else total.loss / total.examples,
        accuracy=None if total.hits is None else total.hits / total.examples,
        outputs=tuple(x for name, x in signals.items() if name.startswith(OUTPUT)),
        sites=tuple(
            _site(place, name, total, signals) for place, name in every if name in total.activity
        ),
        parameters=_parameters(total),
        excluded=tuple(
            (name, "in a branch that no batch took")
            for _, name in every
            if name not in total.activity
        ),
    )


def first_of(batches: Batches) -> Batch:
    """The first batch, after which all are still to come.

    Raises:
        ActscopeError: there is no batch, or `batches` can be iterated only once.
    """
    if iter(batches) is batches:
        raise ActscopeError(
            "batches is an iterator, which gives them once", expected="a list, or what starts anew"
        )
    first = next(iter(batches), None)
    if first is None:
        raise ActscopeError("there is no batch", expected="one at least")
    return first


def _site(place: Place, name: str, total: Total, signals: Mapping[str, Signal]) -> Site:
    found, together = total.activity[name], total.together[name]
    return Site(
        name=name,
        activation=place.activation,
        function=place.function,
        role=place.role,
        source=place.source,
        units=place.units,
        shape=place.shape[len(place.rows) + 1 :],
        pre=signals[f"{name}/pre"],
        post=signals[f"{name}/post"],
        gradient=signals.get(f"{name}/gradient"),
        dead=found.dead,
        dead_structural=found.structural,
        always_zero=total.moments[f"{name}/post"].always_zero,
        saturated_fraction=found.saturated_fraction,
        correlation=together.correlation,
        effective_rank=together.effective_rank,
        copies=together.copies,
    )


def _parameters(total: Total) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            name, np.shape(array), summarise(np.asarray(array / total.examples), quickly=True)
        )
        for name, array in total.parameter_gradient.items()
    )
