"""A study while it runs: bars on a terminal, a line now and then elsewhere."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from actscope.cli._output import table
from actscope.cli._progress import duration

if TYPE_CHECKING:
    from actscope.study import Begun, Event, Finished, Moment, Watcher

_EVERY = 30.0  # seconds between two lines where nobody sits before a terminal
_SHOWN = 8  # networks under way, and activations, that are shown
_PHASES = {"tune": "tuning", "compare": "comparison"}


@contextmanager
def following(to: Console) -> Generator["Watcher"]:
    """A block in which a study runs; yields what it is to be told to.

    Args:
        to: where it is shown. What is not a terminal gets a line at the beginning, at most one in
            30 seconds, and one at the end of each phase.
    """
    seen = _Seen()
    if to.is_terminal:
        with Live(get_renderable=seen.picture, console=to, refresh_per_second=4, transient=True):
            yield seen.tell
    else:
        yield _Lines(seen, to).tell


@dataclass
class _Seen:
    """What the study has told so far; several threads tell it."""

    phase: str = ""
    total: int = 0
    before: int = 0
    done: int = 0
    failed: int = 0
    epochs: int = 0
    began: float = field(default_factory=time.monotonic)
    now: dict[str, "Moment"] = field(default_factory=dict[str, "Moment"])
    scores: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, event: "Event") -> None:
        """Take note of an event."""
        from actscope.study import Begun, Finished

        with self.lock:
            if isinstance(event, Begun):
                self._begin(event)
            elif isinstance(event, Finished):
                self._finish(event)
            else:
                self.now.pop(event.member.id, None)  # the last told stands last
                self.now[event.member.id] = event

    def _begin(self, event: "Begun") -> None:
        self.phase, self.total = _PHASES[event.phase], event.members
        self.before, self.done, self.failed, self.epochs = event.finished, 0, 0, 0
        self.began, self.now, self.scores = time.monotonic(), {}, {}

    def _finish(self, event: "Finished") -> None:
        outcome, label = event.outcome, str(event.outcome.columns["activation"])
        self.now.pop(event.member.id, None)
        self.done += 1
        self.failed += outcome.diverged_at is not None
        self.epochs += len(outcome.epochs)
        best = outcome.best
        if best and outcome.diverged_at is None:
            self.scores.setdefault(label, []).append(best.validation_score)

    def line(self) -> str:
        """Where the study stands."""
        seconds = time.monotonic() - self.began
        left = self.total - self.before - self.done
        parts = [f"{self.phase}: {self.before + self.done} of {self.total} networks"]
        parts += [f"{self.failed} diverged"] if self.failed else []
        if self.done:
            parts.append(f"{self.epochs / seconds:.3g} network-epochs/s")
            parts.append(f"{duration(seconds / self.done * left)} left" if left else "")
        return ", ".join(filter(None, parts))

    def picture(self) -> Group:
        """The same for a terminal, with what is under way and the best so far."""
        with self.lock:
            if not self.total:
                return Group("reading the data")
            where = Table.grid(padding=(0, 1))
            where.add_row(ProgressBar(self.total, self.before + self.done, width=20), self.line())
            return Group(where, *self._under_way(), *([self._best()] if self.scores else []))

    def _under_way(self) -> list[str]:
        latest = [*self.now.values()][-_SHOWN:]
        moments = sorted(latest, key=lambda moment: moment.member.id)
        return [
            f"  {moment.member.columns()['activation']}, seed {moment.member.seed}: epoch "
            f"{moment.progress.epoch} of {moment.progress.epochs}"
            for moment in moments
        ]

    def _best(self) -> Table:
        """Activations by mean validation score: not yet an answer, which needs equal seeds."""
        made = table("best so far", "validation", "networks")
        means = {label: fmean(scores) for label, scores in self.scores.items()}
        for label in sorted(means, key=means.__getitem__, reverse=True)[:_SHOWN]:
            made.add_row(label, f"{means[label]:.4f}", str(len(self.scores[label])))
        return made


class _Lines:
    """A line at the beginning, now and then, and when all is done."""

    def __init__(self, seen: _Seen, to: Console):
        self._seen, self._to, self._last = seen, to, time.monotonic()

    def tell(self, event: "Event") -> None:
        """Take note of an event, and say where the study stands if it is time."""
        from actscope.study import Begun, Finished

        self._seen.tell(event)
        with self._seen.lock:
            seen, now = self._seen, time.monotonic()
            ended = isinstance(event, Finished) and seen.before + seen.done == seen.total
            if isinstance(event, Begun) or ended or now - self._last >= _EVERY:
                self._to.print(seen.line(), soft_wrap=True)
                self._last = now
