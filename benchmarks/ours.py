"""This package, as a study uses it: members one a core, each device with the programs it has."""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from contenders import CORES
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

from actscope.cli._devices import one_a_core

one_a_core()  # before jax is imported: this file is, in a process of its own

import jax  # noqa: E402

from actscope import activations  # noqa: E402
from actscope.data import Dataset  # noqa: E402
from actscope.networks import FeedForward  # noqa: E402
from actscope.study._monitor import monitor  # noqa: E402
from actscope.study._workers import Check, work  # noqa: E402
from actscope.training import Device, Job, Recipe, fit  # noqa: E402

_RECIPE = Recipe(epochs=1, batch_size=BATCH, learning_rate=LEARNING_RATE, momentum=MOMENTUM)


@contextmanager
def prepare(members: Sequence[Member], *, monitors: bool) -> Iterator[Play]:
    """Rounds of `training.fit` under the study's scheduler, with every program compiled.

    Args:
        members: with every activation that there will be.
        monitors: whether everything is measured that a study measures after an epoch.
    """
    if len(jax.devices()) != CORES:
        raise RuntimeError(f"jax has {len(jax.devices())} devices; expected {CORES}, one a core")
    trainer = _Trainer(dataset(), monitors)
    one_of_each = {member.activation: member for member in members}.values()

    def warm(device: Device) -> None:
        for member in one_of_each:
            trainer.train(member, device, lambda: None)

    with ThreadPoolExecutor(len(jax.devices())) as pool:
        list(pool.map(warm, jax.devices()))  # the scheduler may give any program to any device
    yield trainer.play


@dataclass(frozen=True)
class _Trainer:
    """Trains members on a data set, with the monitors of a study or without."""

    data: Dataset
    monitors: bool

    def play(self, members: Sequence[Member]) -> Done:
        """Every member, one at a time on each device."""
        waiting = {f"{member.activation}-{member.seed}": member for member in members}
        outcomes: list[Outcome] = []

        def do(name: str, device: Device, check: Check) -> None:
            outcomes.append(self.train(waiting[name], device, check))

        work({name: member.activation for name, member in waiting.items()}, do)
        return done(outcomes)

    def train(self, member: Member, device: Device, check: Check) -> Outcome:
        """An epoch with its validation."""
        network = FeedForward(activations.get(member.activation), HIDDEN, self.data.num_classes)
        trained = fit(
            Job(network, self.data, _RECIPE, member.seed),
            observe=monitor if self.monitors else None,
            watch=lambda _: check(),
            device=device,
        )
        if not trained.history.epochs:
            return Outcome(*member, (math.nan,), 0.0)  # diverged
        (epoch,) = trained.history.epochs
        return Outcome(*member, (epoch.train_loss, epoch.validation_loss), epoch.validation_score)
