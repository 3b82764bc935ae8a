"""Inputs from anywhere, one after the other: an answer or an error in our words, and nothing else.

While an input is read, Python's own audit events are watched: nothing may be written outside the
folder, no program begun, no address called, nothing unpickled.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis

from actscope._errors import ActscopeError

INPUTS = int(os.environ.get("ACTSCOPE_FUZZ", "100"))  # of each reader; `make fuzz` takes 10,000
SEED = int(os.environ.get("ACTSCOPE_FUZZ_SEED", "0"))
SECONDS = 20  # for one input, of which most take a thousandth; the machine may be busy

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"remove", "rename", "mkdir", "rmdir", "link", "symlink", "truncate", "chmod", "chown"}
_FORBIDDEN = {f"os.{name}" for name in _CHANGES} | {
    *("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.putenv", "os.kill"),
    *("subprocess.Popen", "socket.connect", "socket.bind", "webbrowser.open", "pty.spawn"),
    *("pickle.find_class", "builtins.input", "builtins.breakpoint", "shutil.rmtree"),
    *("shutil.move", "shutil.copyfile", "shutil.unpack_archive"),
}

# Where jax keeps what the tests have compiled: of their doing, not of the input's.
_OWN = os.environ.get("JAX_COMPILATION_CACHE_DIR")


class Hung(BaseException):
    """An input took too long. No reader's `except Exception` holds it back."""


@dataclass
class Trials:
    """What came of the inputs of one reader.

    Attributes:
        name: of the reader, in the summary.
        answers: how many inputs had one.
        errors: how many were refused.
        seconds: of the processor for all of them: the machine may be busy.
        slowest: likewise for one of them.
    """

    name: str
    answers: int = 0
    errors: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    def of(self, read: Callable[[], Any]) -> Any:
        """What `read` gives; None where it refuses the input. Anything else fails the test."""
        began = time.process_time()
        try:
            with _watched():
                found = read()
        except ActscopeError as error:
            found, said = None, str(error)
        else:
            said = ""
        assert (found is None) == bool(said)
        assert said.replace("\n", "").isprintable()  # nothing in it moves a terminal's cursor
        self.errors += bool(said)
        self.answers += not said
        took = time.process_time() - began
        self.seconds += took
        self.slowest = max(self.slowest, took)
        return found


ALL: list[Trials] = []  # of this session, for the summary


def settings(test: Any) -> Any:
    """How hypothesis goes through its inputs: the same ones for the same seed, none remembered."""
    every = hypothesis.settings(
        max_examples=INPUTS,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
    )
    return hypothesis.seed(SEED)(every(test))


_seen: list[str] | None = None
_folder = ""


def allow(folder: Path | None) -> None:
    """Let files be written in one folder, and nowhere else."""
    global _folder  # noqa: PLW0603 (an audit hook can neither be given anything nor be removed)
    _folder = f"{folder}{os.sep}" if folder else ""


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is None:
        return
    if _OWN and str(arguments[:1]).startswith(f"('{_OWN}"):
        return
    if event in _FORBIDDEN:
        _seen.append(f"{event} {arguments!r:.200}")
    elif event == "open":
        path, _, flags = arguments
        written = isinstance(flags, int) and flags & _WRITES and isinstance(path, str | bytes)
        if written and not (_folder and os.fsdecode(path).startswith(_folder)):
            _seen.append(f"open {path!r} to write")


sys.addaudithook(_audit)


@contextmanager
def _watched() -> Generator[None]:
    global _seen  # noqa: PLW0603 (likewise)
    before = signal.signal(signal.SIGALRM, _hung)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    _seen = seen = []
    try:
        yield
    finally:
        _seen = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not seen, f"while it was read: {seen}"


def _hung(number: int, frame: Any) -> None:
    raise Hung(f"an input took more than {SECONDS} seconds")
