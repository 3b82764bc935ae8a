"""How the cost of a study grows: with its members, with lanes and data in memory, and at its start.

On a GPU, where there is one, the tutorial's whole table as one study, and how fast members train as
more go side by side; elsewhere a small part of that, to see that it runs. A few minutes.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from contenders import CORES
from machine import machine, table
from workload import (
    ACTIVATIONS,
    HIDDEN,
    STEPS,
    TRAIN,
    forward_flop,
    is_real,
    member_epoch_flop,
    training_flop,
)

from actscope.cli._devices import one_a_core
from actscope.data import Dataset, Normalization, Split

_SEEDS = (1, 2, 4, 8, 16)  # of the studies whose cost is compared
_STUDIES = 5  # of each
# Whose memory is compared, with as many images. Wide apart, as what XLA takes for itself while it
# compiles, some hundred MiB, differs from time to time.
_MEMORY = ((1, 5_000), (8, 5_000), (64, 5_000), (1, 50_000), (1, 200_000))
_STARTS = 3
_TEST = 10_000
_SIDE = 4096  # of the matrices whose product is the limit
_FIRST_STEP = Path(__file__).with_name("first_step.py")


def fresh(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of a function, computed in a process that has done nothing before."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def noise(examples: int) -> Dataset:
    """Random images of the tutorial's shape, made without any more memory than they take."""
    generator = np.random.default_rng(0)

    def part(count: int) -> Split:
        images = generator.integers(0, 256, (count, 28, 28), np.uint8)
        return Split(images, generator.integers(0, 10, count, np.int32))

    parts = part(examples), part(1000), part(1000)
    return Dataset("noise", *parts, tuple("0123456789"), Normalization(255.0, 0.5, 0.5), {})


def whole_studies() -> list[tuple[int, float]]:
    """Members and seconds of whole studies, from the plan to the record, once all is compiled."""
    one_a_core()  # before jax is imported
    from actscope import study

    def seconds(seeds: int) -> tuple[int, float]:
        document = {
            "study": {"dataset": "digits", "seeds": seeds, "epochs": 10},
            "axes": {"activation": list(ACTIVATIONS), "hidden_sizes": [64, 64]},
        }
        plan = study.plan(study.spec(document))
        with TemporaryDirectory() as folder:
            start = time.perf_counter()
            study.run(plan, folder)
            return len(plan.members), time.perf_counter() - start

    # Which device is given which program is chance: the fastest of several had nothing to compile.
    times = [[seconds(seeds) for seeds in _SEEDS] for _ in range(_STUDIES)]
    return [min(same) for same in zip(*times, strict=True)]


