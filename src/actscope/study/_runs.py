"""Many jobs on one machine, each kept in a folder of its own."""

from collections.abc import Callable, Mapping
from pathlib import Path

from actscope.study._run import Run
from actscope.study._train import train
from actscope.study._workers import Check, work
from actscope.training import Device, Job, Progress

Observer = Callable[[str, Progress | None], None]


def train_all(
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
    done: dict[str, Run] = {}

    def do(name: str, device: Device, check: Check) -> None:
        def watch(progress: Progress) -> None:
            check()
            if observe:
                observe(name, progress)

        done[name] = train(jobs[name], Path(out) / name, watch=watch, device=device)
        if observe:
            observe(name, None)

    work({name: job.network for name, job in jobs.items()}, do)
    return {name: done[name] for name in jobs}
