"""How fast networks learn: epochs until a score is reached, and the area under the curve.

A curve is the validation score after each epoch of one run; larger is better.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError


@dataclass(frozen=True)
class Reached:
    """When each run reached a score, the ones that never did among them.

    Attributes:
        target: the score.
        epochs: for each run the first epoch, counted from 1, at whose end its score was at least
            `target`; None for a run that never got there (it is censored).
    """

    target: float
    epochs: tuple[int | None, ...]

    @property
    def n(self) -> int:
        """Number of runs, the censored ones included."""
        return len(self.epochs)

    @property
    def reached(self) -> int:
        """Number of runs that got there."""
        return sum(epoch is not None for epoch in self.epochs)

    @property
    def median(self) -> int | None:
        """First epoch by whose end at least half of all runs had got there; None if fewer ever did.

        It is the median of Kaplan and Meier (1958), with every censored run still on its way after
        the last epoch of any other: see `epochs_to` for why.
        """
        rank = (self.n + 1) // 2
        in_order = sorted(epoch for epoch in self.epochs if epoch is not None)
        return in_order[rank - 1] if len(in_order) >= rank else None


def epochs_to(
    curves: Sequence[Sequence[float] | Float[np.ndarray, " _"]], target: float
) -> Reached:
    """The epochs that runs of one recipe take to reach a score.

    A run that early stopping or divergence ended below the target counts as never reaching it, not
    as unknown from its last epoch on. Kaplan and Meier's estimate takes runs that leave to be like
    those that stay; these leave *because* they no longer improve, and to take them out of the count
    would make a recipe that gives up look fast. The question answered is "when does this recipe
    get there, if it does?", so all runs must have had the same limit of epochs.

    A run that diverged after it had reached the target did reach it.

    Args:
        curves: one a run, of any lengths; NaN and infinity, of a diverged run, reach nothing.
        target: in the unit of the scores.

    Raises:
        ActscopeError: no curves, a curve that is not a row of numbers, or a target that is not
            finite.
    """
    if not len(curves):
        raise ActscopeError("no curves", expected="one a run, at least one")
    if not np.isfinite(target):
        raise ActscopeError(f"target {target}", expected="a finite score")
    return Reached(target, tuple(_first(curve, target) for curve in curves))


def area_under(curve: Sequence[float] | Float[np.ndarray, " epoch"], horizon: int) -> float:
    """Mean score over the epochs 1 … horizon: (1/H) Σ score(epoch), in the unit of the score.

    Every epoch weighs the same, so that a constant curve gives its constant; later epochs than the
    horizon do not enter. A run that stopped before it keeps its best score so far, which is what
    its chosen network has. Only areas of one horizon can be compared.

    A diverged run has no area: let `with_failures` count it at chance level.

    Args:
        curve: score after each epoch, at least one.
        horizon: number of epochs, at least 1; the same for every run.

    Raises:
        ActscopeError: a horizon below 1, an empty curve, or a score that is NaN or infinite.
    """
    if horizon < 1:
        raise ActscopeError(f"horizon {horizon}", expected="a number of epochs, at least 1")
    scores = _scores(curve)
    bad = np.flatnonzero(~np.isfinite(scores))
    if bad.size or not scores.size:
        got = f"score {scores[bad[0]]} at epoch {bad[0] + 1}" if bad.size else "no scores"
        raise ActscopeError(
            got,
            expected="a finite score at every epoch",
            do="count a diverged run by with_failures",
        )
    missing = max(horizon - scores.size, 0)
    return float((scores[:horizon].sum() + missing * scores.max()) / horizon)


def _first(curve: Sequence[float] | np.ndarray, target: float) -> int | None:
    """The first epoch with a finite score of at least the target."""
    scores = _scores(curve)
    there = np.flatnonzero(np.isfinite(scores) & (scores >= target))
    return int(there[0]) + 1 if there.size else None


def _scores(curve: Sequence[float] | np.ndarray) -> np.ndarray:
    scores = np.asarray(curve, np.float64)
    if scores.ndim != 1:
        raise ActscopeError(f"a curve of shape {scores.shape}", expected="one score an epoch")
    return scores
