"""The engine of many machines: groups of members as tasks of Ray, results as they finish.

Ray schedules, restarts and moves the bytes; nothing else in actscope knows of it.
"""

import logging
import os
import pickle
import socket
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Any, no_type_check

from actscope._errors import ActscopeError, IncompleteError
from actscope.data import Dataset
from actscope.study._build import job
from actscope.study._cost import cost
from actscope.study._local import Bench, Shelf, chunks, outcomes
from actscope.study._member import Member
from actscope.study._programs import alike
from actscope.study._provenance import Origin
from actscope.study._watch import Event, Finished, Moment, Watcher
from actscope.study._width import Widths, out_of_memory
from actscope.training import Device, History

_RETRIES = 3  # of a task whose worker or node dies; from its start, as Ray has it
_PROCESS = 600_000_000  # bytes of a worker before it trains: Python, jax, and a compiler at work
_PATIENCE = 10.0  # seconds for a cluster to answer
_AHEAD = 4  # tasks for each core or GPU that are handed out at a time
_SECONDS = 1.0  # between two moments that a task tells of
_ONE_DEVICE = "--xla_force_host_platform_device_count=1"  # a task has one core, or one GPU
# Unless told, XLA splits each product among as many threads as the node has cores: tasks on all of
# them would hand pieces of small products to and fro. (xla/pjrt/utils.cc, DefaultThreadPoolSize.)
_ON_A_CORE = {"JAX_PLATFORMS": "cpu", "PJRT_NPROC": "1"}


@dataclass(frozen=True)
class Ray:
    """An engine: members as tasks of a Ray cluster, each task on one core or one GPU.

    Data sets travel from here, once to a node: files of the nodes are not read. A task whose worker
    or node dies is run again by Ray. If it dies again and again, or runs out of memory, what it has
    left is cut in two halves and tried again; a member that is alone then is given up.

    Attributes:
        address: of a running cluster, or `auto`; None starts one on this machine, which lives as
            long as this process.
        workers: cores that a cluster on this machine has; None: all.
    """

    address: str | None = None
    workers: int | None = None

    def __call__(self, members: Sequence[Member], bench: Bench) -> None:
        """Train members.

        Raises:
            ActscopeError: Ray is not installed or not there, or a member cannot be trained. What
                is finished is kept.
            IncompleteError: members were given up; all others are finished.
            KeyboardInterrupt: on Ctrl-C, likewise.
        """
        if members:
            _Driver(_joined(self.address, self.workers), bench).train(members)


def _joined(address: str | None, workers: int | None) -> Any:
    """Ray, with a cluster; one that the caller has joined already is the one."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nobody is told without being asked
    # Ray's own number is: for ever. Here the task is cut in two instead.
    os.environ.setdefault("RAY_task_oom_retries", str(_RETRIES))
    try:
        import ray
    except ImportError as error:
        raise ActscopeError("ray is not installed", do="pip install 'actscope[ray]'") from error
    if not ray.is_initialized():
        how: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if address is None:
            how |= {"num_cpus": workers, "include_dashboard": False}
        try:
            _knock(address)
            # Ray begins its processes by fork and exec at once: jax's threads do not mind.
            with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
                ray.init(address or "local", **how)
        except (OSError, RuntimeError, ValueError) as error:
            raise ActscopeError(
                f"no Ray cluster at {address or 'this machine'}: {error}",
                do="begin one, ray start --head, or leave --address out; "
                "if it is there and wants a token, set RAY_AUTH_MODE=token",
            ) from error
    return ray


def _knock(address: str | None) -> None:
    """Raise OSError where nobody listens: Ray itself would try for many minutes."""
    host, _, port = (address or "").rpartition("/")[2].rpartition(":")
    if port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()


@dataclass(eq=False)
class _Group:
    """A task's members that it has not handed over, and those that it has, until they are kept."""

    left: dict[str, Member]
    shelf: Shelf | None = None


