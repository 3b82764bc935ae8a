"""What can be tried on a model: other batches, a larger loss, other parameters, a few steps."""

import itertools
import math
from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from actscope.probing import Model, Probe, joined, named, trainable

_STEPS = 60
_WARM = 10  # steps until an optimizer's averages have settled
_LARGER = 2.0**10  # times the loss: what underflowed does no more, and nothing else changes


@dataclass(frozen=True)
class Input:
    """A floating input over all batches.

    Attributes:
        name: its path among the inputs; empty if it is the only one.
        mean: of all numbers.
        std: of all numbers.
        nonfinite: how many are not finite.
    """

    name: str
    mean: float
    std: float
    nonfinite: int


@dataclass(frozen=True, eq=False)
class Steps:
    """A short training.

    Attributes:
        losses: of each batch, before its step.
        ratios: by weight matrix, the median over the steps (but the first ones) of the root mean
            square of the update by that of the weights; those that began with zeros left out.
        again: loss of the first batches after the training, in the order of `losses`.
    """

    losses: np.ndarray
    ratios: dict[str, float]
    again: np.ndarray


def inputs(model: Model) -> list[Input]:
    """The floating inputs of a model."""
    sums: dict[str, np.ndarray] = {}
    for given, _ in model.batches:
        for name, leaf in named(given).items():
            x = np.asarray(leaf)
            if x.ndim and np.issubdtype(x.dtype, np.floating):
                good = x[np.isfinite(x)].astype(np.float64)
                found = [good.size, good.sum(), np.square(good).sum(), x.size - good.size]
                sums[name] = sums.get(name, np.zeros(4)) + found
    return [_input(name, *found) for name, found in sums.items()]


def _input(name: str, count: float, total: float, squares: float, nonfinite: float) -> Input:
    n = count or math.nan
    return Input(name, total / n, math.sqrt(max(squares / n - (total / n) ** 2, 0)), int(nonfinite))


def met(model: Model) -> dict[str, np.ndarray]:
    """What each place of sites is given of the first batch, units last, behind a row a step."""
    given, _ = next(iter(model.batches))
    opened = Probe(model.function).opened(model.params, given)
    _, acted = jax.jit(opened.run, static_argnums=2)(model.params, given, None)
    return {name: np.asarray(each.pre) for name, each in acted.items()}


def interaction(model: Model) -> float:
    """Change of the outputs of half a batch as the other half changes, by their deviation.

    NaN where there are no four examples.
    """
    given, _ = next(iter(model.batches))
    examples = next((len(x) for x in jax.tree.leaves(given) if np.ndim(x)), 0)
    half = examples // 2
    if half < 2:
        return math.nan

    def other(leaf: Any) -> Any:
        if np.ndim(leaf) and len(leaf) == examples:
            return jnp.concatenate([leaf[:half], jnp.flip(leaf[: examples - half], 0)])
        return leaf

    run = jax.jit(model.function)
    changes = [0.0]
    for one, two in zip(
        *(jax.tree.leaves(run(model.params, x)) for x in (given, jax.tree.map(other, given))),
        strict=True,
    ):
        if np.ndim(one) and len(one) == examples and jnp.issubdtype(one.dtype, jnp.floating):
            a, b = (np.asarray(x[:half], np.float64) for x in (one, two))
            changes.append(float(np.abs(a - b).max() / (np.std(a) + 1e-30)))
    return max(changes)


class _Program(NamedTuple):
    """What is compiled once for all models that share it."""

    function: Any
    loss: Any
    update: Any

    @classmethod
    def of(cls, model: Model) -> "_Program":
        # partial: a loss need not be hashable.
        loss: Any = model.loss
        loss = loss if isinstance(loss, Hashable) else partial(loss)
        return cls(model.function, loss, getattr(model.optimizer, "update", None))

    def value(self, learning: Any, fixed: Any, batch: Any) -> jax.Array:
        return self.loss(self.function(joined(learning, fixed), batch[0]), batch[1])


