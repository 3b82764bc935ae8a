"""Shares of runs, such as those that diverged, with exact binomial intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from actscope._errors import ActscopeError, unknown
from actscope.stats._interval import _checked, _checked_level

Side = Literal["both", "lower", "upper"]
_SIDES = ("both", "lower", "upper")


@dataclass(frozen=True)
class Share:
    """A share k/n of runs, and an interval about the probability behind it; fractions of 1.

    Attributes:
        share: k/n.
        low: lower end; 0 for an upper bound alone.
        high: upper end; 1 for a lower bound alone.
        k: how many; a tie may count ½.
        n: of how many.
        level: share of such intervals that hold the probability, or more.
    """

    share: float
    low: float
    high: float
    k: float
    n: int
    level: float


def share_interval(k: float, n: int, level: float = 0.95, *, side: Side = "both") -> Share:
    """Clopper–Pearson interval of a probability: never covers less than `level`, often more.

    With q the tail left out ((1 - level)/2 for both sides, 1 - level for one), the ends are the
    q-quantile of Beta(k, n - k + 1) and the (1 - q)-quantile of Beta(k + 1, n - k). For k = 0 the
    upper bound alone is 1 - (1 - level)^(1/n), about 3/n at 95 %.

    Args:
        k: successes among n independent runs; ties count ½, and the quantiles interpolate.
        n: runs, at least one.
        level: between 0 and 1.
        side: "both" ends, or all of the error on the "lower" or "upper" one.

    Raises:
        ActscopeError: k does not lie in 0 … n, no runs, an impossible level or an unknown side.

    Reference: Clopper and Pearson (1934).
    """
    from scipy.special import betaincinv

    if n < 1 or not 0 <= k <= n:
        raise ActscopeError(f"{k} of {n} runs", expected="a count from 0 to n, of at least one run")
    if side not in _SIDES:
        raise unknown("side", side, _SIDES)
    tail = (1 - _checked_level(level)) / (2 if side == "both" else 1)
    low = float(betaincinv(k, n - k + 1, tail)) if k > 0 and side != "upper" else 0.0
    # By symmetry the quantile of a small tail: 1 - tail would lose digits that tail has.
    high = 1 - float(betaincinv(n - k, k + 1, tail)) if k < n and side != "lower" else 1.0
    return Share(k / n, low, high, k, n, level)


def with_failures(
    values: Sequence[float] | Float[np.ndarray, " n"],
    diverged: Sequence[bool] | Bool[np.ndarray, " n"],
    chance: float,
) -> tuple[Float[np.ndarray, " n"], Share]:
    """The values with every diverged run at chance level, and the share of runs that diverged.

    A failed run counts as a failed run. Left out, it would make a recipe that fails often look
    like one that never does.

    Args:
        values: score of each run, larger is better; of a diverged one anything, NaN too.
        diverged: for each run whether it did.
        chance: score of guessing, such as 1/classes for an accuracy and 0 for R².

    Raises:
        ActscopeError: the two differ in length or are empty, or a NaN or infinity among the
            chance level and the values of runs that did not diverge.
    """
    scores, failed = np.asarray(values, np.float64), np.asarray(diverged, bool)
    if scores.shape != failed.shape:
        raise ActscopeError(
            f"{scores.size} values and {failed.size} marks of divergence",
            expected="one of each a run",
        )
    counted = _checked(np.where(failed, chance, scores))
    return counted, share_interval(int(failed.sum()), failed.size)