@dataclass
class _Driver:
    """Hands out groups of members, and takes in what comes back."""

    ray: Any
    bench: Bench
    at_work: dict[Any, _Group] = field(default_factory=dict)
    given_up: list[tuple[Member, str]] = field(default_factory=list)
    _memory: dict[str, int] = field(default_factory=dict)

    def __post_init__(self):
        resources = self.ray.cluster_resources()
        gpus = int(resources.get("GPU", 0))
        self._slots = gpus or int(resources.get("CPU", 1))
        self._largest = max(int(node["Resources"].get("memory", 0)) for node in self.ray.nodes())
        self._work, self._gpu = _remote(self.ray, gpus > 0), gpus > 0
        self._data = {name: self.ray.put(each) for name, each in self.bench.datasets.items()}

    def train(self, members: Sequence[Member]) -> None:
        """Train all; what is finished is kept, whatever happens."""
        self._memory = self._needed(members)
        waiting = (chunk for _, chunk in chunks(members, self._slots))
        try:
            self._fill(waiting)
            while self.at_work:
                (task, *_), _ = self.ray.wait([*self.at_work], num_returns=1)
                self._take(task)
                # All that it has to say: to wait for many tasks takes long, for one no time.
                while task in self.at_work and self.ray.wait([task], timeout=0)[0]:
                    self._take(task)
                self._fill(waiting)
        finally:
            for task in self.at_work:
                self.ray.cancel(task, force=True)
            for group in self.at_work.values():
                _clear(group)
        if self.given_up:
            member, why = self.given_up[0]
            raise IncompleteError(
                f"given up: {len(self.given_up)} networks, the first of them "
                f"{member.combination.key}, seed {member.seed} ({why})",
                do="all others are in the record; the same command tries these again",
            )

    def _fill(self, waiting: Iterator[Sequence[Member]]) -> None:
        """Hand out so many tasks that no node is idle, and a cluster that grows has some left."""
        ahead = _AHEAD * self._slots - len(self.at_work)
        for chunk in islice(waiting, max(0, ahead)):
            self._begin(chunk)

    def _needed(self, members: Sequence[Member]) -> dict[str, int]:
        """Bytes of the host that a task of each program is given; on a GPU it needs no more."""
        firsts = {member.combination.program: member for member in reversed(members)}
        stand = alike(firsts)
        found = dict.fromkeys(stand.values(), _PROCESS)
        for program in {} if self._gpu else found:
            member = firsts[program]
            data = self.bench.datasets[member.settings["dataset"]]
            found[program] += cost(job(member, data)).memory(1)
        return {program: found[one] for program, one in stand.items()}

    def _begin(self, chunk: Sequence[Member]) -> None:
        name, program = chunk[0].settings["dataset"], chunk[0].combination.program
        # More than any node has would wait for ever.
        work = self._work.options(memory=min(self._memory[program], self._largest))
        task = work.remote(chunk, name, self._data[name], self.bench.origin)
        self.at_work[task] = _Group({member.id: member for member in chunk})

    def _take(self, task: Any) -> None:
        """The next that a task has to say: how far it is, that it is done, or why it failed."""
        group = self.at_work[task]
        try:
            event, origin = pickle.loads(self.ray.get(next(task)))
        except StopIteration:
            self._over(task)
            if group.left:  # Ray ran it again, and passes over as many events as it had told of
                self._begin([*group.left.values()])
        except self.ray.exceptions.RayError as error:
            self._over(task)
            self._failed([*group.left.values()], error)
        else:
            self._told(group, event, origin)

    def _told(self, group: _Group, event: Event, origin: Mapping[str, Any]) -> None:
        if isinstance(event, Finished) and group.left.pop(event.member.id, None) is None:
            return  # told twice, for the same reason
        self.bench.watcher(event)
        if isinstance(event, Finished):
            group.shelf = group.shelf or Shelf(self.bench.keep, origin)
            group.shelf.put(event.outcome)

    def _over(self, task: Any) -> None:
        _clear(self.at_work[task])
        del self.at_work[task]

    def _failed(self, left: Sequence[Member], error: Exception) -> None:
        cause = getattr(error, "cause", None)  # raised by our code, or by the user's
        if isinstance(cause, ActscopeError):
            raise ActscopeError(f"on a worker: {cause}") from error
        if cause is not None and not out_of_memory(cause):
            raise cause from error
        if len(left) == 1:
            self.given_up.append((left[0], str(cause or error).partition("\n")[0]))
            return
        half = len(left) // 2
        for part in filter(None, (left[:half], left[half:])):
            self._begin(part)


def _clear(group: _Group) -> None:
    if group.shelf:
        group.shelf.clear()


def _remote(ray: Any, gpu: bool) -> Any:
    ours = {name: value for name, value in os.environ.items() if name.startswith("JAX_")}
    flags = f"{os.environ.get('XLA_FLAGS', '')} {_ONE_DEVICE}".strip()
    told = {**ours, "XLA_FLAGS": flags} | ({} if gpu else _ON_A_CORE)
    return ray.remote(
        num_cpus=1,
        num_gpus=1 if gpu else 0,
        max_retries=_RETRIES,
        num_returns="streaming",
        runtime_env={"env_vars": told},
    )(_work)


@no_type_check  # Ray asks for a generator function, and what a checker wraps is none
def _work(chunk: Sequence[Member], name: str, dataset: Dataset, origin: Origin) -> Iterator[bytes]:
    """On a worker: train members, and tell of each with where its numbers come from.

    In one piece: Ray carries each of an outcome's sixty arrays by itself, at 1.6 ms of the driver's
    time for all of them, where to unpickle them takes 0.3.
    """
    import jax

    device, events, end = jax.devices()[0], SimpleQueue(), object()
    here = origin.on(device)
    with ThreadPoolExecutor(1) as pool:  # a moment is told by a call, from within the training
        training = pool.submit(_train, chunk, {name: dataset}, origin, device, events.put)
        training.add_done_callback(lambda _: events.put(end))
        for event in iter(events.get, end):
            yield pickle.dumps((event, here))
        training.result()


def _train(
    chunk: Sequence[Member],
    data: Mapping[str, Dataset],
    origin: Origin,
    device: Device,
    watcher: Watcher,
) -> None:
    def nothing(*_: object) -> None: ...

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        lanes = Widths(place / "lanes.json")
        bench = Bench(data, lanes, place, origin, nothing, _now_and_then(watcher))
        for member, outcome in outcomes(chunk, bench, device, nothing):
            watcher(Finished(member, outcome))


def _now_and_then(watcher: Watcher) -> Watcher:
    """Passes a moment on once in a second, without its history, which may be long."""
    last = 0.0

    def watch(event: Event) -> None:
        nonlocal last
        if isinstance(event, Moment) and time.monotonic() - last >= _SECONDS:
            last = time.monotonic()
            watcher(Moment(event.member, replace(event.progress, history=History())))

    return watch
