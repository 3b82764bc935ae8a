"""Many jobs on one machine: as many at a time as there are devices."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

import jax

from actscope.study._run import Run
from actscope.study._train import train
from actscope.training import Device, Job, Network, Progress

Observer = Callable[[str, Progress | None], None]


def run(
    jobs: Mapping[str, Job], out: Path | str, *, observe: Observer | None = None
) -> dict[str, Run]:
    """Train every job, one at a time on each of jax's devices, and keep each in its own folder.

    Jobs that are finished in `out` already are read, so the same call goes on where it was
    stopped. The result of a job depends on nothing but the job and the kind of device.

    Args:
        jobs: by the name of each one's folder under `out`.
        out: the folder of all.
        observe: called from several threads: `observe(name, progress)` while a job trains,
            `observe(name, None)` when it is done.

    Returns:
        The runs by name, in the order of `jobs`.

    Raises:
        ActscopeError: of the first job that failed; the others are stopped, and go on from their
            last epoch when called again.
        KeyboardInterrupt: on Ctrl-C, likewise.
    """
    queue, halt, done = _Queue(jobs), threading.Event(), dict[str, Run]()

    def work(device: Device) -> None:
        network = None
        while not halt.is_set() and (name := queue.take(network)):
            network = jobs[name].network
            try:
                watch = _watch(name, observe, halt)
                done[name] = train(jobs[name], Path(out) / name, watch=watch, device=device)
            except _HaltError:
                return
            if observe:
                observe(name, None)

    with ThreadPoolExecutor(len(jax.devices())) as pool:
        workers = [pool.submit(work, device) for device in jax.devices()]
        try:
            wait(workers, return_when=FIRST_EXCEPTION)
        finally:  # a failure, Ctrl-C, or nothing left to do
            halt.set()
    for worker in workers:
        worker.result()
    return {name: done[name] for name in jobs}


class _HaltError(Exception):
    """Raised within a run that is to end here."""


def _watch(
    name: str, observe: Observer | None, halt: threading.Event
) -> Callable[[Progress], None]:
    def watch(progress: Progress) -> None:
        if halt.is_set():
            raise _HaltError
        if observe:
            observe(name, progress)

    return watch


class _Queue:
    """The jobs that nobody has taken yet."""

    def __init__(self, jobs: Mapping[str, Job]):
        self._networks = {name: job.network for name, job in jobs.items()}
        self._lock = threading.Lock()

    def take(self, network: Network | None) -> str | None:
        """A job with that network, which is compiled already; else of the one with most jobs."""
        with self._lock:
            waiting = Counter(self._networks.values())
            if not waiting:
                return None
            wanted = network if network in waiting else waiting.most_common(1)[0][0]
            name = next(name for name, found in self._networks.items() if found == wanted)
            del self._networks[name]
            return name
