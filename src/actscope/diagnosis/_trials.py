"""What can be tried on a model: other batches, a larger loss, other parameters."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from actscope.diagnosis._training import Program
from actscope.probing import Model, named, trainable
from actscope.probing._look import count
from actscope.probing._together import Together, alike

_alike = jax.jit(alike)
_LARGER = 2.0**10  # times the loss: what underflowed does no more, and nothing else changes


@dataclass(frozen=True)
class Input:
    """A floating input over all batches.

    Attributes:
        name: its path among the inputs; empty if it is the only one.
        mean: of all numbers.
        std: of all numbers.
        nonfinite: how many are not finite.
        correlation: mean cosine of two examples, not centred, as of a site; NaN where it is not
            known: fewer than two, or shapes that differ from batch to batch.
    """

    name: str
    mean: float
    std: float
    nonfinite: int
    correlation: float


def inputs(model: Model) -> list[Input]:
    """The floating inputs of a model."""
    sums: dict[str, np.ndarray] = {}
    resembling: dict[str, Together] = {}
    for given, _ in model.batches:
        for name, leaf in named(given).items():
            x = np.asarray(leaf)
            if x.ndim and np.issubdtype(x.dtype, np.floating):
                good = x[np.isfinite(x)].astype(np.float64)
                found = [good.size, good.sum(), np.square(good).sum(), x.size - good.size]
                sums[name] = sums.get(name, np.zeros(4)) + found
                here = Together.of(jax.device_get(_alike(x)))
                resembling[name] = resembling[name] + here if name in resembling else here
    return [_input(name, resembling[name].correlation, *found) for name, found in sums.items()]


def _input(
    name: str, correlation: float, count: float, total: float, squares: float, nonfinite: float
) -> Input:
    n = count or math.nan
    std = math.sqrt(max(squares / n - (total / n) ** 2, 0))
    return Input(name, total / n, std, int(nonfinite), correlation)


def interaction(model: Model) -> float:
    """Change of the outputs of half a batch as the other half changes, by their deviation.

    NaN where there are no four examples.
    """
    batch = next(iter(model.batches))
    given, examples = batch[0], count(batch)
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


@partial(jax.jit, static_argnums=0)
def _gradient(program: Program, learning: Any, fixed: Any, batch: Any, scale: Any) -> Any:
    def value(learning: Any) -> jax.Array:
        found = program.value(learning, fixed, batch)
        return found * scale.astype(found.dtype)

    return jax.grad(value)(learning)


class Gradients:
    """The gradient of a model's loss on its first batch, wherever it is tried."""

    def __init__(self, model: Model):
        self._learning, self._fixed = trainable(model.params)
        self._batch = next(iter(model.batches)) if model.loss else None
        self._scaled = partial(_gradient, Program.of(model))

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
