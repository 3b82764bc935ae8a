"""How fast this machine is: a few of a study's programs, compiled and run for a second or two.

Each runs on fewer rows of its own data: as a study does, from the first weights to the test set,
but with epochs of 16 steps.
"""

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import cycle, islice

import jax
import numpy as np

from actscope.data import Split
from actscope.study._cost import CHUNK, SEEN, Cost
from actscope.study._finish import finish
from actscope.study._member import Member
from actscope.study._monitor import monitor
from actscope.study._pace import NEAR, Calibration, Pace, Timed
from actscope.study._width import endless, fastest
from actscope.training import Device, Job, Progress, Trained, fit_all

_MOST = 6  # programs that are timed
_SECONDS = 2.0  # of epochs, in each
_STEPS = 16  # that training takes between two calls of whoever watches
_FLOPS = 5e10  # of each part, at most: a second or two of a slow core


@dataclass(frozen=True)
class Case:
    """One program of a study.

    Attributes:
        member: one of it.
        job: of that member.
        cost: of each.
        together: members that a device takes on at a time, at most.
        share: of the study's FLOPs.
    """

    member: Member
    job: Job
    cost: Cost
    together: int
    share: float


def calibrate(cases: Sequence[Case]) -> Calibration | None:
    """Time some programs, on all of jax's devices at once: cores share their memory.

    Args:
        cases: what to time, as from `choose`.

    Returns:
        None if not one could be timed, as all diverge in the first step.
    """
    devices = jax.devices()
    # Every device is busy all the time.
    tasks = list(islice(cycle(cases), -(-len(cases) // len(devices)) * len(devices)))
    timed: list[Timed | None] = []
    with ThreadPoolExecutor(len(devices)) as pool:
        for first in range(0, len(tasks), len(devices)):
            # All have compiled before one is timed.
            ready = list(pool.map(_compiled, tasks[first : first + len(devices)], devices))
            timed += pool.map(_timed, ready)
    found = tuple(each for each in timed if each)
    return Calibration(found) if found else None


def choose(cases: Sequence[Case]) -> tuple[Case, ...]:
    """Which to time: the one with most of the work, then always the one farthest from all others.

    Far in the logarithm of a step's FLOPs; of equally far ones that with most of the work. Two at
    least, where there are two, and six at most.
    """
    left = sorted(cases, key=lambda case: -case.share)
    chosen = [left.pop(0)]
    while left and len(chosen) < _MOST:
        farthest = max(left, key=lambda case: _distance(case, chosen))
        if len(chosen) > 1 and _distance(farthest, chosen) < NEAR:
            break
        left.remove(farthest)
        chosen.append(farthest)
    return tuple(chosen)


def _distance(case: Case, chosen: Sequence[Case]) -> float:
    return min(abs(math.log(case.cost.step / other.cost.step)) for other in chosen)


@dataclass(frozen=True, eq=False)
class _Ready:
    """A program that has been compiled.

    Attributes:
        case: the program.
        lanes: members side by side.
        short: the job with few rows to train on.
        whole: the job with all rows, or as many as can be evaluated in a second or two.
        trained: what came of one epoch.
        seconds: that all this took.
        device: where.
    """

    case: Case
    lanes: int
    short: Job
    whole: Job
    trained: Trained
    seconds: float
    device: Device


def _compiled(case: Case, device: Device) -> _Ready:
    began = time.perf_counter()
    whole = _fewer(case.job, case.cost)
    rows = min(_STEPS, max(1, int(_FLOPS / case.cost.step))) * case.cost.batch
    few = replace(whole.dataset, train=whole.dataset.train.first(max(rows, SEEN)))
    short = replace(whole, dataset=few)
    cpu = device.platform == "cpu"
    lanes = 1 if cpu else min(case.together, fastest(short, device, most=case.together))
    once = replace(short, recipe=replace(short.recipe, epochs=1))
    _, trained = next(iter(fit_all([once] * lanes, lanes=lanes, observe=monitor, device=device)))
    finish(case.member, whole, trained)
    return _Ready(case, lanes, short, whole, trained, time.perf_counter() - began, device)


def _fewer(job: Job, cost: Cost) -> Job:
    """An endless job with as many rows as can be evaluated in a second or two."""
    data = job.dataset
    parts = {
        name: _first(data.split(name), cost.example) for name in ("train", "validation", "test")
    }
    return endless(replace(job, dataset=replace(data, **parts)))


def _first(split: Split, example: float) -> Split:
    """The first rows, in whole chunks, and as many as stand in the ragged last one."""
    chunks = max(1, int(_FLOPS / (example * CHUNK)))
    return split.first(min(len(split), chunks * CHUNK + len(split) % CHUNK))


def _timed(ready: _Ready) -> Timed | None:
    clock, lanes, cost = _Clock(), ready.lanes, ready.case.cost
    with suppress(_EnoughError):
        jobs = [ready.short] * lanes
        for _ in fit_all(jobs, lanes=lanes, observe=monitor, watch=clock, device=ready.device):
            pass  # it diverged
    if not clock.epochs:
        return None
    began = time.perf_counter()
    finish(ready.case.member, ready.whole, ready.trained)
    finishing = time.perf_counter() - began
    short, whole = (_sized(cost, job) for job in (ready.short, ready.whole))
    steps, after = np.mean(clock.epochs, axis=0).tolist()
    pace = Pace(
        lanes=lanes,
        step=lanes * short.steps * short.step / steps,
        epoch=lanes * short.after / after,
        finish=whole.finish / finishing,
        start=clock.start / lanes,
        compilation=max(1e-3, ready.seconds - clock.start - steps - after - finishing),
    )
    first, second = np.array_split(np.sum(clock.epochs, axis=1), 2)
    return Timed(cost.step, pace, math.log(first.mean() / second.mean()))


def _sized(cost: Cost, job: Job) -> Cost:
    """The cost with the job's numbers of examples."""
    data = job.dataset
    return replace(cost, examples=(len(data.train), len(data.validation), len(data.test)))


class _Clock:
    """Watches the first lane of a training, and ends it after a second or two.

    Attributes:
        start: seconds before the first step.
        epochs: seconds of each epoch's steps, and of what follows them.
    """

    def __init__(self):
        self.start, self.epochs = 0.0, list[tuple[float, float]]()
        self._began, self._steps = time.perf_counter(), 0.0

    def __call__(self, index: int, progress: Progress) -> None:
        """Note a moment of the training."""
        if index:
            return
        now = time.perf_counter() - self._began
        self.start = self.start or now - progress.seconds
        if len(progress.history.epochs) < progress.epoch:
            self._steps = progress.seconds
            return
        self.epochs.append((self._steps, progress.seconds - self._steps))
        if len(self.epochs) > 1 and now > _SECONDS:
            raise _EnoughError


class _EnoughError(Exception):
    """Raised within a training that has been timed."""