def peak(lanes: int, examples: int) -> tuple[float, float]:
    """MiB of this process and of the GPU at the peak of an epoch of so many networks at once."""
    import jax

    from actscope import activations
    from actscope.networks import FeedForward
    from actscope.study._monitor import monitor
    from actscope.training import Job, Recipe, fit_all

    job = Job(FeedForward(activations.get("relu"), HIDDEN), noise(examples), Recipe(epochs=1))
    for _ in fit_all([job] * lanes, lanes=lanes, observe=monitor):
        pass
    on_device = (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use", 0)
    return _peak_of_host() / 2**20, on_device / 2**20


def _peak_of_host() -> int:
    """Bytes. Of Linux's file, as `getrusage` counts what the parent held when it began us."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def first_step(programs: str) -> float:
    """Seconds from the start of a process to the first steps of a study's first network."""
    environment = {
        **os.environ,
        "JAX_COMPILATION_CACHE_DIR": programs,
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    start = time.perf_counter()
    subprocess.run([sys.executable, str(_FIRST_STEP)], env=environment, check=True)
    return time.perf_counter() - start


def starts() -> list[list[float]]:
    """Seconds to the first step, cold and with the programs of that start kept, several times."""
    found = []
    for _ in range(_STARTS):
        with TemporaryDirectory() as programs:
            found.append([first_step(programs), first_step(programs)])
    return found


def side_by_side(most: int) -> list[tuple[int, float]]:
    """Lanes, and steps of all of them together a second; monitors on."""
    import jax

    from actscope import activations
    from actscope.networks import FeedForward
    from actscope.study._width import steps_a_second
    from actscope.training import Job

    job = Job(FeedForward(activations.get("relu"), HIDDEN), noise(TRAIN), seed=0)
    device, found, lanes = jax.devices()[0], [], 1
    while lanes <= most:
        found.append((lanes, steps_a_second(job, lanes, device)))
        lanes *= 2
    return found


def product() -> float:
    """Operations a second of jax's float32 product on its first device."""
    import jax
    import jax.numpy as jnp

    matrix, multiply = jnp.ones((_SIDE, _SIDE), jnp.float32), jax.jit(jnp.matmul)
    multiply(matrix, matrix).block_until_ready()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        multiply(matrix, matrix).block_until_ready()
        times.append(time.perf_counter() - start)
    return 2 * _SIDE**3 / min(times)


def tutorial_table(epochs: int, seeds: int) -> tuple[int, int, float, float]:
    """Members, epochs in all, seconds and operations of the tutorial's table as one study."""
    one_a_core()  # before jax is imported
    from actscope import study

    document = {
        "study": {"seeds": seeds, "epochs": epochs},
        "axes": {"activation": list(ACTIVATIONS)},
    }
    plan = study.plan(study.spec(document))
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        record = study.run(plan, folder)
        seconds = time.perf_counter() - start
        run = sum(record.members["epochs_run"].to_pylist())
    finish = forward_flop() * (TRAIN + _TEST)  # dead units of the training set; the test set
    return len(plan.members), run, seconds, run * member_epoch_flop() + len(plan.members) * finish


def platform() -> str:
    """Of jax's first device."""
    import jax

    return jax.devices()[0].platform


def print_members() -> None:
    """Cost against number of members, with the straight line through it."""
    found = fresh(whole_studies)
    members, seconds = np.array(found).T
    slope, start = np.polyfit(members, seconds, 1)
    rows = [
        [
            f"{count:.0f}",
            f"{took:.2f}",
            f"{1000 * took / count:.0f}",
            f"{start + slope * count:.2f}",
        ]
        for count, took in found
    ]
    print(table([["members", "seconds", "ms a member", "straight line (s)"], *rows]), end="\n\n")


def print_memory() -> None:
    """Peak memory against lanes and examples."""
    rows = [
        [str(lanes), str(count), *(f"{each:.0f}" for each in fresh(peak, lanes, count))]
        for lanes, count in _MEMORY
    ]
    head = ["lanes", "training examples", "peak of the process (MiB)", "of the GPU (MiB)"]
    print(table([head, *rows]), end="\n\n")


def print_starts() -> None:
    """Seconds to the first step."""
    names = ("cold", "programs kept")
    rows = [
        [name, f"{statistics.median(times):.1f}", f"{min(times):.1f} to {max(times):.1f}"]
        for name, times in zip(names, zip(*starts(), strict=True), strict=True)
    ]
    head = ["start", f"seconds to the first step, median of {_STARTS}", "smallest to largest"]
    print(table([head, *rows]), end="\n\n")


def print_lanes(most: int) -> None:
    """Members a second as more go side by side."""
    limit = fresh(product)
    step = training_flop() / STEPS
    rows = [
        [str(lanes), f"{rate / STEPS:.2f}", f"{rate * step / limit:.0%}"]
        for lanes, rate in fresh(side_by_side, most)
    ]
    head = ["lanes", "epochs of training a second, all together", "share of the product's rate"]
    print(f"jax's product: {limit / 1e9:.0f} GFLOP/s\n")
    print(table([head, *rows]), end="\n\n")


def print_table(epochs: int, seeds: int) -> None:
    """The tutorial's table as one study."""
    if not is_real():
        print("FashionMNIST is not here: no table of the tutorial")
        return
    members, run, seconds, flop = fresh(tutorial_table, epochs, seeds)
    share = flop / seconds / fresh(product)
    print(
        f"the tutorial's table: {members} networks, {run} epochs in all, compilation and record "
        f"included: {seconds:.0f} s, {share:.0%} of the product's rate"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lanes", type=int, help="at most; default: 512 on a GPU, elsewhere 4")
    parser.add_argument(
        "--epochs", type=int, help="of the table; default: 50 on a GPU, elsewhere 1"
    )
    parser.add_argument("--seeds", type=int, help="likewise; default: 5 on a GPU, elsewhere 1")
    options = parser.parse_args()
    gpu = fresh(platform) != "cpu"
    print(table([["machine", ""], *map(list, machine(CORES).items())]), end="\n\n", flush=True)
    print_members()
    print_memory()
    print_starts()
    print_lanes(options.lanes or (512 if gpu else 4))
    print_table(options.epochs or (50 if gpu else 1), options.seeds or (5 if gpu else 1))


if __name__ == "__main__":
    main()
