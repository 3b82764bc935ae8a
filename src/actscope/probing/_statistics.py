"""What one batch says of every site, worked out on the device in one program."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Shaped

from actscope.probing._look import Loss, Seen, count, floating, see
from actscope.probing._moments import Part, bin_counts, part
from actscope.probing._opened import Opened, Place
from actscope.probing._response import respond
from actscope.probing._together import MOST_UNITS, Pair, enough, pair
from actscope.sites import Acted

_MOST_NUMBERS = 2**25  # of the covariances of a place within a loop


class Whole(NamedTuple):
    """What one batch says of a place; within loops with a row for every step.

    Attributes:
        parts: of its signals, `pre`, `post` and, with a loss, `gradient`.
        response: the fields of an `Activity`.
        pair: how its examples and units resemble each other.
        taken: whether it was reached.
    """

    parts: dict[str, Part]
    response: tuple[Shaped[Array, "..."], ...]
    pair: Pair
    taken: Bool[Array, "..."]


@partial(jax.jit, static_argnames=("opened", "loss", "sampling"))
def first(
    opened: Opened,
    loss: Loss | None,
    sampling: bool,
    params: Any,
    batch: Any,
    before: Any,
) -> tuple[dict[str, Whole], list[Part], Seen]:
    """The statistics of one batch, by place, then those of the outputs; and the numbers of `Seen`.

    Args:
        opened: the function.
        loss: as of `profile`.
        sampling: whether the units' covariances are still to be known better.
        params: of the function.
        batch: inputs and targets.
        before: number of examples in earlier batches.
    """
    shown, examples = see(opened, loss, params, *batch), count(batch)

    def whole(place: Place, acted: Acted, gradient: jax.Array | None) -> Whole:
        wanted = sample(place) - before if sampling and sample(place) else None
        pre, post = (examples_first(x, examples) for x in (acted.pre, acted.post))
        return Whole(
            {which: part(x) for which, x in _signals(acted, gradient).items()},
            respond(place.response, acted.pre, acted.slope),
            pair(pre, post, wanted),
            acted.taken,
        )

    places = {
        place.name: each_row(
            place, partial(whole, place), shown.acted[place.name], shown.gradient(place.name)
        )
        for place in opened.places(params, batch[0])
    }
    outputs = [part(x) for x in floating(shown.outputs)]
    return places, outputs, shown._replace(acted={}, gradients=None, outputs=None)


@partial(jax.jit, static_argnames=("opened", "loss"))
def second(
    opened: Opened,
    loss: Loss | None,
    params: Any,
    batch: Any,
    ranges: dict[str, dict[str, Float[Array, "*step 2"]]],
    output_ranges: list[Float[Array, "2"]],
) -> tuple[dict[str, tuple[dict[str, Int[Array, "..."]], Bool[Array, "..."]]], list[Array]]:
    """The histograms of one batch, now that the range of each signal is known.

    XLA leaves out the products that only the parameters' gradients need.
    """
    shown = see(opened, loss, params, *batch)

    def counted(acted: Acted, gradient: jax.Array | None, ends: Any) -> Any:
        signals = _signals(acted, gradient)
        return {which: bin_counts(x, *ends[which]) for which, x in signals.items()}, acted.taken

    places = {
        place.name: each_row(
            place,
            counted,
            shown.acted[place.name],
            shown.gradient(place.name),
            ranges[place.name],
        )
        for place in opened.places(params, batch[0])
    }
    outputs = zip(floating(shown.outputs), output_ranges, strict=True)
    return places, [bin_counts(x, *ends) for x, ends in outputs]


def sample(place: Place) -> int:
    """Number of examples that enter the covariance of a place's units; 0 if it would be too big."""
    inside = place.shape[len(place.rows) : -1]
    numbers = math.prod(place.rows) * min(place.units, MOST_UNITS) ** 2
    return enough(place.units, math.prod(inside[1:])) if inside and numbers <= _MOST_NUMBERS else 0


def names(place: Place) -> list[str]:
    """The names of a place's sites: within loops one for every step."""
    steps = np.ndindex(place.rows)
    return [f"{place.name}[{','.join(map(str, step))}]" if step else place.name for step in steps]


def by_name(place: Place, found: Any) -> Iterator[tuple[str, Any]]:
    """What is known of a place, taken apart into its sites."""
    for row, name in enumerate(names(place)):
        yield name, jax.tree.map(lambda x, row=row: x[row], found) if place.rows else found


def _signals(acted: Acted, gradient: jax.Array | None) -> dict[str, jax.Array]:
    found = {"pre": acted.pre, "post": acted.post}
    return found if gradient is None else found | {"gradient": gradient}


def each_row(place: Place, function: Callable[..., Any], *given: Any) -> Any:
    """A function of what happened at a place, for every step of the loops around it."""
    if not place.rows:
        return function(*given)
    depth, steps = len(place.rows), math.prod(place.rows)
    return jax.vmap(function)(*jax.tree.map(lambda x: x.reshape(steps, *x.shape[depth:]), given))


def examples_first(x: jax.Array, examples: int) -> jax.Array:
    """A site's signal with the examples along the first axis, if an axis has their number."""
    lengths = x.shape[:-1]
    if examples not in lengths or lengths[0] == examples:
        return x
    return jnp.moveaxis(x, lengths.index(examples), 0)
