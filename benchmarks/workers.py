"""How much faster two workers of one core each train a study than one: local engine, and Ray.

A worker is a core: with one, the whole process and all that it begins are bound to it, Ray's driver
and its servers included. What can be had on this machine is told beside it: two processes that know
nothing of each other, a core each, each with the half of the study.

    python benchmarks/workers.py

Networks of one program on digits. The rate is that from the first fourth of the networks to the
last tenth, when all have begun and none has ended; what comes before the first is told too.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from machine import machine, table

_EPOCHS, _SEEDS, _ROUNDS = 20, 128, 3
_ENGINES = ("local", "ray")
_STUDY = {
    "study": {"name": "workers", "dataset": "digits", "epochs": _EPOCHS, "patience": _EPOCHS},
    "axes": {"activation": ["relu"], "depth": [4], "width": [128]},
}


def train(engine: str, bound: Sequence[int], seeds: Sequence[int]) -> None:
    """Print member-epochs a second, and the seconds before the first network was finished."""
    from actscope.cli._devices import one_a_core

    os.sched_setaffinity(0, bound)
    cores = len(bound)
    one_a_core(cores)
    from actscope import study

    ends = list[float]()

    def watch(event: study.Event) -> None:
        if isinstance(event, study.Finished):
            ends.append(time.perf_counter())

    began = time.perf_counter()
    with TemporaryDirectory() as folder:
        spec = study.spec({**_STUDY, "study": {**_STUDY["study"], "seeds": [*seeds]}})
        trains = study.local if engine == "local" else study.Ray(workers=cores)
        study.run(study.plan(spec), folder, watcher=watch, engine=trains)
    ends.sort()
    first, last = len(ends) // 4, len(ends) * 9 // 10
    print(_EPOCHS * (last - first) / (ends[last] - ends[first]), ends[0] - began)


class Trainee:
    """A process that trains a part of the study, bound to some cores."""

    def __init__(self, engine: str, cores: Sequence[int], seeds: range):
        here = str(Path(__file__).resolve())
        told = ["--engine", engine, "--seeds", str(seeds.start), str(seeds.stop)]
        command = [sys.executable, here, *told, "--cores", *map(str, cores)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def found(self) -> tuple[float, float]:
        """Member-epochs a second, and the seconds before the first."""
        told, _ = self._process.communicate()
        if self._process.returncode:
            sys.exit(f"a training ended with status {self._process.returncode}")
        rate, start = (float(word) for word in told.split()[-2:])
        return rate, start


def play(engine: str) -> tuple[float, float, float, float, float]:
    """Rates of one worker, of two, and of two processes; the starts of the first two."""
    cores, half = sorted(os.sched_getaffinity(0))[:2], range(_SEEDS // 2)
    one, start = Trainee(engine, cores[:1], half).found()
    two, later = Trainee(engine, cores, range(_SEEDS)).found()
    apart = [Trainee("local", [core], half) for core in cores]
    most = sum(rate for rate, _ in [each.found() for each in apart])
    return one, two, most, start, later


def _ratio(more: Sequence[float], less: Sequence[float]) -> str:
    """The median, and all it lies between."""
    found = sorted(a / b for a, b in zip(more, less, strict=True))
    return f"{statistics.median(found):.2f} ({found[0]:.2f} to {found[-1]:.2f})"


def main() -> None:
    """Print a row an engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--engine", choices=_ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--seeds", type=int, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--cores", type=int, nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.engine:
        train(asked.engine, asked.cores, range(*asked.seeds))
        return
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("one core: nothing to compare")
    print(table([["on", ""], *map(list, machine(2).items())]))
    rows = [
        ["engine", "1 worker", "2 workers", "ratio", "2 processes", "their ratio", "starts (s)"]
    ]
    for engine in _ENGINES:
        one, two, most, *starts = zip(*(play(engine) for _ in range(asked.rounds)), strict=True)
        rates = [f"{statistics.median(each):.0f}" for each in (one, two, most)]
        started = ", ".join(f"{statistics.median(each):.1f}" for each in starts)
        ratios = _ratio(two, one), _ratio(most, one)
        rows.append([engine, *rates[:2], ratios[0], rates[2], ratios[1], started])
    print(f"\nmember-epochs a second, median of {asked.rounds} rounds\n\n{table(rows)}")


if __name__ == "__main__":
    main()
