"""Tasks on one machine: one at a time on each of jax's devices, a thread a device."""

import threading
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

import jax

from actscope.training import Device

Check = Callable[[], None]
Do = Callable[[str, Device, Check], None]


def work(tasks: Mapping[str, Hashable], do: Do) -> None:
    """Do every task, and return when all are done.

    To compile takes longer than to train a small network: a device keeps to tasks of the program
    that it has compiled, then takes on one that no other has, and helps others only at the end.

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
        self._begun: set[Hashable] = set()
        self._lock = threading.Lock()

    def take(self, program: Hashable) -> str | None:
        """The next task of that program; else of one that nobody has begun, else of any."""
        with self._lock:
            left = [key for key, names in self._waiting.items() if names]
            if not left:
                return None
            fresh = [key for key in left if key not in self._begun]
            most = max(fresh or left, key=lambda key: len(self._waiting[key]))
            found = program if program in left else most
            self._begun.add(found)
            return self._waiting[found].pop(0)
