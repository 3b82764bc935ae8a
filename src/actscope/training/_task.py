"""What a network is to learn of a data set, and how it is judged."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Shaped

from actscope._errors import unknown
from actscope.data import Dataset
from actscope.training._teacher import moments, teacher


class Judgement(NamedTuple):
    """Of each example: its loss, and its part of the score (the score is the mean)."""

    losses: Float[Array, " batch"]
    merits: Float[Array, " batch"]


@dataclass(frozen=True)
class Task:
    """A way to turn a data set into something to learn.

    A **score** is larger where a network is better: the accuracy, a fraction of 1, or
    R² = 1 - mean squared error / variance of the targets over the training set.

    Attributes:
        name: as in the specification of a study.
        score: what the score is called.
        num_outputs: width of the network's output.
        targets: of the examples of a part of the data (`train`, `validation`, `test`).
        spread: variance of the targets over the training set; 1 where none is needed.
        chance: score of a network that has learned nothing.
        judge: `judge(outputs, inputs, targets, spread)` of a batch.
    """

    name: str
    score: str
    num_outputs: Callable[[Dataset], int]
    targets: Callable[[Dataset, str], Shaped[np.ndarray, "example ..."]]
    spread: Callable[[Dataset], float]
    chance: Callable[[Dataset], float]
    judge: Callable[[Any, Any, Any, Any], Judgement]


def task(name: str) -> Task:
    """The task of that name.

    Raises:
        ActscopeError: there is none.
    """
    if name not in _TABLE:
        raise unknown("task", name, _TABLE)
    return _TABLE[name]


def tasks() -> tuple[str, ...]:
    """All names."""
    return tuple(_TABLE)


def _labels(dataset: Dataset, part: str) -> np.ndarray:
    return dataset.split(part).labels


def _classify(outputs: Any, inputs: Any, targets: Any, spread: Any) -> Judgement:
    """Cross-entropy in nats; of equal largest logits the first is the answer."""
    del inputs, spread
    losses = optax.softmax_cross_entropy_with_integer_labels(outputs, targets)
    return Judgement(losses, (outputs.argmax(axis=1) == targets).astype(losses.dtype))


def _reconstruct(outputs: Any, inputs: Any, targets: Any, spread: Any) -> Judgement:
    """Squared error, the mean over the numbers of an image."""
    del targets
    return _squared(outputs - inputs.reshape(outputs.shape), spread)


def _regress(outputs: Any, inputs: Any, targets: Any, spread: Any) -> Judgement:
    del inputs
    return _squared(outputs - targets[:, None], spread)


def _squared(error: Any, spread: Any) -> Judgement:
    losses = jnp.square(error).mean(axis=1)
    return Judgement(losses, 1 - losses / spread)


CLASSIFICATION = Task(
    name="classification",
    score="accuracy",
    num_outputs=lambda dataset: dataset.num_classes,
    targets=_labels,
    spread=lambda _: 1.0,
    chance=lambda dataset: 1 / dataset.num_classes,
    judge=_classify,
)

_TABLE = {
    known.name: known
    for known in (
        CLASSIFICATION,
        Task(
            name="autoencoding",
            score="R²",
            num_outputs=lambda dataset: int(np.prod(dataset.image_shape)),
            targets=_labels,  # which nobody looks at
            spread=lambda dataset: float(moments(dataset)[1].mean()) or 1.0,
            chance=lambda _: 0.0,
            judge=_reconstruct,
        ),
        Task(
            name="regression",
            score="R²",
            num_outputs=lambda _: 1,
            targets=teacher,
            spread=lambda dataset: float(teacher(dataset, "train").var()) or 1.0,
            chance=lambda _: 0.0,
            judge=_regress,
        ),
    )
}
