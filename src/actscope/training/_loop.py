"""Training, from the first weights or the last checkpoint to the best network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax

from actscope._atomic import remove_unfinished
from actscope.training import _checkpoint
from actscope.training._epoch import train_epoch
from actscope.training._history import History
from actscope.training._job import Job
from actscope.training._network import Network, Params, State
from actscope.training._progress import Watch
from actscope.training._snapshot import Device, Observed, Snapshot, appended, begin, copied
from actscope.training._step import Examples

Observe = Callable[[Params, tuple[jax.Array, jax.Array]], Any]


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
    observe: Observe | None = None,
    watch: Watch | None = None,
    device: Device | None = None,
) -> Trained:
    """Train until the job's recipe says stop; the best network on the validation set.

    Of equally accurate epochs the first is the best. A loss that is not finite ends the run
    (`history.diverged_at`). Several threads may call this at once, each with its own device.

    Args:
        job: all that the result depends on.
        folder: where the checkpoint lies. The run goes on from one that is there, and writes it
            anew after each epoch: killed at any moment, the same call ends with the same numbers.
            A run that is over is not trained again.
        observe: an instrument: `observe(params, (images, labels))` is called after each finished
            epoch with the first 256 training examples, normalised, and gives a pytree of arrays,
            of the same shapes every time. The next step takes the buffers of `params`.
        watch: called several times an epoch, and once after it when its checkpoint is written.
            What it raises ends the run, which can go on from there.
        device: where to compute; jax's default if None.

    Raises:
        ActscopeError: the checkpoint is damaged, of another job, or cannot be written.
    """
    path = Path(folder) / _checkpoint.CHECKPOINT if folder is not None else None
    identity = {**job.identity(), "observed": observe is not None} if path else {}
    snapshot = _first(job, path, identity, device)
    train = job.dataset.train
    examples = Examples(*jax.device_put((train.images, train.labels), device))
    batch = jax.device_put(_batch(job), device)
    while not snapshot.history.is_over(job.recipe):
        snapshot, progress = train_epoch(job, examples, snapshot, watch)
        if observe and snapshot.history.diverged_at is None:
            seen = observe(snapshot.carry.params, batch)
            snapshot = replace(snapshot, observed=appended(snapshot.observed, seen))
        if path:
            _checkpoint.save(path, identity, snapshot)
        if watch:
            watch(progress)
    return Trained(job.network, *snapshot.best, snapshot.history, snapshot.observed)


def _first(
    job: Job, path: Path | None, identity: Mapping[str, Any], device: Device | None
) -> Snapshot:
    """The snapshot to go on from, in buffers of its own on the device."""
    snapshot = begin(job)
    if path:
        remove_unfinished(path)
    if path and path.exists():
        snapshot = _checkpoint.load(path, identity, snapshot)
    elif path:
        # A folder that takes no file shows now, not after an epoch's work.
        _checkpoint.save(path, identity, snapshot)
    carry, best = copied((snapshot.carry, snapshot.best), device)
    return replace(snapshot, carry=carry, best=best)


def _batch(job: Job) -> tuple[Any, Any]:
    first = job.dataset.split("first256")
    return job.dataset.normalization(first.images), first.labels
