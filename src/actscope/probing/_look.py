"""One batch through a tapped function: every site's signals, and what they add up to."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from actscope.activations import Activation, Facts, describe
from actscope.probing._moments import Part, bin_counts, part
from actscope.probing._tap import tap

Activate = Callable[[str, Activation, jax.Array], jax.Array]
Tapped = Callable[[Any, Any, Activate], jax.Array]
Loss = Callable[[jax.Array, Any], jax.Array]
Signals = dict[str, jax.Array]

_SATURATED = 0.05  # share of the largest slope: CONVENTIONS, "Saturated"


@dataclass(frozen=True)
class Place:
    """A site as the trace meets it: who, where, and the shape and dtype of one batch there."""

    name: str
    activation: Activation
    source: str
    shape: tuple[int, ...]
    dtype: Any

    def key(self, which: str) -> str:
        """The site's `pre`, `post` or `gradient` among all signals."""
        return f"{self.name}/{which}"


class Activity(NamedTuple):
    """How often each unit of a site could learn, in one batch.

    Attributes:
        dead: no example had a local derivative other than 0.
        constant: no example left the intervals on which the function is constant.
        sloping: examples outside these intervals.
        saturated: those of them with a slope under 5 % of the largest.
    """

    dead: Bool[Array, " unit"]
    constant: Bool[Array, " unit"]
    sloping: Int[Array, " unit"]
    saturated: Int[Array, " unit"]


class Seen(NamedTuple):
    """What one batch adds to a profile."""

    parts: dict[str, Part]
    activity: dict[str, Activity]
    loss: Float[Array, ""] | None
    hits: Int[Array, ""] | None
    parameter_gradient: Any


def survey(tapped: Tapped, params: Any, inputs: Any) -> tuple[Place, ...]:
    """The sites of a function in the order in which the signal meets them."""
    places: list[Place] = []

    def activate(name: str, activation: Activation, x: jax.Array) -> jax.Array:
        frame = sys._getframe(1)
        file = "/".join(Path(frame.f_code.co_filename).parts[-3:])
        source = f"{file}:{frame.f_lineno}"
        places.append(Place(name, activation, source, x.shape, x.dtype))
        return activation(x)

    jax.eval_shape(lambda params, inputs: tapped(params, inputs, activate), params, inputs)
    return tuple(places)


@partial(jax.jit, static_argnames=("tapped", "loss"))
def look(tapped: Tapped, loss: Loss | None, params: Any, inputs: Any, targets: Any) -> Seen:
    """First pass: the moments, the activity of the units, the gradients."""
    places = survey(tapped, params, inputs)
    signals, value, gradient = _signals(tapped, loss, params, (inputs, targets))
    return Seen(
        parts={name: part(x) for name, x in signals.items()},
        activity={place.name: _activity(place, signals[place.key("pre")]) for place in places},
        loss=value,
        hits=_hits(signals["outputs"], targets),
        parameter_gradient=gradient,
    )


@partial(jax.jit, static_argnames=("tapped", "loss"))
def count(
    tapped: Tapped,
    loss: Loss | None,
    params: Any,
    batch: tuple[Any, Any],
    ranges: Mapping[str, tuple[float, float]],
) -> dict[str, Int[Array, " bins"]]:
    """Second pass: the histograms, once the ranges are known."""
    signals, _, _ = _signals(tapped, loss, params, batch)
    return {name: bin_counts(x, *ranges[name]) for name, x in signals.items()}


def _signals(
    tapped: Tapped, loss: Loss | None, params: Any, batch: tuple[Any, Any]
) -> tuple[Signals, jax.Array | None, Any]:
    """Every signal by name, the mean loss, and its gradient with respect to the parameters."""
    inputs, targets = batch
    places = survey(tapped, params, inputs)
    witnesses = {place.name: jnp.zeros(place.shape, place.dtype) for place in places}

    def run(params: Any, witnesses: Signals) -> tuple[jax.Array | None, Signals]:
        found: Signals = {}

        def activate(name: str, activation: Activation, x: jax.Array) -> jax.Array:
            x = tap(x, witnesses[name])
            post = activation(x)
            found[f"{name}/pre"], found[f"{name}/post"] = x, post
            return post

        found["outputs"] = tapped(params, inputs, activate)
        return (loss(found["outputs"], targets) if loss else None), found

    if loss is None:
        _, found = run(params, witnesses)
        return found, None, None
    differentiated = jax.value_and_grad(run, argnums=(0, 1), has_aux=True)
    (value, found), (gradient, cotangents) = differentiated(params, witnesses)
    # The mean loss divides each example's own gradient by the batch size.
    examples = jax.tree.leaves(inputs)[0].shape[0]
    found |= {f"{name}/gradient": x * examples for name, x in cotangents.items()}
    return found, value, gradient


def _activity(place: Place, pre: jax.Array) -> Activity:
    facts = describe(place.activation)
    _, slope = jax.jvp(place.activation, (pre,), (jnp.ones_like(pre),))
    pre, slope = (x.reshape(-1, x.shape[-1]) for x in (pre, slope))
    flat = jnp.zeros(pre.shape, bool)
    for low, high in facts.flat:
        flat |= (pre >= low) & (pre <= high)
    saturated = ~flat & (jnp.abs(slope) < _SATURATED * _largest_slope(place.activation, facts))
    return Activity(
        # On a closed flat interval a unit is dead whatever the tie rule at its end.
        dead=((slope == 0) | flat).all(axis=0),
        constant=flat.all(axis=0),
        sloping=(~flat).sum(axis=0),
        saturated=saturated.sum(axis=0),
    )


def _largest_slope(activation: Activation, facts: Facts) -> float:
    """sup |f'|, or where that is infinite the root mean square of f' under a standard normal."""
    if np.isfinite(facts.largest_slope):
        return facts.largest_slope
    with jax.ensure_compile_time_eval():
        z = np.linspace(-8, 8, 4001, dtype=np.float32)
        _, slope = jax.jvp(activation, (jnp.asarray(z),), (jnp.ones(z.shape),))
        weight = np.exp(-(z**2) / 2)
        return float(np.sqrt((np.asarray(slope) ** 2 * weight).sum() / weight.sum()))


def _hits(outputs: jax.Array, targets: Any) -> jax.Array | None:
    """Number of targets that the largest output names; None where targets are not classes."""
    classes = hasattr(targets, "dtype") and jnp.issubdtype(targets.dtype, jnp.integer)
    if not classes or targets.shape != outputs.shape[:-1]:
        return None
    return (outputs.argmax(axis=-1) == targets).sum()
