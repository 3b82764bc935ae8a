"""One epoch: a pass over the training set, an evaluation, and what follows from them."""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import jax
import numpy as np
from jaxtyping import Int32

from actscope.data import epoch_order
from actscope.training._evaluate import Evaluation, evaluate
from actscope.training._history import Epoch, History
from actscope.training._job import Job
from actscope.training._progress import Progress, Watch
from actscope.training._snapshot import Snapshot, Weights, copied
from actscope.training._step import Carry, Examples, Rule, Scores, advance

# Between two calls progress is shown and Ctrl-C is heard: a tenth of a second of the tutorial's
# network on two cores. A call itself costs under a thousandth of that.
_STEPS_A_CALL = 16


def train_epoch(
    job: Job, examples: Examples, snapshot: Snapshot, watch: Watch | None
) -> tuple[Snapshot, Progress]:
    """The snapshot after one more epoch, and the progress to tell of once it is kept.

    Args:
        job: what is trained.
        examples: its training set, on the device.
        snapshot: consumed: the buffers of its carry become those of the result.
        watch: called after every few steps.
    """
    started = time.perf_counter()
    number = len(snapshot.history.epochs) + 1
    size = job.recipe.batch_size
    order = epoch_order(len(job.dataset.train), size, seed=job.seed, epoch=number - 1)

    def seconds() -> float:
        return time.perf_counter() - started

    def progress(step: int, history: History = snapshot.history) -> Progress:
        return Progress(number, job.recipe.epochs, step, len(order), seconds(), history)

    def tell(step: int) -> None:
        if watch:
            watch(progress(step))

    carry, scores = _pass(job, examples, snapshot.carry, order, tell)
    snapshot = replace(snapshot, carry=carry)
    evaluation, broken = _judged(job, carry, scores)
    if broken:
        before = (number - 1) * len(order)
        history = replace(snapshot.history, diverged_at=before + broken)
        snapshot = replace(snapshot, history=history)
    else:
        loss, accuracy = (float(np.mean(score, dtype=np.float64)) for score in scores)
        epoch = Epoch(number, loss, accuracy, evaluation.loss, evaluation.accuracy, seconds())
        snapshot = _with(snapshot, epoch)
    return snapshot, progress(len(scores.loss), snapshot.history)


def _pass(
    job: Job,
    examples: Examples,
    carry: Carry,
    order: Int32[np.ndarray, "step batch"],
    tell: Callable[[int], None],
) -> tuple[Carry, Scores]:
    """The carry after the epoch's steps, and the scores of each; ends early on a broken loss."""
    rule = Rule(job.network, job.recipe, job.dataset.normalization)
    taken: list[Scores] = []
    for first in range(0, len(order), _STEPS_A_CALL):
        end = min(first + _STEPS_A_CALL, len(order))
        carry, scores = advance(rule, carry, examples, order, first, end)
        taken.append(Scores(*(score[first:end] for score in jax.device_get(scores))))
        tell(end)
        if not np.isfinite(taken[-1].loss).all():
            break
    return carry, Scores(*map(np.concatenate, zip(*taken, strict=True)))


def _judged(job: Job, carry: Carry, scores: Scores) -> tuple[Evaluation, int]:
    """The evaluation after the epoch, and the step of it, from 1, that broke the run, or 0."""
    if bad := np.flatnonzero(~np.isfinite(scores.loss)).tolist():
        return Evaluation(math.nan, math.nan), bad[0] + 1
    data = job.dataset
    found = evaluate(job.network, carry.params, carry.state, data.validation, data.normalization)
    return found, 0 if math.isfinite(found.loss) else len(scores.loss)


def _with(snapshot: Snapshot, epoch: Epoch) -> Snapshot:
    history = History((*snapshot.history.epochs, epoch))
    if history.best is not epoch:
        return replace(snapshot, history=history)
    best = Weights(snapshot.carry.params, snapshot.carry.state)
    return replace(snapshot, history=history, best=copied(best))
