"""One batch at a glance: what a study notes down of every site in every epoch."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from actscope.probing._look import Loss, see
from actscope.probing._moments import Part, bin_counts, part
from actscope.probing._opened import Injected, Opened, Tapped
from actscope.probing._response import Response, respond
from actscope.probing._statistics import each_row
from actscope.sites import Acted

BINS = 50


class Bins(NamedTuple):
    """A histogram of finite values in equal bins.

    Attributes:
        counts: of the values in each bin.
        low: left end: the smallest value, or ½ below a constant; -½ if there is no value.
        high: right end: the largest value, or ½ above a constant; ½ if there is none.
    """

    counts: Int[Array, " bins"]
    low: Float[Array, ""]
    high: Float[Array, ""]


class Glance(NamedTuple):
    """One site on one batch; values that are not finite enter no mean and no histogram.

    Attributes:
        pre_mean: mean of the pre-activation over units, examples and positions; NaN if no value
            is finite, as for the next three.
        pre_variance: its population variance.
        post_mean: mean of the post-activation.
        post_variance: its population variance.
        zeros: share of post-activations that are exactly 0.
        saturated: share as of `Site.saturated_fraction`; NaN if nothing is left.
        dead: the local derivative is 0 for every example and position, as of `Site.dead`.
        gradient: root mean square of the gradient of each example's own loss with respect to the
            pre-activation.
        pre: histogram of the pre-activation.
        post: of the post-activation.
        back: of that gradient.
    """

    pre_mean: Float[Array, ""]
    pre_variance: Float[Array, ""]
    post_mean: Float[Array, ""]
    post_variance: Float[Array, ""]
    zeros: Float[Array, ""]
    saturated: Float[Array, ""]
    dead: Bool[Array, " unit"]
    gradient: Float[Array, ""]
    pre: Bins
    post: Bins
    back: Bins


class Glimpse(NamedTuple):
    """A network on one batch.

    Attributes:
        sites: by name. What has been through jax's transformations is sorted by name, layers.10
            before layers.2: `survey` has the order in which the signal meets them.
        loss: mean over the batch.
        gradient: of `loss`, shaped like the parameters.
    """

    sites: dict[str, Glance]
    loss: Float[Array, ""]
    gradient: Any


def glance(tapped: Tapped, loss: Loss, params: Any, inputs: Any, targets: Any) -> Glimpse:
    """Every site on one batch, in one pass forward and one back, for use within `jax.jit`.

    Everything about it can be traced and vmapped, over members say; neither `tapped` nor `loss`
    need be hashable, and both may close over arrays.

    Args:
        tapped: as of `profile`.
        loss: `loss(outputs, targets)`, the mean over the batch.
        params: pytree of arrays.
        inputs: as of `profile`.
        targets: of the same examples.

    Raises:
        ActscopeError: two sites have the same name.
    """
    return glanced(Injected(tapped), loss, params, (inputs, targets))


def glanced(opened: Opened, loss: Loss, params: Any, batch: Any) -> Glimpse:
    """As `glance`, of any function that shows its sites; within loops with a row for every step."""
    seen = see(opened, loss, params, *batch)
    sites: dict[str, Glance] = {}
    for place in opened.places(params, batch[0]):
        given = seen.acted[place.name], seen.gradient(place.name)
        sites[place.name] = each_row(place, partial(at_site, place.response), *given)
    assert seen.loss is not None  # there is a loss
    return Glimpse(sites, seen.loss, seen.parameter_gradient)


def at_site(to: Response, acted: Acted, gradient: jax.Array) -> Glance:
    """What happened at one site, as part of whatever program is being traced."""
    pre, post, slope, _ = acted
    of_pre, of_post, of_gradient = part(pre), part(post), part(gradient)
    dead, _, sloping, saturated = respond(to, pre, slope)
    return Glance(
        *_mean_and_variance(of_pre),
        *_mean_and_variance(of_post),
        zeros=of_post.zeros.sum() / post.size,
        saturated=jnp.where(dead, 0, saturated).sum() / jnp.where(dead, 0, sloping).sum(),
        dead=dead,
        gradient=_root_mean_square(of_gradient),
        pre=_bins(pre, of_pre),
        post=_bins(post, of_post),
        back=_bins(gradient, of_gradient),
    )


def _bins(x: jax.Array, found: Part) -> Bins:
    low, high = _ends(found)
    fine = bin_counts(x, low, high)
    return Bins(fine.reshape(BINS, -1).sum(axis=1), low, high)


def _scaled(found: Part) -> tuple[jax.Array, jax.Array]:
    """Mean and variance over all units, of the values divided by `found.scale`."""
    count = found.finite.sum()
    mean = (found.mean * found.finite).sum() / count
    between = (found.finite * (found.mean - mean) ** 2).sum()
    return mean, (found.squares.sum() + between) / count


def _mean_and_variance(found: Part) -> tuple[jax.Array, jax.Array]:
    mean, variance = _scaled(found)
    return mean * found.scale, variance * found.scale**2


def _root_mean_square(found: Part) -> jax.Array:
    # By way of the scale: the square of a gradient of 1e-25 would be 0.
    mean, variance = _scaled(found)
    return jnp.sqrt(variance + mean**2) * found.scale


def _ends(found: Part) -> tuple[jax.Array, jax.Array]:
    """Ends of the histogram, as of `Moments.range`."""
    any_finite = found.finite.any()
    low, high = jnp.where(any_finite, found.low, 0), jnp.where(any_finite, found.high, 0)
    constant = low == high
    return jnp.where(constant, low - 0.5, low), jnp.where(constant, high + 0.5, high)
