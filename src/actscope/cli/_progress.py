"""How training goes on, shown on standard error: a line an epoch, and live bars on a terminal."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from actscope.cli._output import messages

if TYPE_CHECKING:
    from rich.console import Console

    from actscope.training import Progress

Observer = Callable[[str, Any], None]


@contextmanager
def shown(total: int) -> Generator[Observer, None, None]:
    """An observer of `total` runs, to be called as `observe(name, progress or None)`.

    Several threads may call it.
    """
    to = messages()
    if to.is_terminal:
        with _live(total, to) as observe:
            yield observe
    else:
        yield _Lines(to).observe


class _Lines:
    """A line when a run goes on from a checkpoint, and one for each epoch that it finishes."""

    def __init__(self, to: "Console") -> None:
        self._to = to
        self._met: set[str] = set()
        self._lock = threading.Lock()

    def observe(self, name: str, progress: "Progress | None") -> None:
        if progress is None:
            return
        with self._lock:
            done = progress.history.epochs
            if name not in self._met and progress.epoch > 1:
                self._say(f"{name}: goes on after epoch {progress.epoch - 1}")
            self._met.add(name)
            if done and done[-1].number == progress.epoch:
                self._say(f"{name}: {_epoch(progress)}")

    def _say(self, line: str) -> None:
        self._to.print(line, soft_wrap=True)


@contextmanager
def _live(total: int, to: "Console") -> Generator[Observer, None, None]:
    from rich import progress as rich

    columns = (
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(bar_width=8),
        rich.TextColumn("{task.fields[state]}", markup=False),
    )
    with rich.Progress(*columns, console=to, transient=True) as bars:
        lines = _Lines(bars.console)
        tasks: dict[str, rich.TaskID] = {}
        everything = bars.add_task("runs", total=total, state=f"0 of {total}", visible=total > 1)

        def observe(name: str, progress: "Progress | None") -> None:
            if total == 1:
                lines.observe(name, progress)
            if progress is None:
                bars.advance(everything)
                done = int(bars.tasks[0].completed)
                bars.update(everything, state=f"{done} of {total}")
                if name in tasks:
                    bars.remove_task(tasks.pop(name))
                return
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=progress.steps, state="")
            bars.update(tasks[name], completed=progress.step, state=_moment(progress))

        yield observe


def _moment(progress: "Progress") -> str:
    """What stands beside a bar; with a name of 20 characters it fits into 80 columns."""
    best = progress.history.best
    so_far = f", best {best.validation_score:.1%}" if best else ""
    return (
        f"epoch {progress.epoch}/{progress.epochs}, {progress.batches_per_second:.0f} batches/s"
        f"{so_far}, {duration(progress.seconds_left)} left"
    )


def _epoch(progress: "Progress") -> str:
    last = progress.history.epochs[-1]
    return (
        f"epoch {last.number} of {progress.epochs}, training {last.train_score:.2%}, "
        f"validation {last.validation_score:.2%}, {last.seconds:.1f} s"
    )


def duration(seconds: float) -> str:
    """Minutes and seconds, `12:05`; from an hour on with the hours, `1:02:05`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
