"""Two passes over the data with a tapped function: every signal of every site."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from actscope import _archive
from actscope._errors import ActscopeError
from actscope.probing._look import Activity, Loss, Place, Seen, Tapped, count, look, survey
from actscope.probing._moments import Moments, merge
from actscope.probing._profile import Parameter, Profile, Site
from actscope.probing._signal import Signal, summarise

Batches = Iterable[tuple[Any, Any]]


def profile(tapped: Tapped, params: Any, batches: Batches, loss: Loss | None = None) -> Profile:
    """Measure every site of a network over a data set, in memory that does not grow with it.

    Statistics do not depend on how the data is cut into batches, up to float32 accumulation
    within one. The network's own outputs and gradients stay what they were.

    Args:
        tapped: `tapped(params, inputs, activate) -> outputs`, which calls
            `activate(name, activation, pre) -> post` at each of its sites. Hashable: two equal
            ones share one compilation.
        params: pytree of arrays.
        batches: (inputs, targets) pairs, the examples along the first axis. Iterated twice: a
            histogram needs its range first.
        loss: mean loss of a batch; without it no gradients are taken.

    Raises:
        ActscopeError: there is no batch, or `batches` can be iterated only once.
    """
    if iter(batches) is batches:
        raise ActscopeError("batches is an iterator", expected="something to iterate twice")
    total = _Total()
    places: tuple[Place, ...] = ()
    for inputs, targets in batches:
        places = places or survey(tapped, params, inputs)
        seen = look(tapped, loss, params, inputs, targets)
        total.add(seen, len(jax.tree.leaves(inputs)[0]))
    if not total.examples:
        raise ActscopeError("no batch of data", expected="at least one example")
    ranges = {name: moments.range() for name, moments in total.moments.items()}
    counts = dict.fromkeys(ranges, 0)
    for batch in batches:
        fetched = jax.device_get(count(tapped, loss, params, batch, ranges))
        counts = {name: counts[name] + np.asarray(fetched[name], np.int64) for name in counts}
    signals = {name: found.signal(counts[name]) for name, found in total.moments.items()}
    return Profile(
        examples=total.examples,
        loss=total.loss / total.examples if loss else None,
        accuracy=None if total.hits is None else total.hits / total.examples,
        outputs=(signals["outputs"],),
        sites=tuple(_site(place, total, signals) for place in places),
        parameters=_parameters(total),
    )


@dataclass
class _Total:
    """The running sums of a pass, on the host."""

    examples: int = 0
    loss: float = 0.0
    hits: int | None = None
    moments: dict[str, Moments] = field(default_factory=dict)
    activity: dict[str, Activity] = field(default_factory=dict)
    parameter_gradient: Any = None

    def add(self, seen: Seen, examples: int) -> None:
        seen = jax.device_get(seen)
        self.examples += examples
        self.moments = merge(self.moments, seen.parts)
        self.activity = _joined(self.activity, seen.activity)
        if seen.hits is not None:
            self.hits = (self.hits or 0) + int(seen.hits)
        if seen.loss is not None:
            self.loss += float(seen.loss) * examples
            weighted = jax.tree.map(
                lambda x: np.asarray(x, np.float64) * examples, seen.parameter_gradient
            )
            before = self.parameter_gradient
            self.parameter_gradient = (
                weighted if before is None else jax.tree.map(np.add, before, weighted)
            )


def _joined(
    running: Mapping[str, Activity], new: Mapping[str, Activity]
) -> dict[str, Activity]:
    if not running:
        return {name: Activity(*(np.asarray(x) for x in found)) for name, found in new.items()}
    return {
        name: Activity(
            dead=before.dead & new[name].dead,
            constant=before.constant & new[name].constant,
            sloping=before.sloping + np.asarray(new[name].sloping, np.int64),
            saturated=before.saturated + np.asarray(new[name].saturated, np.int64),
        )
        for name, before in running.items()
    }


def _site(place: Place, total: _Total, signals: Mapping[str, Signal]) -> Site:
    activity = total.activity[place.name]
    dead = np.asarray(activity.dead)
    sloping = int(activity.sloping[~dead].sum())
    return Site(
        name=place.name,
        activation=place.activation.label,
        role="hidden",
        source=place.source,
        units=place.shape[-1],
        pre=signals[place.key("pre")],
        post=signals[place.key("post")],
        gradient=signals.get(place.key("gradient")),
        dead=dead,
        dead_structural=np.asarray(activity.constant),
        always_zero=total.moments[place.key("post")].always_zero,
        saturated_fraction=(
            int(activity.saturated[~dead].sum()) / sloping if sloping else float("nan")
        ),
    )


def _parameters(total: _Total) -> tuple[Parameter, ...]:
    if total.parameter_gradient is None:
        return ()
    mean = jax.tree.map(lambda x: x / total.examples, total.parameter_gradient)
    return tuple(
        Parameter(name, array.shape, summarise(array))
        for name, array in _archive.flatten(mean).items()
    )