@partial(jax.jit, static_argnums=0)
def _gradient(program: _Program, learning: Any, fixed: Any, batch: Any, scale: Any) -> Any:
    def value(learning: Any) -> jax.Array:
        found = program.value(learning, fixed, batch)
        return found * scale.astype(found.dtype)

    return jax.grad(value)(learning)


class Gradients:
    """The gradient of a model's loss on its first batch, wherever it is tried."""

    def __init__(self, model: Model):
        self._learning, self._fixed = trainable(model.params)
        self._batch = next(iter(model.batches)) if model.loss else None
        self._scaled = partial(_gradient, _Program.of(model))

    def underflow(self) -> dict[str, float]:
        """Share of each gradient that is 0, and is not with 1,024 times the loss."""
        plain, larger = self._at(self._learning), self._at(self._learning, _LARGER)
        return {
            name: float(((plain[name] == 0) & (larger[name] != 0)).mean())
            for name in plain
            if np.size(plain[name])
        }

    def detached(self) -> list[str]:
        """Parameters whose gradient is 0, whichever parameters near these one takes.

        Near these: a factor that begins at 0, as some residual branches do, lets nothing through.
        """
        draw = np.random.default_rng(0)

        def beside(leaf: Any) -> np.ndarray:
            x = np.asarray(leaf)
            step = 0.1 * np.sqrt(np.mean(np.square(x, dtype=np.float64))) + 1e-3
            return np.asarray(x + step * draw.standard_normal(x.shape)).astype(x.dtype)

        here = self._at(self._learning, _LARGER)
        there = self._at(jax.tree.map(beside, self._learning), _LARGER)
        return [name for name in here if not (np.any(here[name]) or np.any(there[name]))]

    def _at(self, learning: Any, scale: float = 1.0) -> dict[str, np.ndarray]:
        if self._batch is None:
            return {}
        found = self._scaled(learning, self._fixed, self._batch, jnp.float32(scale))
        return named(jax.device_get(found))


def train(model: Model, steps: int = _STEPS, start: int = 0) -> Steps | None:
    """Some steps with the model's own optimizer, from the batch `start` on; None if it has none."""
    if model.loss is None or model.optimizer is None:
        return None
    learning, fixed = trainable(model.params)
    state = model.optimizer.init(learning)
    batches = list(itertools.islice(itertools.cycle(model.batches), start, start + steps))
    matrices = {k for k, v in named(learning).items() if np.ndim(v) >= 2 and np.any(np.asarray(v))}
    losses: list[Any] = []
    ratios: list[dict[str, Any]] = []
    one = partial(_step, _Program.of(model))
    for batch in batches:
        learning, state, loss, found = one(learning, fixed, state, batch)
        losses.append(loss)
        ratios.append({name: x for name, x in named(found).items() if name in matrices})
    late = jax.device_get(ratios[min(_WARM, len(ratios) - 1) :])
    again = [one(learning, fixed, state, batch)[2] for batch in batches[:_WARM]]
    return Steps(
        losses=np.asarray(jax.device_get(losses), np.float64),
        ratios={name: float(np.median([each[name] for each in late])) for name in sorted(matrices)},
        again=np.asarray(jax.device_get(again), np.float64),
    )


@partial(jax.jit, static_argnums=0)
def _step(program: _Program, learning: Any, fixed: Any, state: Any, batch: Any) -> Any:
    """New parameters and state, the loss before, and how far each parameter moved."""
    found, gradient = jax.value_and_grad(program.value)(learning, fixed, batch)
    updates, state = program.update(gradient, state, learning)
    ratios = jax.tree.map(lambda u, w: _rms(u) / _rms(w), updates, learning)
    moved = jax.tree.map(lambda w, u: (w + u).astype(w.dtype), learning, updates)
    return moved, state, found, ratios


def _rms(x: jax.Array) -> jax.Array:
    return jnp.sqrt(jnp.mean(jnp.square(x.astype(jnp.float32))))
