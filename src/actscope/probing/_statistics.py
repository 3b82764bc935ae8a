"""What one batch says of a site, worked out on the device.

These programs stand apart from the one that runs the model: XLA takes far longer to compile
statistics than layers, and a shape that occurs in many sites, and in many models, is compiled once.
"""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from actscope.probing._moments import Part, bin_counts, ends, part
from actscope.probing._opened import Place
from actscope.probing._response import Response, respond
from actscope.probing._together import (
    MOST_UNITS,
    Alike,
    Covariance,
    alike,
    covariance,
    enough,
    least,
)

_MOST_NUMBERS = 2**25  # of the covariances of a place within a loop

Signals = dict[str, Float[Array, "..."]]


class Whole(NamedTuple):
    """What one batch says of a place; within loops with a row for every step.

    Attributes:
        parts: of its signals, `pre`, `post` and, with a loss, `gradient`.
        response: the fields of an `Activity`.
        alike: how its examples resemble each other.
    """

    parts: dict[str, Part]
    response: tuple[Shaped[Array, "..."], ...]
    alike: Alike


@partial(jax.jit, static_argnames=("to", "depth", "examples"))
def whole(
    to: Response, depth: int, examples: int, signals: Signals, slope: Float[Array, "..."]
) -> Whole:
    """The statistics of one batch.

    Args:
        to: how the activation responds.
        depth: number of loops around the place.
        examples: in the batch.
        signals: of the place.
        slope: as of `Acted`.
    """

    def one(signals: Signals, slope: jax.Array) -> Whole:
        return Whole(
            {which: _part(x) for which, x in signals.items()},
            respond(to, signals["pre"], slope),
            alike(examples_first(signals["pre"], examples)),
        )

    return each_step(depth, one, signals, slope)


@partial(jax.jit, static_argnames=("depth", "examples"))
def units(depth: int, examples: int, post: Float[Array, "..."], wanted: Any) -> Covariance:
    """How the units of a place resemble each other in one batch.

    Args:
        depth: as of `whole`, and `examples`.
        examples: in the batch.
        post: what the activation made.
        wanted: number of examples that enter.
    """
    return each_step(depth, lambda x: covariance(examples_first(x, examples), wanted), post)


@partial(jax.jit, static_argnames="depth")
def counted(
    depth: int, signals: Signals, ranges: dict[str, Float[Array, "*step 2"]]
) -> dict[str, Int[Array, "..."]]:
    """The histograms of one batch, now that the range of each signal is known."""

    def one(signals: Signals, ranges: dict[str, jax.Array]) -> dict[str, jax.Array]:
        return {which: bin_counts(x, *ranges[which]) for which, x in signals.items()}

    return each_step(depth, one, signals, ranges)


def _part(x: jax.Array) -> Part:
    """As `part`, which need not look for values that are not finite where there is none."""
    low, high = ends(x)
    return jax.lax.cond(
        jnp.isfinite(low) & jnp.isfinite(high),
        lambda: part(x, (low, high)),
        lambda: part(x),
    )


def sample(place: Place) -> int:
    """Number of examples that enter the covariance of a place's units; 0 if it would be too big."""
    inside = place.shape[len(place.rows) : -1]
    numbers = math.prod(place.rows) * min(place.units, MOST_UNITS) ** 2
    return enough(place.units, math.prod(inside[1:])) if inside and numbers <= _MOST_NUMBERS else 0


def suffices(place: Place, examples: int) -> bool:
    """Whether so many examples tell how the units of a place resemble each other."""
    inside = place.shape[len(place.rows) : -1]
    return examples * math.prod(inside[1:]) >= least(place.units)


def names(place: Place) -> list[str]:
    """The names of a place's sites: within loops one for every step."""
    steps = np.ndindex(place.rows)
    return [f"{place.name}[{','.join(map(str, step))}]" if step else place.name for step in steps]


def by_name(place: Place, found: Any) -> Iterator[tuple[str, Any]]:
    """What is known of a place, taken apart into its sites."""
    for row, name in enumerate(names(place)):
        yield name, jax.tree.map(lambda x, row=row: x[row], found) if place.rows else found


def each_row(place: Place, function: Callable[..., Any], *given: Any) -> Any:
    """A function of what happened at a place, for every step of the loops around it at once."""
    return jax.vmap(function)(*_steps(len(place.rows), given)) if place.rows else function(*given)


def each_step(depth: int, function: Callable[..., Any], *given: Any) -> Any:
    """As `each_row`, for one step after the other: what is rare costs nothing where it is not."""
    return jax.lax.map(lambda x: function(*x), _steps(depth, given)) if depth else function(*given)


def _steps(depth: int, given: Any) -> Any:
    def flat(x: jax.Array) -> jax.Array:
        return x.reshape(math.prod(x.shape[:depth]), *x.shape[depth:])

    return jax.tree.map(flat, given)


def examples_first(x: jax.Array, examples: int) -> jax.Array:
    """A site's signal with the examples along the first axis, if an axis has their number."""
    lengths = x.shape[:-1]
    if examples not in lengths or lengths[0] == examples:
        return x
    return jnp.moveaxis(x, lengths.index(examples), 0)
