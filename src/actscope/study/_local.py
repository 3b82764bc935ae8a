"""The engine of one machine: members on every device at once, and in lanes on each."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax

from actscope.data import Dataset
from actscope.study._build import job
from actscope.study._finish import finish
from actscope.study._member import Member, groups
from actscope.study._monitor import monitor
from actscope.study._outcome import Outcome
from actscope.study._provenance import Origin
from actscope.study._watch import Finished, Moment, Watcher
from actscope.study._width import Widths, out_of_memory
from actscope.study._workers import Check, work
from actscope.training import Device, Job, LaneWatch, Progress, Trained, fit, fit_all

Keep = Callable[[Sequence[Outcome], Mapping[str, Any]], None]

# Finished members are written once they are a minute's work, and at the end of a chunk; one that
# takes longer, and is alone on its device, leaves a checkpoint as often. So a killed study has lost
# a minute or two, and what stood in lanes.
_SECONDS = 60.0
_MOST = 256  # members that a device takes on at a time
_PROGRAMS = 16  # that a process holds compiled: each takes 60 MB, of a deep network more
_compiled = set[str]()  # those that it holds


@dataclass(frozen=True)
class Bench:
    """What members are trained with.

    Attributes:
        datasets: by name.
        widths: how many members of a program go side by side on a device.
        checkpoints: the folder for those of long members.
        origin: where the numbers come from, but for the device.
        keep: takes finished members, and where their numbers come from.
        watcher: is told of everything, from several threads.
    """

    datasets: Mapping[str, Dataset]
    widths: Widths
    checkpoints: Path
    origin: Origin
    keep: Keep
    watcher: Watcher


def local(members: Sequence[Member], bench: Bench) -> None:
    """Train members, one program at a time on each of jax's devices.

    On a CPU, where `cli` lets jax see each core as a device, each has one member at a time; other
    devices have as many lanes as `bench.widths` says. What a member gives depends on its settings,
    its seed, the kind of device, the number of lanes, and on a CPU that of its cores: XLA adds up
    some products in as many parts as it has threads.

    Raises:
        ActscopeError: of the first member that cannot be trained.
        KeyboardInterrupt: on Ctrl-C; what is finished is kept.
    """
    tasks = dict(chunks(members, len(jax.devices())))
    origins = {device: bench.origin.on(device) for device in jax.devices()}

    def do(name: str, device: Device, check: Check) -> None:
        shelf = Shelf(bench.keep, origins[device])
        try:
            for member, outcome in outcomes(tasks[name], bench, device, check):
                bench.watcher(Finished(member, outcome))
                shelf.put(outcome)
        finally:
            shelf.clear()

    work({name: chunk[0].combination.program for name, chunk in tasks.items()}, do)


def chunks(members: Sequence[Member], devices: int) -> Iterator[tuple[str, Sequence[Member]]]:
    """Members of one program that one device takes on together, by a name.

    Of several devices two a device and program at least, so that none is left with a long one while
    others idle.
    """
    parts = 2 * devices if devices > 1 else 1
    for number, group in enumerate(groups(members).values()):
        size = min(_MOST, -(-len(group) // parts))
        for first in range(0, len(group), size):
            yield f"{number}-{first}", group[first : first + size]


def outcomes(
    chunk: Sequence[Member], bench: Bench, device: Device, check: Check
) -> Iterator[tuple[Member, Outcome]]:
    """Train members of one program on a device, and hand each over once it is finished.

    Where the device's memory does not hold them side by side, half as many go on.

    Args:
        chunk: the members.
        bench: what they are trained with.
        device: jax's.
        check: called whenever the training could stop; what it raises ends it.
    """
    jobs = [job(member, bench.datasets[member.settings["dataset"]]) for member in chunk]

    def watch(index: int, progress: Progress) -> None:
        check()
        if index < len(chunk):
            bench.watcher(Moment(chunk[index], progress))

    program, left = chunk[0].combination.program, dict(enumerate(chunk))
    _make_room(program)
    lanes = bench.widths.of(program, jobs, device)
    folders = [bench.checkpoints / member.id for member in chunk]
    try:
        for index, trained in _trained(jobs, lanes, folders, watch, device):
            outcome = finish(chunk[index], jobs[index], trained)
            yield left.pop(index), outcome
    except Exception as error:
        if lanes == 1 or not out_of_memory(error):
            raise
        bench.widths.narrow(program)
    if left:
        yield from outcomes([*left.values()], bench, device, check)


def _make_room(program: str) -> None:
    """Let jax forget all programs where there are as many as a process is to hold.

    Other devices' threads trace theirs again; what jax keeps on disk need not be compiled again.
    """
    if program not in _compiled and len(_compiled) >= _PROGRAMS:
        jax.clear_caches()
        _compiled.clear()
    _compiled.add(program)


def _trained(
    jobs: Sequence[Job], lanes: int, folders: Sequence[Path], watch: LaneWatch, device: Device
) -> Iterator[tuple[int, Trained]]:
    if lanes > 1:
        # As many lanes when few members are left, or a resumed one would round otherwise.
        full = [*jobs, *[jobs[-1]] * (lanes - len(jobs))]
        for index, trained in fit_all(
            full, lanes=lanes, observe=monitor, watch=watch, device=device
        ):
            if index < len(jobs):
                yield index, trained
        return
    for index, (one, folder) in enumerate(zip(jobs, folders, strict=True)):
        alone = partial(watch, index)
        yield (
            index,
            fit(one, folder=folder, every=_SECONDS, observe=monitor, watch=alone, device=device),
        )


class Shelf:
    """Finished members of one origin that are not kept yet."""

    def __init__(self, keep: Keep, origin: Mapping[str, Any]):
        self._keep, self._origin = keep, origin
        self._outcomes: list[Outcome] = []
        self._since = time.monotonic()

    def put(self, outcome: Outcome) -> None:
        """Take a member in, and keep all if it is time."""
        self._outcomes.append(outcome)
        if time.monotonic() - self._since >= _SECONDS:
            self.clear()

    def clear(self) -> None:
        """Keep what is here."""
        if self._outcomes:
            self._keep(self._outcomes, self._origin)
        self._outcomes, self._since = [], time.monotonic()
