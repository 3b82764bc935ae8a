"""How much faster two workers of one core each train a study than one: local engine, and Ray.

    python benchmarks/workers.py

A worker is a core. With one, the local engine is bound to it; Ray's one worker has a core, and its
driver and servers the other, or their share would be taken for the worker's. With two, all have
both cores. What can be had on this machine is told beside it: two processes that know nothing of
each other, bound to a core each, each with the half of the study.

Networks of one program, small ones on digits and the tutorial's on FashionMNIST (left out where it
is not on disk). The rate is that from the first fourth of the networks to the last tenth, when all
have begun and none has ended; what comes before the first is told too.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from machine import machine, table
from workload import is_real

_ROUNDS = 3
_ENGINES = ("local", "ray")


@dataclass(frozen=True)
class Size:
    """Networks to train.

    Attributes:
        dataset: that they learn.
        axes: one value each.
        epochs: of each.
        seeds: networks of two workers; one has the half.
    """

    dataset: str
    axes: Mapping[str, Any]
    epochs: int
    seeds: int

    def table(self, seeds: Sequence[int]) -> dict[str, Any]:
        """The specification with these seeds."""
        told = {"name": "workers", "dataset": self.dataset, "seeds": [*seeds]}
        long = {"epochs": self.epochs, "patience": self.epochs}
        return {"study": told | long, "axes": self.axes}


_SIZES = {
    "small": Size("digits", {"activation": ["relu"], "depth": [4], "width": [128]}, 20, 128),
    "tutorial": Size("fashion_mnist", {"activation": ["relu"]}, 1, 16),
}


def train(engine: str, size: Size, bound: Sequence[int], seeds: Sequence[int]) -> None:
    """Print member-epochs a second, and the seconds before the first network was finished."""
    from actscope.cli._devices import one_a_core

    cores = len(bound)
    if engine == "local":
        os.sched_setaffinity(0, bound)
    one_a_core(cores)
    from actscope import study

    ends = list[float]()

    def watch(event: study.Event) -> None:
        if isinstance(event, study.Finished):
            ends.append(time.perf_counter())

    began = time.perf_counter()
    with TemporaryDirectory() as folder:
        spec = study.spec(size.table(seeds))
        trains = study.local if engine == "local" else study.Ray(workers=cores)
        study.run(study.plan(spec), folder, watcher=watch, engine=trains)
    ends.sort()
    first, last = len(ends) // 4, len(ends) * 9 // 10
    print(size.epochs * (last - first) / (ends[last] - ends[first]), ends[0] - began)


class Trainee:
    """A process that trains a part of the study, on some cores."""

    def __init__(self, engine: str, size: str, cores: Sequence[int], seeds: range):
        here = str(Path(__file__).resolve())
        told = ["--engine", engine, "--size", size, "--seeds", str(seeds.start), str(seeds.stop)]
        command = [sys.executable, here, *told, "--cores", *map(str, cores)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def found(self) -> tuple[float, float]:
        """Member-epochs a second, and the seconds before the first."""
        told, _ = self._process.communicate()
        if self._process.returncode:
            sys.exit(f"a training ended with status {self._process.returncode}")
        rate, start = (float(word) for word in told.split()[-2:])
        return rate, start


Rates = dict[tuple[str, int], float]  # by engine and number of workers


def play(size: str) -> tuple[Rates, Rates]:
    """A round: rates and starts of one worker and of two; `apart` are two processes."""
    cores, seeds = sorted(os.sched_getaffinity(0))[:2], _SIZES[size].seeds
    half, rates, starts = range(seeds // 2), Rates(), Rates()
    for engine in _ENGINES:
        for number, own in (1, half), (2, range(seeds)):
            found = Trainee(engine, size, cores[:number], own).found()
            rates[engine, number], starts[engine, number] = found
    apart = [Trainee("local", size, [core], half) for core in cores]
    rates["apart", 2] = sum(rate for rate, _ in [each.found() for each in apart])
    return rates, starts


def row(rounds: Sequence[tuple[Rates, Rates]], size: str, engine: str) -> list[str]:
    """A row of the table: medians over the rounds."""
    one, two = ("local" if engine == "apart" else engine, 1), (engine, 2)
    ones, twos = ([rate[which] for rate, _ in rounds] for which in (one, two))
    began = [[start[which] for _, start in rounds if which in start] for which in (one, two)]
    rates = [f"{statistics.median(each):.3g}" for each in (ones, twos)]
    starts = ", ".join(f"{statistics.median(each):.1f}" for each in began if each)
    return [size, engine, *rates, _ratio(twos, ones), starts]


def _ratio(more: Sequence[float], less: Sequence[float]) -> str:
    """The median, and all it lies between."""
    found = sorted(a / b for a, b in zip(more, less, strict=True))
    return f"{statistics.median(found):.2f} ({found[0]:.2f} to {found[-1]:.2f})"


def main() -> None:
    """Print a row an engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--networks", choices=_SIZES, nargs="+")
    parser.add_argument("--engine", choices=_ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--size", choices=_SIZES, help=argparse.SUPPRESS)
    parser.add_argument("--seeds", type=int, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--cores", type=int, nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.engine:
        train(asked.engine, _SIZES[asked.size], asked.cores, range(*asked.seeds))
        return
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("one core: nothing to compare")
    print(table([["on", ""], *map(list, machine(2).items())]))
    print(f"\nmember-epochs a second, median of {asked.rounds} rounds\n")
    for size in asked.networks or [size for size in _SIZES if size == "small" or is_real()]:
        rounds = [play(size) for _ in range(asked.rounds)]
        head = ["networks", "engine", "1 worker", "2 workers", "ratio", "starts (s)"]
        rows = [row(rounds, size, engine) for engine in (*_ENGINES, "apart")]
        print(table([head, *rows]), "\n", flush=True)


if __name__ == "__main__":
    main()
