"""Where a run stands, for whoever watches it."""

from collections.abc import Callable
from dataclasses import dataclass

from actscope.training._history import History


@dataclass(frozen=True)
class Progress:
    """A run at one moment.

    Attributes:
        epoch: the epoch under way or just finished, from 1.
        epochs: how many there will be, at most.
        step: steps of the epoch that are done.
        steps: steps that an epoch takes.
        seconds: since the epoch began.
        history: the finished epochs, this one among them once it was evaluated.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    seconds: float
    history: History

    @property
    def batches_per_second(self) -> float:
        """Steps a second in this epoch so far; the first epoch's time has the compilation in it."""
        return self.step / self.seconds

    @property
    def seconds_left(self) -> float:
        """Until the last epoch is done, should none stop the run before it."""
        left = (self.epochs - self.epoch) * self.steps + self.steps - self.step
        return left / self.batches_per_second


Watch = Callable[[Progress], None]
