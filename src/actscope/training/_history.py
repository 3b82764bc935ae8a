"""What one training run did, epoch by epoch, and when it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actscope._form import NUMBER, require
from actscope.training._recipe import Recipe


@dataclass(frozen=True)
class Epoch:
    """One pass over the training set and the evaluation after it.

    A score is that of the task, such as the accuracy as a fraction of 1; a loss of classification
    is in nats.

    Attributes:
        number: counted from 1.
        train_loss: mean over the epoch's steps of the batch's mean loss.
        train_score: mean over the epoch's steps.
        validation_loss: mean over the validation set.
        validation_score: over the validation set.
        seconds: wall time of all that the epoch took, shared among the runs that went side by side.
    """

    number: int
    train_loss: float
    train_score: float
    validation_loss: float
    validation_score: float
    seconds: float


@dataclass(frozen=True)
class History:
    """Every finished epoch of one run, and how the run ended.

    Attributes:
        epochs: in order, from 1.
        diverged_at: the step, counted from 1 over the whole run, whose loss was the first not to
            be finite; None if all were. An epoch's last step also counts as such if it leaves a
            network whose validation loss is not finite.
    """

    epochs: tuple[Epoch, ...] = ()
    diverged_at: int | None = None

    @property
    def best(self) -> Epoch | None:
        """The first epoch with the highest validation score; None before the first."""
        return max(self.epochs, key=lambda epoch: epoch.validation_score, default=None)

    @property
    def curve(self) -> tuple[list[float], list[float], int | None]:
        """Validation and training score of each epoch, and the best one's number."""
        return (
            [epoch.validation_score for epoch in self.epochs],
            [epoch.train_score for epoch in self.epochs],
            self.best.number if self.best else None,
        )

    @classmethod
    def of_json(cls, values: Any) -> "History":
        """The history of which `dataclasses.asdict` made these JSON values.

        Raises:
            ActscopeError: they are none of the kind.
        """
        require(values, _FORM, "its history")
        epochs = ({name: each[name] for name in _EPOCH} for each in values["epochs"])
        return cls(tuple(Epoch(**each) for each in epochs), values["diverged_at"])

    def is_over(self, recipe: Recipe) -> bool:
        """Whether the run ends here: diverged, out of epochs, or out of patience.

        Out of patience is the tutorial's `best_val_epoch <= epoch - patience`.
        """
        done = len(self.epochs)
        if self.diverged_at is not None or done >= recipe.epochs:
            return True
        return self.best is not None and self.best.number <= done - recipe.patience


_EPOCH: Mapping[str, Any] = {
    "number": int,
    **dict.fromkeys(("train_loss", "train_score", "validation_loss", "validation_score"), NUMBER),
    "seconds": NUMBER,
}
_FORM = {"epochs": [_EPOCH], "diverged_at": (int, type(None))}
