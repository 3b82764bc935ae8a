"""One batch through a tapped function: its sites, and every signal at each of them."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, no_type_check

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.sites import tap

Learned = Mapping[str, jax.Array]
Activate = Callable[[str, Activation, jax.Array, Learned], jax.Array]
Tapped = Callable[[Any, Any, Activate], jax.Array]
Loss = Callable[[jax.Array, Any], jax.Array]
Signals = dict[str, jax.Array]


@dataclass(frozen=True)
class Place:
    """A site as the trace meets it.

    Attributes:
        name: of the site.
        activation: that acts there.
        source: the line that applies it.
        shape: of one batch of its input.
        dtype: of that.
        units: features of its output.
    """

    name: str
    activation: Activation
    source: str
    shape: tuple[int, ...]
    dtype: Any
    units: int


class Seen(NamedTuple):
    """What one batch shows; without a loss, no gradients.

    Attributes:
        signals: `SITE/pre`, `SITE/post` and `SITE/gradient` of every site, and `outputs`.
        loss: mean over the batch.
        hits: examples whose largest output is the target; None where targets are not classes.
        parameter_gradient: of `loss`, shaped like the parameters.
        learned: settings that each site's activation has learned.
    """

    signals: Signals
    loss: Float[Array, ""] | None
    hits: Int[Array, ""] | None
    parameter_gradient: Any
    learned: dict[str, dict[str, jax.Array]]


def survey(tapped: Tapped, params: Any, inputs: Any) -> tuple[Place, ...]:
    """The sites of a function in the order in which the signal meets them.

    Raises:
        ActscopeError: two sites have the same name.
    """
    places: dict[str, Place] = {}

    @no_type_check  # whose wrapper would stand between this and the caller
    def activate(name: str, activation: Activation, x: jax.Array, learned: Learned) -> jax.Array:
        if name in places:
            raise ActscopeError(f"two sites are named {name!r}", expected="a name for each site")
        caller = sys._getframe(1)
        file = "/".join(Path(caller.f_code.co_filename).parts[-3:])
        source = f"{file}:{caller.f_lineno}"
        post = activation(x, **learned)
        places[name] = Place(name, activation, source, x.shape, x.dtype, post.shape[-1])
        return post

    jax.eval_shape(lambda params, inputs: tapped(params, inputs, activate), params, inputs)
    return tuple(places.values())


@partial(jax.jit, static_argnames=("tapped", "loss"))
def look(tapped: Tapped, loss: Loss | None, params: Any, inputs: Any, targets: Any) -> Seen:
    """Everything that one batch shows."""
    return see(tapped, loss, params, inputs, targets)


@partial(jax.jit, static_argnames=("tapped", "loss"))
def look_again(
    tapped: Tapped, loss: Loss | None, params: Any, inputs: Any, targets: Any
) -> Signals:
    """The signals alone: XLA leaves out the products that only the parameters' gradients need."""
    return see(tapped, loss, params, inputs, targets).signals


def see(tapped: Tapped, loss: Loss | None, params: Any, inputs: Any, targets: Any) -> Seen:
    """Everything that one batch shows, as part of whatever program is being traced."""

    def run(params: Any, witnesses: Signals) -> tuple[jax.Array | None, tuple[Signals, Any]]:
        signals: Signals = {}
        settings: dict[str, dict[str, jax.Array]] = {}

        def activate(
            name: str, activation: Activation, x: jax.Array, learned: Learned
        ) -> jax.Array:
            pre = tap(x, witnesses[name])
            post = activation(pre, **learned)
            signals[f"{name}/pre"], signals[f"{name}/post"] = pre, post
            settings[name] = dict(learned)
            return post

        outputs = signals["outputs"] = tapped(params, inputs, activate)
        return (loss(outputs, targets) if loss else None), (signals, settings)

    places = survey(tapped, params, inputs)
    witnesses = {place.name: jnp.zeros(place.shape, place.dtype) for place in places}
    if loss is None:
        _, (signals, settings) = run(params, witnesses)
        return Seen(signals, None, _hits(signals["outputs"], targets), None, settings)
    differentiated = jax.value_and_grad(run, argnums=(0, 1), has_aux=True)
    (value, (signals, settings)), (gradient, cotangents) = differentiated(params, witnesses)
    examples = jax.tree.leaves(inputs)[0].shape[0]
    for name, cotangent in cotangents.items():
        signals[f"{name}/gradient"] = _own(cotangent, examples)
    return Seen(signals, value, _hits(signals["outputs"], targets), gradient, settings)


def _own(cotangent: jax.Array, examples: int) -> jax.Array:
    """The gradient of each example's own loss: the mean loss divides it by their number."""
    # In half precision the product might overflow.
    return cotangent.astype(jnp.promote_types(cotangent.dtype, jnp.float32)) * examples


def _hits(outputs: jax.Array, targets: Any) -> jax.Array | None:
    classes = isinstance(targets, jax.Array) and jnp.issubdtype(targets.dtype, jnp.integer)
    if not classes or outputs.ndim != 2 or targets.shape != outputs.shape[:1]:
        return None
    return (outputs.argmax(axis=-1) == targets).sum()
