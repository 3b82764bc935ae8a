"""Two passes over the data with a function that shows its sites: every signal of every site."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Int

from actscope._errors import ActscopeError
from actscope._signal import Signal
from actscope.probing._activity import Activity
from actscope.probing._look import Loss, count
from actscope.probing._moments import Moments, summarise
from actscope.probing._opened import Injected, Opened, Place, Tapped
from actscope.probing._profile import Parameter, Profile, Site
from actscope.probing._statistics import by_name, first, names, sample, second
from actscope.probing._together import Together
from actscope.probing._trainable import named

OUTPUT = "outputs/"
Batch = tuple[Any, Any]
Batches = Iterable[Batch]
Opener = Callable[[Any, Any], Opened]


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
    total = Total.nothing()
    for batch in batches:
        total += _first_look(opener, params, batch, loss, places, total.examples)
    counts: dict[str, Int[np.ndarray, " bins"]] = {}
    for batch in batches:
        counts = union(counts, _second_look(opener, params, batch, loss, places, total.moments))
    return assembled(places, total, counts)


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


@dataclass(frozen=True, eq=False)
class Total:
    """What the examples of some batches add up to, on the host.

    Attributes:
        examples: how many there were.
        loss: sum of their losses.
        hits: number of them whose largest output is the target.
        parameter_gradient: by name, sum of the gradients of their losses, in float64.
        moments: of each signal that was met.
        activity: of each site that was reached.
        together: of each of these.
    """

    examples: int
    loss: float | None
    hits: int | None
    parameter_gradient: dict[str, Any]
    moments: dict[str, Moments]
    activity: dict[str, Activity]
    together: dict[str, Together]

    @classmethod
    def nothing(cls) -> "Total":
        """Of no example."""
        return cls(0, 0.0, 0, {}, {}, {}, {})

    def __add__(self, other: "Total") -> "Total":
        """What all examples of both add up to."""
        return Total(
            examples=self.examples + other.examples,
            loss=None if self.loss is None or other.loss is None else self.loss + other.loss,
            hits=None if self.hits is None or other.hits is None else self.hits + other.hits,
            parameter_gradient=union(self.parameter_gradient, other.parameter_gradient),
            moments=union(self.moments, other.moments),
            activity=union(self.activity, other.activity),
            together=union(self.together, other.together),
        )


def union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The sums of two mappings; what only one of them knows of stays as it is."""
    return {**one, **other, **{name: one[name] + other[name] for name in one if name in other}}


def _first_look(
    opener: Opener,
    params: Any,
    batch: Batch,
    loss: Loss | None,
    places: tuple[Place, ...],
    before: int,
) -> Total:
    opened, examples = opener(params, batch[0]), count(batch)
    sampling = any(before < sample(place) for place in places)
    wholes, outputs, shown = jax.device_get(first(opened, loss, sampling, params, batch, before))
    moments = {f"{OUTPUT}{i}": Moments.of(each) for i, each in enumerate(outputs)}
    activity: dict[str, Activity] = {}
    together: dict[str, Together] = {}
    for place in places:
        for name, whole in by_name(place, wholes[place.name]):
            if whole.taken:
                moments |= {f"{name}/{which}": Moments.of(x) for which, x in whole.parts.items()}
                activity[name] = Activity.of(whole.response)
                together[name] = Together.of(whole.pair)
    return Total(
        examples=examples,
        loss=None if shown.loss is None else float(shown.loss) * examples,
        hits=None if shown.hits is None else int(shown.hits),
        parameter_gradient={
            name: np.asarray(x, np.float64) * examples
            for name, x in named(shown.parameter_gradient).items()
        },
        moments=moments,
        activity=activity,
        together=together,
    )


def _second_look(
    opener: Opener,
    params: Any,
    batch: Batch,
    loss: Loss | None,
    places: tuple[Place, ...],
    moments: Mapping[str, Moments],
) -> dict[str, Int[np.ndarray, " bins"]]:
    def ends(signals: list[str], shape: tuple[int, ...]) -> np.ndarray:
        # A branch may be taken in some batches alone: what is never reached needs a range too.
        known = [moments[name].range if name in moments else (0.0, 1.0) for name in signals]
        return np.asarray(known, np.float32).reshape(*shape, 2)

    ranges = {
        place.name: {
            which: ends([f"{name}/{which}" for name in names(place)], place.rows)
            for which in ("pre", "post", "gradient")
        }
        for place in places
    }
    outputs = [ends([name], ()) for name in moments if name.startswith(OUTPUT)]
    opened = opener(params, batch[0])
    wholes, of_outputs = jax.device_get(second(opened, loss, params, batch, ranges, outputs))
    counts = {f"{OUTPUT}{i}": each for i, each in enumerate(of_outputs)}
    for place in places:
        for name, (found, taken) in by_name(place, wholes[place.name]):
            counts |= {f"{name}/{which}": x for which, x in found.items() if taken}
    return {name: x.astype(np.int64) for name, x in counts.items()}


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
        Parameter(name, np.shape(array), summarise(np.asarray(array / total.examples)))
        for name, array in total.parameter_gradient.items()
    )
