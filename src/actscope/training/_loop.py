"""Training, from the first weights or the last checkpoint to the best network."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actscope._atomic import remove_unfinished
from actscope.training import _checkpoint
from actscope.training._epoch import LaneWatch, Observe, train_epoch
from actscope.training._history import History
from actscope.training._job import Job
from actscope.training._lanes import Device, Ground, Lanes
from actscope.training._network import Network, Params, State
from actscope.training._progress import Watch
from actscope.training._snapshot import Observed, Snapshot, begin


@dataclass(frozen=True, eq=False)
class Trained:
    """The best network of a run, and what the run was like.

    Attributes:
        network: hyperparameters, `init` and `apply`.
        params: of the epoch `history.best`; the first ones if the run diverged before there was
            any.
        state: likewise.
        history: every finished epoch.
        observed: what `observe` saw after each of them, by the dotted path of each leaf.
    """

    network: Network
    params: Params
    state: State
    history: History
    observed: Observed


def fit(
    job: Job,
    *,
    folder: Path | str | None = None,
    every: float = 0.0,
    observe: Observe | None = None,
    watch: Watch | None = None,
    device: Device | None = None,
) -> Trained:
    """Train until the job's recipe says stop; the best network on the validation set.

    Of equally good epochs the first is the best. A loss that is not finite ends the run
    (`history.diverged_at`). Several threads may call this at once, each with its own device.

    Args:
        job: all that the result depends on.
        folder: where the checkpoint lies. The run goes on from one that is there, and writes it
            anew after epochs: killed at any moment, the same call ends with the same numbers. A
            run that is over is not trained again.
        every: seconds from one checkpoint to the next, at least; a shorter run leaves none.
        observe: an instrument, `observe(rule, numbers, carry, inputs, targets)`: called after each
            finished epoch with the first 256 training examples, normalised, it gives a pytree of
            arrays. It is compiled: a pure function of jax, hashable.
        watch: called several times an epoch, and once after it when its checkpoint is written.
            What it raises ends the run, which can go on from there.
        device: where to compute; jax's default if None.

    Raises:
        ActscopeError: the checkpoint is damaged, of another job, or cannot be written.
    """
    path = Path(folder) / _checkpoint.CHECKPOINT if folder is not None else None
    kept = _Kept(job, path, every, observed=observe is not None)
    ground = Ground.of([job], device)
    lanes = Lanes.of([job], [kept.first()], device)
    while lanes.running:
        lanes, told = train_epoch(lanes, ground, observe, watch and _of_one(watch))
        kept.keep(lanes)
        if watch:
            watch(told[0])
    return _trained(lanes, 0)


def fit_all(
    jobs: Sequence[Job],
    *,
    lanes: int,
    observe: Observe | None = None,
    watch: LaneWatch | None = None,
    device: Device | None = None,
) -> Iterator[tuple[int, Trained]]:
    """Train jobs of one program, several at a time in one array; each as `fit` trains it.

    A run that is over makes room for the next job, so early stopping costs nothing while there are
    jobs left. A batched program rounds otherwise than `fit`: one step agrees to a few ulp.

    Args:
        jobs: of equal `Rule`, on one data set.
        lanes: how many go side by side, at most.
        observe: as of `fit`.
        watch: as of `fit`, with the index of the job first.
        device: where to compute; jax's default if None.

    Yields:
        The index of a job that is over, and what came of it.

    Raises:
        ActscopeError: the jobs do not share a program and a data set.
    """
    ground, waiting = Ground.of(jobs, device), deque(range(len(jobs)))
    owners = [waiting.popleft() for _ in range(min(lanes, len(jobs)))]
    first = [jobs[index] for index in owners]
    side = Lanes.of(first, [begin(job) for job in first], device)

    def tell(lane: int, progress: Any) -> None:
        if watch:
            watch(owners[lane], progress)

    while side.running:
        side, told = train_epoch(side, ground, observe, tell)
        for lane, progress in told.items():
            tell(lane, progress)
            if lane not in side.running:
                yield owners[lane], _trained(side, lane)
                if waiting:
                    owners[lane] = waiting.popleft()
                    job = jobs[owners[lane]]
                    side = side.put(lane, job, begin(job))


def _of_one(watch: Watch) -> LaneWatch:
    return lambda _, progress: watch(progress)


def _trained(lanes: Lanes, lane: int) -> Trained:
    snapshot = lanes.snapshot(lane)
    return Trained(lanes.jobs[lane].network, *snapshot.best, snapshot.history, snapshot.observed)


class _Kept:
    """The checkpoint of a run, if it has one."""

    def __init__(self, job: Job, path: Path | None, every: float, *, observed: bool):
        self._job, self._path, self._every, self._observed = job, path, every, observed
        self._last = time.monotonic()

    def first(self) -> Snapshot:
        """The snapshot to go on from."""
        snapshot = begin(self._job)
        if self._path is None:
            return snapshot
        remove_unfinished(self._path)
        if self._path.exists():
            return _checkpoint.load(self._path, self._identity(), snapshot)
        if not self._every:
            # A folder that takes no file shows now, not after an epoch's work.
            _checkpoint.save(self._path, self._identity(), snapshot)
        return snapshot

    def keep(self, lanes: Lanes) -> None:
        """Write the checkpoint, if it is time."""
        if self._path is not None and time.monotonic() - self._last >= self._every:
            _checkpoint.save(self._path, self._identity(), lanes.snapshot(0))
            self._last = time.monotonic()

    def _identity(self) -> dict[str, Any]:
        return {**self._job.identity(), "observed": self._observed}
