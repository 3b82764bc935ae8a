"""One setting against another, paired by seed: how far apart, how surely, in how many seeds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from actscope.stats._flip import RESAMPLES, ROUNDING, flip_test
from actscope.stats._interval import Interval, _checked, mean_interval
from actscope.stats._share import Share, share_interval


@dataclass(frozen=True)
class Paired:
    """What the differences of n pairs say; above 0 the first of each pair is the better.

    Attributes:
        n: pairs, one a seed.
        difference: the mean difference and its t interval, in the unit of the differences. No
            interval follows from fewer than two, or from differences that are all the same.
        effect_size: d_z, the mean in standard deviations of the differences, with Hedges'
            correction; None below n = 3, where the correction leaves nothing, and without scatter.
        improvement: probability of improvement: the share of positive differences, a tie counted
            as half a one, with the Clopper–Pearson interval (`share_interval`; with ties it covers
            no less, since a tie scatters less than a coin); None for a single pair.
        p_flip: of the exact sign-flip test (`flip_test`); None for a single pair.
        p_t: of the paired t test, which assumes normal differences; None for a single pair. 1
            without scatter: equal differences are a matter of rounding to whole images or of a
            seed that changed nothing, and t knows no scale then.
        note: what is missing, and why; empty where all is there.
    """

    n: int
    difference: Interval
    effect_size: float | None
    improvement: Share | None
    p_flip: float | None
    p_t: float | None
    note: str


def paired(
    differences: Sequence[float] | Float[np.ndarray, " n"],
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
    p_flip: float | None = None,
) -> Paired:
    """Describes and tests the differences of pairs that share a seed.

    Differences within 1e-9 of the largest count as equal, or as ties when so near to 0: they are
    the rounding of the scores.

    Args:
        differences: score of the one minus score of the other, one a seed, larger being better.
        level: of the intervals, between 0 and 1.
        resamples: random sign flips beyond n = 20.
        seed: of these flips.
        p_flip: what `flip_test` says, where that is known already.

    Raises:
        ActscopeError: no differences, one that is NaN or infinite, or an impossible level.
    """
    values = _checked(differences)
    difference, improvement = mean_difference(values, level), _improvement(values, level)
    if len(values) < 2:
        note = "one seed: no interval and no test"
        return Paired(1, difference, None, improvement, None, None, note)
    if p_flip is None:
        p_flip = flip_test(values, resamples=resamples, seed=seed)
    if not scatters(values):
        note = "all differences are equal: without scatter there is no t interval and no t test"
        return Paired(len(values), difference, None, improvement, p_flip, 1.0, note)
    effect, p_t = _effect_size(values), _t_test(values)
    return Paired(len(values), difference, effect, improvement, p_flip, p_t, "")


def scatters(values: Float[np.ndarray, " n"]) -> bool:
    """Whether the values differ by more than the rounding of what they were computed from."""
    return bool(np.ptp(values) > ROUNDING * np.abs(values).max())


def mean_difference(values: Float[np.ndarray, " n"], level: float) -> Interval:
    """The t interval of the mean, but none where nothing scatters: see `Paired`."""
    found = mean_interval(values, level)
    return found if scatters(values) else Interval(found.mean, None, None, found.n, level)


def _t_test(values: Float[np.ndarray, " n"]) -> float:
    from scipy.special import stdtr

    n = len(values)
    t = values.mean() / (values.std(ddof=1) / math.sqrt(n))
    return float(2 * stdtr(n - 1, -abs(t)))


def _effect_size(values: Float[np.ndarray, " n"]) -> float | None:
    """d_z·J with J = Γ(m/2) / (√(m/2)·Γ((m - 1)/2)), m = n - 1: unbiased for normal differences.

    Reference:
        Hedges (1981), Distribution theory for Glass's estimator of effect size, equation 6e.
    """
    freedom = len(values) - 1
    if freedom < 2:
        return None
    log_ratio = math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2)
    correction = math.exp(log_ratio) / math.sqrt(freedom / 2)
    return float(values.mean() / values.std(ddof=1)) * correction


def _improvement(values: Float[np.ndarray, " n"], level: float) -> Share | None:
    if len(values) < 2:
        return None
    tie = np.abs(values) <= ROUNDING * np.abs(values).max()
    wins = np.count_nonzero((values > 0) & ~tie) + np.count_nonzero(tie) / 2
    return share_interval(float(wins), len(values), level)
