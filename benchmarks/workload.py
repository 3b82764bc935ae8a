"""What is trained in every way that `speed.py` compares: networks, images, operations, results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from actscope import data
from actscope.data import Dataset, Normalization, Split

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")
HIDDEN = (512, 256, 256, 128)
WIDTHS = (784, *HIDDEN, 10)
TRAIN, VALIDATION, BATCH = 50_000, 10_000, 256
STEPS = TRAIN // BATCH  # an epoch's: the ragged last batch is dropped, as the tutorial does
LEARNING_RATE, MOMENTUM = 0.01, 0.9

_SYNTHETIC_TEST = 1000
_LABELS_AT_RANDOM = 0.1  # of the synthetic ones, so that no network can be right on them all

# Validation accuracies after one epoch that a sound training may have. Sigmoids have not left the
# level of guessing by then, and swish has just begun to: by the tutorial's loop as by ours.
_LOW, _HIGH = 0.6, 0.99
_LOW_OF = {"sigmoid": 0.05, "swish": 0.2}


class Member(NamedTuple):
    """One network that is trained for one epoch."""

    activation: str
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What the training of a member came to.

    Attributes:
        activation: the member's.
        seed: likewise.
        losses: those that the loop computes, in nats.
        accuracy: on the validation set after the epoch, a fraction of 1.
    """

    activation: str
    seed: int
    losses: tuple[float, ...]
    accuracy: float

    @property
    def fault(self) -> str | None:
        """Why this cannot be a sound training; None if it can."""
        who = f"{self.activation}, seed {self.seed}"
        if not np.isfinite(self.losses).all():
            return f"{who}: losses {self.losses}; expected finite ones"
        low = _LOW_OF.get(self.activation, _LOW)
        if not low <= self.accuracy <= _HIGH:
            return f"{who}: accuracy {self.accuracy:.1%}; expected {low:.0%} to {_HIGH:.0%}"
        return None


@dataclass(frozen=True)
class Done:
    """What a contender did in one round.

    Attributes:
        flop: floating-point operations of matrix products.
        outcomes: one a member.
        elsewhere: CPU seconds of processes that live on, which no clock of the worker shows yet.
    """

    flop: float
    outcomes: tuple[Outcome, ...] = ()
    elsewhere: float = 0.0


Play = Callable[[Sequence[Member]], Done]


def done(outcomes: Sequence[Outcome], elsewhere: float = 0.0) -> Done:
    """A round in which these members were trained for an epoch each, and validated."""
    return Done(len(outcomes) * member_epoch_flop(), tuple(outcomes), elsewhere)


def forward_flop() -> int:
    """Operations of one example's matrix products: two for each weight."""
    return 2 * sum(a * b for a, b in pairwise(WIDTHS))


def training_flop() -> int:
    """Operations of an epoch's matrix products.

    Beside those forward, as many for the weights' gradients, and as many for the gradients of the
    layers' inputs, which the first layer has no need of.
    """
    return (3 * forward_flop() - 2 * WIDTHS[0] * WIDTHS[1]) * STEPS * BATCH


def validation_flop() -> int:
    """Operations of the matrix products of one pass over the validation set."""
    return forward_flop() * VALIDATION


def member_epoch_flop() -> int:
    """Of an epoch with validation: 162 · 10⁹."""
    return training_flop() + validation_flop()


def is_real() -> bool:
    """Whether FashionMNIST is on this machine; it is not downloaded for a benchmark."""
    return any(found.name == "fashion_mnist" and found.present for found in data.status())


def dataset() -> Dataset:
    """FashionMNIST, or where it is not here synthetic images of its shape."""
    return data.load("fashion_mnist") if is_real() else synthetic()


def synthetic(train: int = TRAIN, validation: int = VALIDATION) -> Dataset:
    """Images of ten random patterns, half of each one's pixels at random; some labels are wrong."""
    generator = np.random.default_rng(0)
    patterns = generator.integers(0, 256, (10, 28, 28), np.uint8)

    def part(examples: int) -> Split:
        classes = generator.integers(0, 10, examples, np.int32)
        noise = generator.integers(0, 256, (examples, 28, 28), np.uint8)
        images = np.where(noise & 1, noise, patterns[classes])
        wrong = generator.random(examples) < _LABELS_AT_RANDOM
        others = generator.integers(0, 10, examples, np.int32)
        return Split(images, np.where(wrong, others, classes))

    parts = part(train), part(validation), part(_SYNTHETIC_TEST)
    return Dataset("synthetic", *parts, tuple("0123456789"), Normalization(255.0, 0.5, 0.5), {})
