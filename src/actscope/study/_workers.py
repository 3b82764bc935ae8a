"""Tasks on one machine: one at a time on each of jax's devices, a thread a device."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

import jax

from actscope.training import Device

Check = Callable[[], None]
Do = Callable[[str, Device, Check], None]


def work(tasks: Mapping[str, Hashable], do: Do) -> None:
    """Do every task, and return when all are done.

    A device keeps to tasks of the program that it has compiled, as long as there are any; then
    the program with most tasks is next.

    Args:
        tasks: the program of each task, by the task's name.
        do: `do(name, device, check)`, called from several threads. Whenever it could stop, it
            calls `check()`, which raises once there is no use in going on.

    Raises:
        Exception: the first that a task raised; the others are stopped.
        KeyboardInterrupt: on Ctrl-C, likewise.
    """
    queue, halt = _Queue(tasks), threading.Event()

    def check() -> None:
        if halt.is_set():
            raise _HaltError

    def run(device: Device) -> None:
        program = None
        while not halt.is_set() and (name := queue.take(program)) is not None:
            program = tasks[name]
            try:
                do(name, device, check)
            except _HaltError:
                return

    with ThreadPoolExecutor(len(jax.devices())) as pool:
        threads = [pool.submit(run, device) for device in jax.devices()]
        try:
            wait(threads, return_when=FIRST_EXCEPTION)
        finally:  # a failure, Ctrl-C, or nothing left to do
            halt.set()
    for thread in threads:
        thread.result()


class _HaltError(Exception):
    """Raised within a task that is to end here."""


class _Queue:
    """The tasks that nobody has taken yet."""

    def __init__(self, tasks: Mapping[str, Hashable]):
        self._waiting: dict[Hashable, list[str]] = {}
        for name, program in tasks.items():
            self._waiting.setdefault(program, []).append(name)
        self._lock = threading.Lock()

    def take(self, program: Hashable) -> str | None:
        """The first task of that program; else of the one with most tasks."""
        with self._lock:
            counts = Counter({key: len(names) for key, names in self._waiting.items() if names})
            if not counts:
                return None
            found = program if program in counts else counts.most_common(1)[0][0]
            return self._waiting[found].pop(0)
