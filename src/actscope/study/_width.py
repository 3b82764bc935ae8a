"""How many members of a program go side by side on one device: found by measuring, and kept."""

import json
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from actscope._atomic import write_text
from actscope._errors import ActscopeError
from actscope._form import require
from actscope.study._monitor import monitor
from actscope.training import Device, Job, Progress, fit_all

_FACTOR = 4  # from one width to the next that is tried
_MOST = 1024
_GAIN = 1.1  # a wider program must be faster by so much, all members together
_SECONDS = 1.0  # of training that is timed
_FOR_EVER = 10**6
_STILL = 1e-12  # a learning rate at which nothing diverges


class Widths:
    """The number of lanes of each program, kept in a file: a resumed study uses them again.

    Args:
        path: the file.
    """

    def __init__(self, path: Path):
        self._path, self._lock = path, threading.Lock()
        self._known: dict[str, int] = _kept(path) if path.exists() else {}

    def of(self, program: str, jobs: Sequence[Job], device: Device) -> int:
        """Lanes for jobs of one program on a device; 1 on a CPU, where a batch gains nothing."""
        if device.platform == "cpu":
            return 1
        with self._lock:
            if program not in self._known:
                self._known[program] = fastest(jobs[0], device, most=min(_MOST, len(jobs)))
                write_text(self._path, json.dumps(self._known))
            return self._known[program]

    def narrow(self, program: str) -> None:
        """Half as many lanes from now on: what was timed left something out that needs memory."""
        with self._lock:
            self._known[program] //= 2
            write_text(self._path, json.dumps(self._known))


def out_of_memory(error: Exception) -> bool:
    """Whether a device had too little memory."""
    return "RESOURCE_EXHAUSTED" in str(error)  # XLA's word for it, of no public type


def _kept(path: Path) -> dict[str, int]:
    """What the file says; a damaged one says nothing, and everything is measured again."""
    try:
        known = json.loads(path.read_text("utf-8"))
        require(known, dict, "the file")
        require([*known.values()], [int], "its widths")
    except (ValueError, RecursionError, ActscopeError):
        return {}
    return {program: width for program, width in known.items() if 1 <= width <= _MOST}


def fastest(job: Job, device: Device | None, *, most: int) -> int:
    """The number of lanes, of 1, 4, 16 … and `most`, from which more gain less than a tenth.

    A number that the device's memory does not hold ends the search.
    """
    best, rate = 1, steps_a_second(job, 1, device)
    while best < most:
        next_ = min(best * _FACTOR, most)
        try:
            wider = steps_a_second(job, next_, device)
        except Exception as error:
            if not out_of_memory(error):
                raise
            break
        if wider <= _GAIN * rate:  # or nothing can be trained at all
            break
        best, rate = next_, wider
    return best


def steps_a_second(job: Job, lanes: int, device: Device | None) -> float:
    """Training steps of all lanes together, each second; 0 if none can be trained.

    The first epoch is left out: in it everything is compiled, what ends an epoch at its end.
    """
    times: list[float] = []
    steps: list[int] = []

    def watch(index: int, progress: Progress) -> None:
        if index or not progress.history.epochs:
            return
        times.append(time.perf_counter())
        steps.append((progress.epoch - 1) * progress.steps + progress.step)
        if times[-1] - times[0] > _SECONDS:
            raise _EnoughError

    with suppress(_EnoughError):
        all_ = [endless(job)] * lanes
        for _ in fit_all(all_, lanes=lanes, observe=monitor, watch=watch, device=device):
            pass  # it diverged
    if len(times) < 2:
        return 0.0
    return lanes * (steps[-1] - steps[0]) / (times[-1] - times[0])


def endless(job: Job) -> Job:
    """A job of the same program that neither ends nor, as it may, diverges."""
    return replace(
        job,
        recipe=replace(
            job.recipe,
            epochs=_FOR_EVER,
            patience=_FOR_EVER,
            learning_rate=_STILL,
            weight_decay=0.0,
        ),
    )


class _EnoughError(Exception):
    """Raised within a training that has been timed."""
