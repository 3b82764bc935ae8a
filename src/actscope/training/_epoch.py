"""One epoch in every lane: a pass over the training set, an evaluation, and what follows."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float, Float32, Int32, Shaped

from actscope.data import epoch_order
from actscope.training._evaluate import Evaluation, evaluations
from actscope.training._history import Epoch, History
from actscope.training._lanes import Ground, Lanes, chosen
from actscope.training._lanewise import lanewise
from actscope.training._packed import Packed
from actscope.training._progress import Progress
from actscope.training._rule import Numbers, Rule
from actscope.training._snapshot import Weights, appended
from actscope.training._step import Carry, Examples, Scores, advance

# Between two calls progress is shown and Ctrl-C is heard: a tenth of a second of the tutorial's
# network on two cores. A call itself costs under a thousandth of that.
_STEPS_A_CALL = 16

Observe = Callable[
    [Rule, Numbers, Carry, Float32[Array, "batch ..."], Shaped[Array, "batch ..."]], Any
]
LaneWatch = Callable[[int, Progress], None]


def train_epoch(
    lanes: Lanes, ground: Ground, observe: Observe | None, watch: LaneWatch | None
) -> tuple[Lanes, dict[int, Progress]]:
    """The lanes after one more epoch of each that is running.

    A lane whose loss is not finite, or whose run is over, is computed along but looked at no more:
    nothing passes from one lane to another.

    Args:
        lanes: consumed: the buffers of its carry become those of the result.
        ground: the data, and the rule.
        observe: the instrument, if there is one.
        watch: called after every few steps for every running lane.

    Returns:
        The lanes, and the progress of each that was running, to tell of once it is kept.
    """
    started, running = time.perf_counter(), lanes.running

    def progress(lane: int, step: int, steps: int, history: History) -> Progress:
        number, epochs = len(lanes.histories[lane].epochs) + 1, lanes.jobs[lane].recipe.epochs
        return Progress(number, epochs, step, steps, time.perf_counter() - started, history)

    def tell(step: int, steps: int) -> None:
        if watch:
            for lane in running:
                watch(lane, progress(lane, step, steps, lanes.histories[lane]))

    order = np.stack(list(_orders(lanes)))
    carry, scores = _pass(ground, lanes, order, tell)
    found = evaluations(
        ground.rule.problem, carry.params, carry.state, lanes.numbers.spread, ground.validation
    )
    seen = observe and jax.device_get(
        _seen(observe, ground.rule, lanes.numbers, carry, ground.batch)
    )
    seconds = (time.perf_counter() - started) / len(running)
    histories, observed = list(lanes.histories), list(lanes.observed)
    for lane in running:
        losses, merits = (score[lane] for score in scores)
        histories[lane] = _history(histories[lane], losses, merits, found[lane], seconds)
        if seen and histories[lane].diverged_at is None:
            observed[lane] = appended(observed[lane], seen.lane(lane))
    better = [_is_better(new, old) for new, old in zip(histories, lanes.histories, strict=True)]
    after = replace(
        lanes,
        carry=carry,
        best=chosen(np.array(better), Weights(carry.params, carry.state), lanes.best),
        histories=tuple(histories),
        observed=tuple(observed),
    )
    steps = scores.loss.shape[1]
    return after, {lane: progress(lane, steps, steps, histories[lane]) for lane in running}


def _orders(lanes: Lanes) -> Iterator[Int32[np.ndarray, "step batch"]]:
    """The rows of each batch of each lane's next epoch."""
    for job, history in zip(lanes.jobs, lanes.histories, strict=True):
        examples, size = len(job.dataset.train), job.recipe.batch_size
        yield epoch_order(examples, size, seed=job.seed, epoch=len(history.epochs))


def _pass(
    ground: Ground,
    lanes: Lanes,
    order: Int32[np.ndarray, "lane step batch"],
    tell: Callable[[int, int], None],
) -> tuple[Carry, Scores]:
    """The carry after the epoch's steps, and the scores of each; ends early if all are broken."""
    carry, steps, running = lanes.carry, order.shape[1], list(lanes.running)
    taken: list[Scores] = []
    for first in range(0, steps, _STEPS_A_CALL):
        end = min(first + _STEPS_A_CALL, steps)
        carry, scores = advance(
            ground.rule, lanes.numbers, carry, ground.train, order, (first, end)
        )
        taken.append(Scores(*(score[:, first:end] for score in jax.device_get(scores))))
        tell(end, steps)
        if not np.isfinite(taken[-1].loss[running]).all(axis=1).any():
            break
    return carry, Scores(*(np.concatenate(parts, axis=1) for parts in zip(*taken, strict=True)))


def _history(
    history: History,
    losses: Float[np.ndarray, " step"],
    merits: Float[np.ndarray, " step"],
    found: Evaluation,
    seconds: float,
) -> History:
    """The history of one lane with one more epoch, or with the step that broke the run."""
    bad = np.flatnonzero(~np.isfinite(losses)).tolist()
    if bad or not math.isfinite(found.loss):
        before = len(history.epochs) * len(losses)
        return replace(history, diverged_at=before + (bad[0] + 1 if bad else len(losses)))
    loss, score = (float(np.mean(values, dtype=np.float64)) for values in (losses, merits))
    epoch = Epoch(len(history.epochs) + 1, loss, score, found.loss, found.score, seconds)
    return replace(history, epochs=(*history.epochs, epoch))


def _is_better(new: History, old: History) -> bool:
    """Whether the last epoch is a new one and the best so far."""
    return len(new.epochs) > len(old.epochs) and new.best is new.epochs[-1]


@partial(jax.jit, static_argnames=("observe", "rule"))
def _seen(observe: Observe, rule: Rule, numbers: Numbers, carry: Carry, batch: Examples) -> Packed:
    inputs = rule.problem.normalization(batch.images)

    def run(numbers: Numbers, carry: Carry) -> Any:
        return observe(rule, numbers, carry, inputs, batch.targets)

    return Packed.of(lanewise(run)(numbers, carry))
