"""Dead units alone: one pass forward over the data, a small part of what a profile costs."""

from collections import OrderedDict
from functools import partial, reduce
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Bool

from actscope.probing._measure import first_of
from actscope.probing._opened import Injected, Opened, Place, Tapped
from actscope.probing._passes import Batches
from actscope.probing._response import silent
from actscope.sites import Acted


class Dead(NamedTuple):
    """Which units of a site said the same of every example.

    Attributes:
        dead: the local derivative was 0, as in `Site.dead`.
        always_zero: the output was exactly 0 (the tutorial's "dead").
    """

    dead: Bool[Any, " unit"]
    always_zero: Bool[Any, " unit"]


# jax sorts a plain dict by its keys, and so layers.10 before layers.2.
_Found = OrderedDict[str, Dead]


def dead_units(tapped: Tapped, params: Any, batches: Batches) -> dict[str, Dead]:
    """The dead units of every site over a data set, in NumPy, as `profile` finds them.

    Args:
        tapped: as of `profile`.
        params: pytree of arrays.
        batches: (inputs, targets) pairs, the examples along the first axis; targets are not used.

    Raises:
        ActscopeError: there is no batch, `batches` can be iterated only once, or two sites have
            the same name.
    """
    first_of(batches)  # or there is none
    opened = Injected(tapped)
    found = reduce(_both, (_dead(opened, params, inputs) for inputs, _ in batches))
    return dict(jax.device_get(found))


def _both(one: _Found, other: _Found) -> _Found:
    return jax.tree.map(jnp.logical_and, one, other)


@partial(jax.jit, static_argnames="opened")
def _dead(opened: Opened, params: Any, inputs: Any) -> _Found:
    _, acted = opened.run(params, inputs, None)
    places = opened.places(params, inputs)
    return OrderedDict((place.name, _of(place, acted[place.name])) for place in places)


def _of(place: Place, acted: Acted) -> Dead:
    axes = tuple(range(acted.slope.ndim - 1))
    quiet = silent(place.response, acted.pre, acted.slope)
    return Dead(quiet.all(axes), (acted.post == 0).all(axes))
