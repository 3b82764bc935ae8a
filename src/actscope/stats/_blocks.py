"""Scores in whole blocks: every seed has a score of every cell."""

import numpy as np
from jaxtyping import Float, Float64

from actscope._errors import ActscopeError
from actscope.stats._interval import _checked_level


def whole(
    scores: Float[np.ndarray, " seed *cell"], level: float
) -> Float64[np.ndarray, " seed *cell"]:
    """The scores in float64, once they and the level of confidence can carry an analysis.

    Raises:
        ActscopeError: fewer than 2 seeds, a score that is NaN or infinite, an impossible level.
    """
    _checked_level(level)
    seeds = scores.shape[0] if scores.ndim else 0
    if seeds < 2:
        raise ActscopeError(
            f"scores of {seeds} seed{'s' * (seeds != 1)}",
            expected="at least 2 seeds, or noise cannot be told from effect",
            do="add seeds; epochs and images do not count",
        )
    bad = int((~np.isfinite(scores)).sum())
    if bad:
        raise ActscopeError(
            f"{bad} of {scores.size} scores are NaN or infinite",
            expected="finite numbers",
            do="count a diverged run at chance level, never leave it out",
        )
    return scores.astype(np.float64)
