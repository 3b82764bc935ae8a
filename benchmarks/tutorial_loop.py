"""The tutorial's loop, as its notebook has it: torch's loader, a jitted step for each batch.

One network after the other; the loader has no processes of its own, as there. What the notebook
does beside, a progress bar and a file for the best network, is left out.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import flax.linen as nn
import jax
import numpy as np
import optax
import torch
from flax.training.train_state import TrainState
from PIL import Image
from torch.utils.data import DataLoader, Dataset, Subset
from workload import (
    BATCH,
    HIDDEN,
    LEARNING_RATE,
    MOMENTUM,
    Done,
    Member,
    Outcome,
    Play,
    dataset,
    done,
)

from actscope import activations
from actscope.data import Split

_EVALUATED = 1024  # examples a batch of the notebook's validation
_OPTIMIZER = optax.sgd(LEARNING_RATE, MOMENTUM)  # one for all, or each would be compiled for
Batch = Any  # images and labels


@contextmanager
def prepare(members: Sequence[Member]) -> Iterator[Play]:
    """Rounds of the loop, with the steps of every activation compiled."""
    data = dataset()
    train, validation = _examples(data.train), _examples(data.validation)
    # One network for all its rounds, or its steps would be compiled anew for each.
    networks = {name: Network(activations.get(name)) for name, _ in members}

    def play(members: Sequence[Member]) -> Done:
        each = [
            _train(member, networks[member.activation], train, validation) for member in members
        ]
        return done(each)

    play(members)
    yield play


class Network(nn.Module):
    """Dense layers with PyTorch's first weights, from images to logits."""

    function: Callable[[jax.Array], jax.Array]

    @nn.compact
    def __call__(self, images: jax.Array) -> jax.Array:
        """Logits."""
        x = images.reshape(images.shape[0], -1)
        for width in HIDDEN:
            x = self.function(_dense(width, x)(x))
        return _dense(10, x)(x)


def _dense(width: int, x: jax.Array) -> nn.Dense:
    bound = x.shape[-1] ** -0.5

    def uniform(key: jax.Array, shape: Any, dtype: Any) -> jax.Array:
        return jax.random.uniform(key, shape, dtype, -bound, bound)

    return nn.Dense(width, kernel_init=uniform, bias_init=uniform)


class _Images(Dataset):
    """One image at a time through PIL, as torchvision gives them, and normalised."""

    def __init__(self, split: Split):
        self._images = torch.from_numpy(split.images)
        self._labels = torch.from_numpy(split.labels)

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
        image = np.array(Image.fromarray(self._images[index].numpy()), dtype=np.float32)
        return (image / 255.0 - 0.5) / 0.5, int(self._labels[index])


def _examples(split: Split) -> Dataset:
    """Behind a `Subset`, as torch's `random_split` leaves it."""
    return Subset(_Images(split), range(len(split)))


def _collate(examples: Sequence[tuple[np.ndarray, int]]) -> Batch:
    images, labels = zip(*examples, strict=True)
    return np.stack(images), np.array(labels)


def _loss(params: Any, apply: Callable[..., jax.Array], batch: Batch) -> tuple[jax.Array, Any]:
    images, labels = batch
    logits = apply(params, images)
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
    return losses.mean(), (labels == logits.argmax(axis=-1)).mean()


@jax.jit
def _step(state: TrainState, batch: Batch) -> tuple[TrainState, jax.Array, jax.Array]:
    (loss, accuracy), gradient = jax.value_and_grad(_loss, has_aux=True)(
        state.params, state.apply_fn, batch
    )
    return state.apply_gradients(grads=gradient), accuracy, loss


@jax.jit
def _evaluate(state: TrainState, batch: Batch) -> jax.Array:
    return _loss(state.params, state.apply_fn, batch)[1]


def _train(member: Member, network: Network, train: Dataset, validation: Dataset) -> Outcome:
    """One epoch and its validation."""
    order = torch.Generator().manual_seed(member.seed)
    batches = DataLoader(
        train, BATCH, shuffle=True, drop_last=True, collate_fn=_collate, generator=order
    )
    example = np.zeros((1, 28, 28), np.float32)
    state = TrainState.create(
        apply_fn=network.apply,
        params=network.init(jax.random.key(member.seed), example),
        tx=_OPTIMIZER,
    )
    training_accuracy, loss = 0.0, math.nan
    for batch in batches:
        state, accuracy, loss = _step(state, batch)
        training_accuracy += accuracy  # which the notebook prints
    return Outcome(*member, (float(loss),), _accuracy(state, validation))


def _accuracy(state: TrainState, examples: Dataset) -> float:
    right, count = 0.0, 0
    for batch in DataLoader(examples, _EVALUATED, collate_fn=_collate):
        right += _evaluate(state, batch) * len(batch[0])
        count += len(batch[0])
    return float(right / count)
