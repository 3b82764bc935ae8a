"""How far a download has come: told to whoever asked, or shown on a terminal."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import TaskID

# The file's name, the bytes that have come, the bytes in all (0: the server does not say).
Progress = Callable[[str, int, int], None]


@contextmanager
def shown(progress: Progress | None) -> Generator[Progress, None, None]:
    """`progress` itself; where it is None, a bar a file if standard error is a terminal."""
    if progress is not None:
        yield progress
    elif sys.stderr.isatty():
        with _bars() as report:
            yield report
    else:
        yield _quietly


def _quietly(_name: str, _received: int, _total: int) -> None:
    pass


@contextmanager
def _bars() -> Generator[Progress, None, None]:
    from rich import progress as rich
    from rich.console import Console

    columns = (
        rich.TextColumn("{task.description}"),
        rich.BarColumn(),
        rich.DownloadColumn(),
        rich.TransferSpeedColumn(),
        rich.TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def report(name: str, received: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=None)
            bars.update(tasks[name], completed=received, total=total or None)

        yield report
