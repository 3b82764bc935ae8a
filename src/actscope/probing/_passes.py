"""Two passes over the data: nothing can be counted in bins before their range is known.

Nor can it be told before how many examples there are, and so whether they are enough to know how
the units of a site resemble each other, which costs as much as a layer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Int

from actscope.probing._activity import Activity
from actscope.probing._look import Loss, Seen, count, floating, look, look_again, signals_only
from actscope.probing._moments import Moments, Part, bin_counts, part
from actscope.probing._opened import Opened, Place
from actscope.probing._statistics import (
    Signals,
    Whole,
    by_name,
    counted,
    names,
    sample,
    suffices,
    units,
    whole,
)
from actscope.probing._together import Covariance, Together
from actscope.probing._total import OUTPUT, Total, union
from actscope.probing._trainable import named

Batch = tuple[Any, Any]
Batches = Iterable[Batch]
Opener = Callable[[Any, Any], Opened]
Counts = dict[str, Int[np.ndarray, " bins"]]

_KEPT = 2**28  # bytes of signals on the device, which the second pass then need not make again


class _Found(NamedTuple):
    """What the device makes of one batch.

    Attributes:
        examples: how many there were.
        loss: as of `Seen`, as are the hits.
        hits: of the batch.
        taken: of each place.
        wholes: of each place.
        outputs: the statistics of each.
    """

    examples: int
    loss: Any
    hits: Any
    taken: dict[str, Any]
    wholes: dict[str, Whole]
    outputs: list[Part]


class _Again(NamedTuple):
    """What the device makes of one batch once the ranges are known.

    Attributes:
        taken: of each place.
        counts: of each place.
        units: of each place of which the covariance is still to be known better.
        outputs: the counts of each.
    """

    taken: dict[str, Any]
    counts: dict[str, Any]
    units: dict[str, Covariance]
    outputs: list[Any]


class Passes:
    """The passes of one function at certain parameters.

    Args:
        opener: opens the function for the shapes of a batch.
        params: of the function.
        loss: as of `profile`.
        places: the sites.
    """

    def __init__(self, opener: Opener, params: Any, loss: Loss | None, places: tuple[Place, ...]):
        self._opener = opener
        self._params = params
        self._loss = loss
        self._places = places
        self._gradient: Any = None
        self._kept: list[Seen] = []
        self._room = _KEPT

    def first(self, batches: Batches) -> Total:
        """Everything but the histograms."""
        total = Total.nothing()
        for found in _one_behind(self._found(batches)):
            total += self._total(_fetched(found))
        return replace(total, parameter_gradient=_sum(self._gradient))

    def second(self, batches: Batches, total: Total) -> tuple[Counts, dict[str, Together]]:
        """The histograms, and how the units of a site resemble each other."""
        counts: Counts = {}
        units: dict[str, Together] = {}
        for found in map(_fetched, _one_behind(self._counted(batches, total))):
            counts = union(counts, self._named(found))
            units = union(units, self._units(found))
        return counts, units

    def _found(self, batches: Batches) -> Iterator[_Found]:
        for batch in batches:
            opened, examples = self._opener(self._params, batch[0]), count(batch)
            shown = look(opened, self._loss, self._params, batch)
            if self._gradient is None:
                self._gradient = _nothing(shown.parameter_gradient)
            self._gradient = _added(self._gradient, shown.parameter_gradient, examples)
            self._keep(shown)
            yield _Found(
                examples,
                shown.loss,
                shown.hits,
                {place.name: shown.acted[place.name].taken for place in self._places},
                {place.name: _whole(place, examples, shown) for place in self._places},
                [part(x) for x in floating(shown.outputs)],
            )

    def _keep(self, shown: Seen) -> None:
        """Keeps the signals of a batch, if there is room and all before it were kept."""
        signals = [_signals(place, shown) for place in self._places]
        self._room -= sum(x.nbytes for x in jax.tree.leaves((signals, shown.outputs)))
        if self._room >= 0:
            self._kept.append(signals_only(shown))

    def _total(self, found: _Found) -> Total:
        moments = {f"{OUTPUT}{i}": Moments.of(each) for i, each in enumerate(found.outputs)}
        activity: dict[str, Activity] = {}
        together: dict[str, Together] = {}
        for place in self._places:
            known = found.wholes[place.name], found.taken[place.name]
            for name, (each, taken) in by_name(place, known):
                if taken:
                    moments |= {f"{name}/{which}": Moments.of(x) for which, x in each.parts.items()}
                    activity[name] = Activity.of(each.response)
                    together[name] = Together.of(each.alike)
        return Total(
            examples=int(found.examples),
            loss=None if found.loss is None else float(found.loss) * found.examples,
            hits=None if found.hits is None else int(found.hits),
            parameter_gradient={},
            moments=moments,
            activity=activity,
            together=together,
        )

    def _counted(self, batches: Batches, total: Total) -> Iterator[_Again]:
        moments, before = total.moments, 0
        known = [place for place in self._places if suffices(place, total.examples)]
        ranges = {place.name: _ranges(place, moments) for place in self._places}
        of_outputs = [_ends([name], moments) for name in moments if name.startswith(OUTPUT)]
        for index, batch in enumerate(batches):
            if index < len(self._kept):
                shown = self._kept[index]
            else:
                opened = self._opener(self._params, batch[0])
                shown = look_again(opened, self._loss, self._params, batch)
            examples = count(batch)
            yield _Again(
                {place.name: shown.acted[place.name].taken for place in self._places},
                {
                    place.name: counted(len(place.rows), _signals(place, shown), ranges[place.name])
                    for place in self._places
                },
                {
                    place.name: _units(place, examples, shown, before)
                    for place in known
                    if before < sample(place)
                },
                [
                    bin_counts(x, *ends)
                    for x, ends in zip(floating(shown.outputs), of_outputs, strict=True)
                ],
            )
            before += examples

    def _units(self, found: _Again) -> dict[str, Together]:
        return {
            name: Together.of(None, covariance)
            for place in self._places
            if place.name in found.units
            for name, (covariance, met) in by_name(
                place, (found.units[place.name], found.taken[place.name])
            )
            if met
        }

    def _named(self, found: _Again) -> Counts:
        counts = {f"{OUTPUT}{i}": each for i, each in enumerate(found.outputs)}
        for place in self._places:
            both = found.counts[place.name], found.taken[place.name]
            for name, (each, met) in by_name(place, both):
                counts |= {f"{name}/{which}": x for which, x in each.items() if met}
        return {name: x.astype(np.int64) for name, x in counts.items()}


def _one_behind(made: Iterator[Any]) -> Iterator[Any]:
    """Each of what is made, once the next has been: the device works at that meanwhile."""
    waiting = []
    for each in made:
        waiting.append(each)
        if len(waiting) > 1:
            yield waiting.pop(0)
    yield from waiting


def _fetched(found: Any) -> Any:
    """On the host; `jax.device_get` takes ten times as long where there are many small arrays."""
    return jax.tree.map(np.asarray, jax.block_until_ready(found))


def _signals(place: Place, shown: Seen) -> Signals:
    acted, gradient = shown.acted[place.name], shown.gradient(place.name)
    found = {"pre": acted.pre, "post": acted.post}
    return found if gradient is None else found | {"gradient": gradient}


def _whole(place: Place, examples: int, shown: Seen) -> Whole:
    signals, slope = _signals(place, shown), shown.acted[place.name].slope
    return whole(place.response, len(place.rows), examples, signals, slope)


def _units(place: Place, examples: int, shown: Seen, before: int) -> Covariance:
    post = shown.acted[place.name].post
    return units(len(place.rows), examples, post, sample(place) - before)


def _ranges(place: Place, moments: Mapping[str, Moments]) -> dict[str, np.ndarray]:
    """Of each signal, for every step of the loops around it."""
    return {
        which: _ends([f"{name}/{which}" for name in names(place)], moments, place.rows)
        for which in ("pre", "post", "gradient")
    }


def _ends(
    signals: list[str], moments: Mapping[str, Moments], shape: tuple[int, ...] = ()
) -> np.ndarray:
    # A branch may be taken in some batches alone: what is never reached needs a range too.
    known = [moments[name].range if name in moments else (0.0, 1.0) for name in signals]
    return np.asarray(known, np.float32).reshape(*shape, 2)


@jax.jit
def _nothing(gradient: Any) -> Any:
    """A sum of no gradient, and what rounding has lost of it."""
    wide = jax.tree.map(
        lambda x: jnp.zeros(x.shape, jnp.promote_types(x.dtype, jnp.float32)), gradient
    )
    return wide, wide


@partial(jax.jit, donate_argnums=0)
def _added(running: Any, gradient: Any, examples: Any) -> Any:
    """The sum with one batch more, compensated (Kahan, 1965): there may be many batches."""

    def add(total: jax.Array, lost: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        step = x.astype(total.dtype) * examples - lost
        new = total + step
        return new, (new - total) - step

    total, lost = running
    both = jax.tree.map(add, total, lost, gradient)
    return tuple(jax.tree.map(lambda _, pair, i=i: pair[i], total, both) for i in (0, 1))


def _sum(running: Any) -> dict[str, Any]:
    """The sum of the gradients by name, in float64."""
    total, lost = (named(jax.device_get(each)) for each in running)
    return {name: np.float64(total[name]) - np.float64(lost[name]) for name in total}
