"""Contenders in warm processes, which wait for their turn: one works, the others sleep."""

import math
import os
import resource
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from contenders import Contender
from workload import Done, Member

_PATIENCE = 900.0  # seconds until a contender counts as stuck
_GOODBYE = 30.0  # seconds that one may take to end


class FailedError(Exception):
    """A contender that raised, died or got stuck."""


@dataclass(frozen=True)
class Answer:
    """A contender's round.

    Attributes:
        seconds: of wall time.
        cpu: seconds of all threads and child processes, in user and system mode.
        done: the work.
    """

    seconds: float
    cpu: float
    done: Done

    @property
    def rate(self) -> float:
        """Floating-point operations a second of wall time."""
        return self.done.flop / self.seconds


@contextmanager
def hired(contender: Contender, members: Sequence[Member]) -> Iterator["Worker"]:
    """A contender's process, until the block ends; it has compiled whatever such members need.

    Raises:
        FailedError: the contender failed.
    """
    context, start = get_context("spawn"), time.perf_counter()
    ours, theirs = context.Pipe()
    # Not a daemon: those may not have children.
    process = context.Process(target=_serve, args=(theirs, contender, members))
    process.start()
    theirs.close()
    try:
        worker = Worker(contender.name, ours)
        worker.hear()
        worker.ready = time.perf_counter() - start
        yield worker
    finally:
        with suppress(OSError):  # it has ended already
            ours.send(None)
        process.join(_GOODBYE)
        process.kill()


@dataclass
class Worker:
    """Who is on the other side of a pipe.

    Attributes:
        name: the contender's.
        pipe: to its process.
        ready: seconds from the start of the process until everything was compiled and had run.
    """

    name: str
    pipe: Connection
    ready: float = math.nan

    def go(self, members: Sequence[Member]) -> Answer:
        """A round.

        Raises:
            FailedError: the contender failed.
        """
        self.pipe.send(members)
        return self.hear()

    def hear(self) -> Any:
        """What the process sends next.

        Raises:
            FailedError: the contender failed.
        """
        if not self.pipe.poll(_PATIENCE):
            raise FailedError(f"{self.name}: nothing heard for {_PATIENCE:.0f} s")
        try:
            heard = self.pipe.recv()
        except EOFError as error:
            raise FailedError(f"{self.name}: its process ended") from error
        if isinstance(heard, str):
            raise FailedError(f"{self.name}:\n{heard}")
        return heard


def _serve(pipe: Connection, contender: Contender, members: Sequence[Member]) -> None:
    """The life of a contender: its answer to each list of members, or a traceback."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")  # like is compared with like
    try:
        with contender.prepare(members) as play:
            pipe.send(None)
            while (members := pipe.recv()) is not None:
                start, before = time.perf_counter(), _cpu()
                done = play(members)
                seconds, cpu = time.perf_counter() - start, _cpu() - before
                pipe.send(Answer(seconds, cpu + done.elsewhere, done))
    except EOFError:
        pass  # nobody is left to work for
    except Exception:
        pipe.send(traceback.format_exc())


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
