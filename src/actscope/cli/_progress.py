"""How training goes on, shown on standard error: live on a terminal, elsewhere a line an epoch."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from actscope.cli._output import messages

if TYPE_CHECKING:
    from actscope.training import Progress

Observer = Callable[[str, Any], None]


@contextmanager
def shown(total: int) -> Generator[Observer, None, None]:
    """An observer of `total` runs, to be called as `observe(name, progress or None)`."""
    if messages().is_terminal:
        with _live(total) as observe:
            yield observe
    else:
        yield _Lines().observe


class _Lines:
    """A line for each finished epoch."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        self._lock = threading.Lock()

    def observe(self, name: str, progress: "Progress | None") -> None:
        with self._lock:
            if progress and len(progress.history.epochs) > self._told.get(name, 0):
                self._told[name] = len(progress.history.epochs)
                messages().print(f"{name}: {_epoch(progress)}", soft_wrap=True)


@contextmanager
def _live(total: int) -> Generator[Observer, None, None]:
    from rich import progress as rich

    columns = (
        rich.TextColumn("{task.description}"),
        rich.BarColumn(bar_width=24),
        rich.TextColumn("{task.fields[state]}"),
    )
    with rich.Progress(*columns, console=messages(), transient=True) as bars:
        tasks: dict[str, rich.TaskID] = {}
        everything = bars.add_task("runs", total=total, state=f"0 of {total}", visible=total > 1)

        def observe(name: str, progress: "Progress | None") -> None:
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
    best = progress.history.best
    so_far = f", best {best.validation_accuracy:.2%}" if best else ""
    return (
        f"epoch {progress.epoch} of {progress.epochs}, {progress.batches_per_second:.0f} batches/s"
        f"{so_far}, {_duration(progress.seconds_left)} left at most"
    )


def _epoch(progress: "Progress") -> str:
    last = progress.history.epochs[-1]
    return (
        f"epoch {last.number} of {progress.epochs}, training {last.train_accuracy:.2%}, "
        f"validation {last.validation_accuracy:.2%}, {last.seconds:.1f} s"
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
