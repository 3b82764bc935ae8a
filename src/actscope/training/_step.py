"""One step of gradient descent, and many of them in one compiled loop."""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Float32, Int, Int32, Shaped

from actscope.data import Normalization
from actscope.training._network import Network, Params, State
from actscope.training._recipe import Recipe


class Carry(NamedTuple):
    """What one step hands to the next.

    Attributes:
        params: the network's parameters.
        state: its state.
        optimizer: the optimizer's own arrays.
    """

    params: Params
    state: State
    optimizer: Any


class Examples(NamedTuple):
    """Images as stored, and their classes, on the device."""

    images: Shaped[Array, "example ..."]
    labels: Int32[Array, " example"]


class Scores(NamedTuple):
    """Mean loss (nats) and accuracy (a fraction of 1) of each step's batch, before its update."""

    loss: Float[Any, "*step"]
    accuracy: Float[Any, "*step"]


@dataclass(frozen=True)
class Rule:
    """What a compiled step is compiled for; two equal ones share one compilation."""

    network: Network
    recipe: Recipe
    normalization: Normalization


def optimizer(recipe: Recipe) -> optax.GradientTransformation:
    """The optimizer of a recipe."""
    return optax.sgd(recipe.learning_rate, momentum=recipe.momentum)


def step(
    rule: Rule,
    carry: Carry,
    images: Float32[Array, "batch ..."],
    labels: Int32[Array, " batch"],
) -> tuple[Carry, Scores]:
    """One step on the mean cross-entropy of a batch of normalised images."""

    def loss(params: Params) -> tuple[Array, tuple[Array, State]]:
        logits, state = rule.network.apply(params, carry.state, images, train=True)
        each = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
        return each.mean(), ((logits.argmax(axis=1) == labels).mean(), state)

    (value, (accuracy, state)), gradient = jax.value_and_grad(loss, has_aux=True)(carry.params)
    updates, memory = optimizer(rule.recipe).update(gradient, carry.optimizer, carry.params)
    params: Any = optax.apply_updates(carry.params, updates)
    return Carry(params, state, memory), Scores(value, accuracy)


@partial(jax.jit, static_argnames="rule", donate_argnames="carry")
def advance(
    rule: Rule,
    carry: Carry,
    examples: Examples,
    order: Int32[Array, "step batch"],
    first: Int[Array, ""],
    end: Int[Array, ""],
) -> tuple[Carry, Scores]:
    """Steps `first` to `end` (left out) of an epoch.

    One program serves any two bounds, so how an epoch is cut changes no number. It is as fast as
    a scan over the whole of it, and a tenth faster on a CPU than one call a step.

    Args:
        rule: network, recipe and normalisation.
        carry: consumed; its buffers become those of the result.
        examples: the training set.
        order: the rows of each batch of the epoch.
        first: index of the first step.
        end: index after the last.

    Returns:
        The new carry, and the scores of every step of the epoch: 0 for those not taken.
    """

    def body(index: Array, running: tuple[Carry, Scores]) -> tuple[Carry, Scores]:
        carry, scores = running
        images, labels = (array[order[index]] for array in examples)
        carry, here = step(rule, carry, rule.normalization(images), labels)
        return carry, jax.tree.map(lambda all_, one: all_.at[index].set(one), scores, here)

    nothing = jnp.zeros(order.shape[0])
    return jax.lax.fori_loop(first, end, body, (carry, Scores(nothing, nothing)))
