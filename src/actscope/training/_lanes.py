"""Several runs of one program side by side, between two epochs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int

from actscope._errors import ActscopeError
from actscope.training._history import History
from actscope.training._job import OBSERVED, Job
from actscope.training._rule import Numbers, Rule
from actscope.training._snapshot import Observed, Snapshot, Weights
from actscope.training._step import Carry, Examples

Device = Any  # a jax.Device, which comes without types
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Ground:
    """What all lanes stand on: the data on the device, and the rule.

    Attributes:
        rule: of every job.
        train: the training set, as stored.
        validation: likewise, on the host: it goes through in chunks.
        batch: the first 256 training examples, for instruments.
    """

    rule: Rule
    train: Examples
    validation: Examples
    batch: Examples

    @classmethod
    def of(cls, jobs: Sequence[Job], device: Device | None) -> "Ground":
        """The ground under some jobs.

        Raises:
            ActscopeError: they do not share a program and a data set.
        """
        job, rule = jobs[0], Rule.of(jobs[0])
        if any(Rule.of(other) != rule or other.dataset is not job.dataset for other in jobs):
            raise ActscopeError(
                "jobs of several programs or data sets", expected="those that share one of each"
            )
        train, validation = (
            Examples(job.dataset.split(part).images, job.task.targets(job.dataset, part))
            for part in ("train", "validation")
        )
        batch = Examples(*(array[:OBSERVED] for array in train))
        train, batch = jax.device_put((train, batch), device)
        return cls(rule, train, validation, batch)


@dataclass(frozen=True, eq=False)
class Lanes:
    """The runs, one a lane, their arrays stacked along a leading axis on the device.

    Attributes:
        jobs: what each lane trains.
        numbers: of each job.
        carry: what each lane's next step starts from.
        best: the best network of each so far.
        histories: what each has done.
        observed: what the instrument saw of each.
    """

    jobs: tuple[Job, ...]
    numbers: Numbers
    carry: Carry
    best: Weights
    histories: tuple[History, ...]
    observed: tuple[Observed, ...]

    @classmethod
    def of(
        cls, jobs: Sequence[Job], snapshots: Sequence[Snapshot], device: Device | None
    ) -> "Lanes":
        """The lanes of some runs, in buffers of their own on the device."""

        def stacked(*trees: Any) -> Any:
            stack = jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)
            return jax.device_put(stack, device)

        return cls(
            jobs=tuple(jobs),
            numbers=stacked(*map(Numbers.of, jobs)),
            carry=stacked(*(snapshot.carry for snapshot in snapshots)),
            best=stacked(*(snapshot.best for snapshot in snapshots)),
            histories=tuple(snapshot.history for snapshot in snapshots),
            observed=tuple(snapshot.observed for snapshot in snapshots),
        )

    @property
    def running(self) -> tuple[int, ...]:
        """The lanes whose runs are not over."""
        return tuple(
            lane
            for lane, (job, history) in enumerate(zip(self.jobs, self.histories, strict=True))
            if not history.is_over(job.recipe)
        )

    def snapshot(self, lane: int) -> Snapshot:
        """What the run in a lane has come to."""
        carry, best = jax.tree.map(lambda x: x[lane], (self.carry, self.best))
        return Snapshot(carry, best, self.histories[lane], self.observed[lane])

    def put(self, lane: int, job: Job, snapshot: Snapshot) -> "Lanes":
        """The lanes with another run in the place of one; `self` is consumed."""
        values = (Numbers.of(job), snapshot.carry, snapshot.best)
        numbers, carry, best = _put((self.numbers, self.carry, self.best), lane, values)
        return replace(
            self,
            jobs=_at(self.jobs, lane, job),
            numbers=numbers,
            carry=carry,
            best=best,
            histories=_at(self.histories, lane, snapshot.history),
            observed=_at(self.observed, lane, snapshot.observed),
        )


def _at(values: tuple[T, ...], index: int, value: T) -> tuple[T, ...]:
    return (*values[:index], value, *values[index + 1 :])


@partial(jax.jit, donate_argnums=0)
def _put(stacks: Any, lane: Int[Any, ""], values: Any) -> Any:
    return jax.tree.map(lambda stack, value: stack.at[lane].set(value), stacks, values)


@partial(jax.jit, donate_argnames="old")
def chosen(better: Bool[Array, " lane"], new: Weights, old: Weights) -> Weights:
    """The new weights in those lanes that are better, the old in the others."""

    def choose(new: Array, old: Array) -> Array:
        return jnp.where(better.reshape(-1, *(1,) * (new.ndim - 1)), new, old)

    return jax.tree.map(choose, new, old)
