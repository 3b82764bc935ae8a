"""Short trainings of a model, with its own optimizer over its own batches."""

import itertools
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from actscope.probing import Model, joined, named, trainable

_STEPS = 60
_WARM = 10  # steps until an optimizer's averages have settled
_LAST = 10  # steps whose losses are averaged


@dataclass(frozen=True, eq=False)
class Steps:
    """A short training.

    Attributes:
        losses: of each batch, before its step.
        ratios: by weight matrix, the median over the steps (but the first ones) of the root mean
            square of the update by that of the weights as the training began: steps that are too
            large blow the weights up, and then look small beside them. Those that began with
            zeros are left out.
        again: loss of the first batches after the training, in the order of `losses`.
    """

    losses: np.ndarray
    ratios: dict[str, float]
    again: np.ndarray


class Program(NamedTuple):
    """What is compiled once for all models that share it."""

    function: Any
    loss: Any
    update: Any

    @classmethod
    def of(cls, model: Model) -> "Program":
        """The program of a model; its parameters and batches are arguments."""
        # partial: a loss need not be hashable.
        loss: Any = model.loss
        loss = loss if isinstance(loss, Hashable) else partial(loss)
        return cls(model.function, loss, getattr(model.optimizer, "update", None))

    def value(self, learning: Any, fixed: Any, batch: Any) -> jax.Array:
        """The loss of a batch."""
        return self.loss(self.function(joined(learning, fixed), batch[0]), batch[1])


def train(model: Model, steps: int = _STEPS) -> Steps | None:
    """Some steps, and how far they move the weights; None without a loss or an optimizer."""
    if model.loss is None or model.optimizer is None:
        return None
    learning, fixed = trainable(model.params)
    sizes = {name: _rms(x) for name, x in named(learning).items() if np.ndim(x) >= 2}
    sizes = {name: size for name, size in jax.device_get(sizes).items() if size}
    state = model.optimizer.init(learning)
    batches = list(itertools.islice(itertools.cycle(model.batches), steps))
    losses: list[Any] = []
    updates: list[dict[str, Any]] = []
    one = partial(_followed_step, Program.of(model))
    for batch in batches:
        learning, state, loss, found = one(learning, fixed, state, batch)
        losses.append(loss)
        updates.append(named(found))
    late = jax.device_get(updates[min(_WARM, len(updates) - 1) :])
    again = [one(learning, fixed, state, batch)[2] for batch in batches[:_WARM]]
    return Steps(
        losses=np.asarray(jax.device_get(losses), np.float64),
        ratios={
            name: float(np.median([each[name] for each in late]) / size)
            for name, size in sorted(sizes.items())
        },
        again=np.asarray(jax.device_get(again), np.float64),
    )


def ending(model: Model, steps: int, seed: int) -> float:
    """Mean loss of the last steps of a training, every epoch of it in another order.

    The model has a loss and an optimizer.
    """
    learning, fixed = trainable(model.params)
    state = model.optimizer.init(learning)
    one = partial(_step, Program.of(model))
    losses: list[Any] = []
    for batch in _shuffled(model, steps, seed):
        learning, state, loss = one(learning, fixed, state, batch)
        losses.append(loss)
    return float(np.mean(np.asarray(jax.device_get(losses[-_LAST:]), np.float64)))


def scaled(optimizer: Any) -> Callable[..., Any]:
    """An optimizer's update times a number in its state: the same program for every number."""

    def update(gradient: Any, state: Any, params: Any = None) -> Any:
        inner, factor = state
        updates, inner = optimizer.update(gradient, inner, params)
        return jax.tree.map(lambda x: x * factor, updates), (inner, factor)

    return update


def _shuffled(model: Model, steps: int, seed: int) -> list[Any]:
    batches = list(itertools.islice(model.batches, steps))
    draw = np.random.default_rng(seed)
    orders = [draw.permutation(len(batches)) for _ in range(0, steps, len(batches))]
    return [batches[index] for index in np.concatenate(orders)[:steps]]


def _moved(program: Program, learning: Any, fixed: Any, state: Any, batch: Any) -> Any:
    found, gradient = jax.value_and_grad(program.value)(learning, fixed, batch)
    updates, state = program.update(gradient, state, learning)
    moved = jax.tree.map(lambda w, u: (w + u).astype(w.dtype), learning, updates)
    return moved, state, found, updates


@partial(jax.jit, static_argnums=0)
def _step(program: Program, learning: Any, fixed: Any, state: Any, batch: Any) -> Any:
    """New parameters and state, and the loss before."""
    return _moved(program, learning, fixed, state, batch)[:3]


@partial(jax.jit, static_argnums=0)
def _followed_step(program: Program, learning: Any, fixed: Any, state: Any, batch: Any) -> Any:
    """These, and how far each parameter moved, as a root mean square."""
    moved, state, found, updates = _moved(program, learning, fixed, state, batch)
    return moved, state, found, jax.tree.map(_rms, updates)


def _rms(x: jax.Array) -> jax.Array:
    return jnp.sqrt(jnp.mean(jnp.square(x.astype(jnp.float32))))
