"""What one finished member of a study gave, in the shape in which training hands it over."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from actscope.study._axes import Shown
from actscope.training import Epoch

Monitors = Mapping[str, Mapping[str, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Outcome:
    """One member's results.

    A monitor's fields are arrays whose first axis is the epochs that were looked at, and whose
    `epoch` says which; NaN and infinity are kept as they are.

    Attributes:
        id: of the member; no other member of the study has it.
        phase: `compare` or `tune`.
        seed: of the first weights and of the order of the batches.
        settings: canonical JSON of one value of every axis; members that differ in seed and phase
            alone have the same.
        columns: the axes as they stand in tables, by name.
        parameters: how many numbers the network learns.
        epochs: those that ended with finite losses, in order.
        best_epoch: the number of the one whose network was kept; None if there was none.
        test_loss: of that network.
        test_score: likewise, by the task's score: larger is better.
        chance: the score of guessing.
        diverged_at: the step, counted from 1, that broke the training; None if none did.
        seconds: wall time of the training.
        dead: dead units at each site of the network that was kept, over the whole training set.
        units: units at each site.
        sites: by the site's name, in the order in which the signal meets them. Fields: `epoch`;
            `pre_mean`, `pre_variance`, `post_mean`, `post_variance`; `zero` and `saturated`, shares
            of 1; `gradient_rms`; `dead`, a count; `dead_mask`, bool of shape (epoch, unit);
            `low`, `high` and `histogram`, the ends of the bins and the counts in them, of shape
            (epoch, bin), of the pre-activations; with `post_` before them, of the
            post-activations; with `gradient_`, of the gradient at the pre-activations.
        layers: by the parameter's dotted name. Fields: `epoch`, `gradient_norm`, `weight_rms`,
            `update_ratio`.
    """

    id: str
    phase: str
    seed: int
    settings: str
    columns: Mapping[str, Shown]
    parameters: int
    epochs: tuple[Epoch, ...]
    best_epoch: int | None
    test_loss: float
    test_score: float
    chance: float
    diverged_at: int | None
    seconds: float
    dead: tuple[int, ...]
    units: tuple[int, ...]
    sites: Monitors
    layers: Monitors

    @property
    def best(self) -> Epoch | None:
        """The epoch whose network was kept."""
        return next((epoch for epoch in self.epochs if epoch.number == self.best_epoch), None)

    @property
    def epochs_run(self) -> int:
        """How many epochs ended with finite losses."""
        return len(self.epochs)

    @property
    def validation_loss(self) -> float | None:
        """Of the network that was kept."""
        return self.best.validation_loss if self.best else None

    @property
    def validation_score(self) -> float | None:
        """Of the network that was kept; it chose that network, so it flatters it."""
        return self.best.validation_score if self.best else None
