"""Learning curves of several seeds, of which some stopped early and some diverged."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError
from actscope.stats._interval import Interval, mean_interval


def curve_intervals(
    runs: Sequence[Sequence[float]], *, chance: float | None = None, level: float = 0.95
) -> tuple[Interval, ...]:
    """Interval for the mean, at each epoch, of the best score that each run has reached by then.

    That is the score of the network that the run would have kept, had it ended there. A run that
    stopped early keeps its best, and so n is the same at every epoch: a mean over those that are
    still running would be of other runs from epoch to epoch, in the end of the slowest alone. A
    run that diverged is a failure, and counts at chance level from then on.

    The best of several noisy scores lies above what its network scores on new data: such a curve
    shows how fast, and no final score.

    Args:
        runs: the validation score of each after each of its epochs, larger being better; NaN last
            if it diverged in that epoch. They may be of different lengths.
        chance: the score of a guess; needed where a run diverged.
        level: between 0 and 1.

    Returns:
        One interval an epoch, as many as the longest run has, in the unit of the scores.

    Raises:
        ActscopeError: no run, a run without an epoch, a score that is infinite, or NaN elsewhere
            than at the end, or without `chance`.
    """
    if not runs:
        raise ActscopeError("no run", expected="at least one")
    for place, scores in enumerate(runs):
        _check(place, scores, chance)
    horizon = max(len(scores) for scores in runs)
    table = np.stack([_kept(scores, horizon, chance) for scores in runs])
    return tuple(mean_interval(epoch, level) for epoch in table.T)


def _check(place: int, scores: Sequence[float], chance: float | None) -> None:
    whole = scores[:-1] if len(scores) and math.isnan(scores[-1]) else scores
    if not len(scores) or not all(math.isfinite(score) for score in whole):
        raise ActscopeError(
            f"scores {list(scores)} of run {place}",
            expected="finite ones, at least one, and NaN at most at the end",
        )
    if len(whole) < len(scores) and chance is None:
        raise ActscopeError(f"run {place} diverged", do="give the chance level that it counts at")


def _kept(
    scores: Sequence[float], horizon: int, chance: float | None
) -> Float[np.ndarray, " horizon"]:
    """The best so far, carried on to the horizon; chance level from where it is NaN."""
    best = np.maximum.accumulate(np.asarray(scores, np.float64))  # NaN if any so far is
    carried = np.pad(best, (0, horizon - len(best)), mode="edge")
    return carried if chance is None else np.where(np.isnan(carried), chance, carried)
