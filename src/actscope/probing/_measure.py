"""Two passes over the data with a tapped function: every signal of every site."""

import operator
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Int

from actscope import _archive
from actscope._errors import ActscopeError
from actscope.probing._activity import Activity, activity
from actscope.probing._look import Loss, Place, Tapped, look, look_again, survey
from actscope.probing._moments import Moments, bin_counts, part, summarise
from actscope.probing._profile import Parameter, Profile, Site
from actscope.probing._signal import Signal

Batch = tuple[Any, Any]
Batches = Iterable[Batch]


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
    places = survey(tapped, params, first_of(batches)[0])
    total = reduce(_both, (_first_look(tapped, params, batch, loss, places) for batch in batches))
    ranges = {name: found.range for name, found in total.moments.items()}
    counts = reduce(_both, (_second_look(tapped, params, batch, loss, ranges) for batch in batches))
    signals = {name: found.signal(counts[name]) for name, found in total.moments.items()}
    return Profile(
        examples=total.examples,
        loss=None if total.loss is None else total.loss / total.examples,
        accuracy=None if total.hits is None else total.hits / total.examples,
        outputs=(signals["outputs"],),
        sites=tuple(_site(place, total, signals) for place in places),
        parameters=_parameters(total),
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


class _Total(NamedTuple):
    """What the examples of some batches add up to, on the host.

    Attributes:
        examples: how many there were.
        loss: sum of their losses.
        hits: number of them whose largest output is the target.
        parameter_gradient: sum of the gradients of their losses, in float64.
        moments: of each signal.
        activity: of each site.
    """

    examples: int
    loss: float | None
    hits: int | None
    parameter_gradient: Any
    moments: dict[str, Moments]
    activity: dict[str, Activity]


def _both(one: Any, other: Any) -> Any:
    """Two pytrees of sums as one; numbers, arrays, moments and activities can all be added."""
    return jax.tree.map(operator.add, one, other)


def _first_look(
    tapped: Tapped, params: Any, batch: Batch, loss: Loss | None, places: Iterable[Place]
) -> _Total:
    seen = look(tapped, loss, params, *batch)
    parts = jax.device_get({name: part(x) for name, x in seen.signals.items()})
    examples = len(jax.tree.leaves(batch[0])[0])
    return _Total(
        examples=examples,
        loss=None if seen.loss is None else float(seen.loss) * examples,
        hits=None if seen.hits is None else int(seen.hits),
        parameter_gradient=jax.tree.map(
            lambda x: np.asarray(x, np.float64) * examples, seen.parameter_gradient
        ),
        moments={name: Moments.of(found) for name, found in parts.items()},
        activity={
            place.name: activity(
                place.activation, seen.signals[f"{place.name}/pre"], seen.learned[place.name]
            )
            for place in places
        },
    )


def _second_look(
    tapped: Tapped,
    params: Any,
    batch: Batch,
    loss: Loss | None,
    ranges: Mapping[str, tuple[float, float]],
) -> dict[str, Int[np.ndarray, " bins"]]:
    """The histogram of each signal, now that its range is known."""
    signals = look_again(tapped, loss, params, *batch)
    counts = {name: bin_counts(x, *ranges[name]) for name, x in signals.items()}
    return {name: np.asarray(x, np.int64) for name, x in jax.device_get(counts).items()}


def _site(place: Place, total: _Total, signals: Mapping[str, Signal]) -> Site:
    found = total.activity[place.name]
    return Site(
        name=place.name,
        activation=place.activation.label,
        role="hidden",
        source=place.source,
        units=place.units,
        pre=signals[f"{place.name}/pre"],
        post=signals[f"{place.name}/post"],
        gradient=signals.get(f"{place.name}/gradient"),
        dead=found.dead,
        dead_structural=found.structural,
        always_zero=total.moments[f"{place.name}/post"].always_zero,
        saturated_fraction=found.saturated_fraction,
    )


def _parameters(total: _Total) -> tuple[Parameter, ...]:
    gradients = _archive.flatten(total.parameter_gradient)
    return tuple(
        Parameter(name, array.shape, summarise(np.asarray(array / total.examples)))
        for name, array in gradients.items()
    )
