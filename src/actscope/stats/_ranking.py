"""Whether the ranking of treatments, such as activations, changes with the level of a factor."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Float, Float64

from actscope._errors import ActscopeError
from actscope.stats._blocks import whole
from actscope.stats._interval import Interval

_EQUAL = 1e-12  # scores that differ by less, relative to the largest, are equal


@dataclass(frozen=True)
class Reversal:
    """A pair of treatments that change places: one is better at level a, the other at level b.

    Attributes:
        better: the one that is better at level a.
        worse: the one that is worse there, and better at level b.
        level_a: where the lower end of the pair's interval is highest.
        interval_a: of `better` minus `worse` there; above 0.
        level_b: where the upper end is lowest.
        interval_b: of `better` minus `worse` there; below 0.
    """

    better: Hashable
    worse: Hashable
    level_a: Hashable
    interval_a: Interval
    level_b: Hashable
    interval_b: Interval


@dataclass(frozen=True)
class RankingChange:
    """What the intervals of all pairs at all levels say together.

    Attributes:
        verdict: `changes`: some pair changes places. `stays`: every pair is told apart at every
            level, always with the same sign. `undecided`: neither is shown; the ranking may well
            change, but these seeds do not tell.
        evidence: each pair that changes places, once, where its intervals are farthest from 0.
        ranks: at each level all treatments, best mean first; ties in the order given.
        tested: intervals adjusted together, pairs × levels.
        told_apart: how many of them exclude 0.
        n: number of seeds.
        level: of all intervals together. Each one's own is higher, in `Interval.level`.
    """

    verdict: Literal["changes", "stays", "undecided"]
    evidence: tuple[Reversal, ...]
    ranks: Mapping[Hashable, tuple[Hashable, ...]]
    tested: int
    told_apart: int
    n: int
    level: float

    @property
    def changes(self) -> bool:
        """Some pair is shown to change places."""
        return self.verdict == "changes"


def ranking_changes(
    scores: Float[np.ndarray, "seed treatment level"],
    treatments: Sequence[Hashable],
    levels: Sequence[Hashable],
    *,
    level: float = 0.95,
) -> RankingChange:
    """Whether some pair of treatments provably changes places between two levels of a factor.

    Every pair's difference at every level, paired by seed, gets a t interval at level
    1 - (1 - level)/m, m = pairs × levels (Bonferroni): all m hold their true differences together
    in at least `level` of studies, if differences are normal. The ranking changes where a pair's
    intervals exclude 0 with opposite signs at two levels. A change is claimed where there is none
    in at most 1 - level of studies, and so is a ranking that stays.

    n counts seeds alone. Other factors are averaged out before, a mean a seed: a score of each of
    their levels as a row of its own would be a pseudo-replicate, and the intervals far too short.
    A difference that is the same for every seed has no interval, as in `Paired`, and tells nothing
    apart.

    Args:
        scores: larger is better.
        treatments: what is ranked, at least 2.
        levels: of one factor, at least 2.
        level: of all intervals together.

    Raises:
        ActscopeError: fewer than 2 seeds, treatments or levels, a name twice, another shape, a
            score that is NaN or infinite, an impossible level.

    Reference:
        Gail and Simon (1985), Biometrics 41, 361, for change of sign as the interaction that
        matters to a choice; the simultaneous intervals are Bonferroni's.
    """
    values = whole(scores, level)
    _check_names(values, treatments, levels)
    pairs = tuple(combinations(treatments, 2))
    family = _family(values, level)
    low, high = family.mean - family.margin, family.mean + family.margin
    evidence = tuple(
        _reversal(family, row, pairs[row], levels)
        for row in np.flatnonzero((low > 0).any(axis=1) & (high < 0).any(axis=1)).tolist()
    )
    told_apart = int(((low > 0) | (high < 0)).sum())
    stays = told_apart == low.size and not evidence
    return RankingChange(
        verdict="changes" if evidence else "stays" if stays else "undecided",
        evidence=evidence,
        ranks=_ranks(values, treatments, levels),
        tested=low.size,
        told_apart=told_apart,
        n=len(values),
        level=level,
    )


def _check_names(
    values: np.ndarray, treatments: Sequence[Hashable], levels: Sequence[Hashable]
) -> None:
    if values.shape[1:] != (len(treatments), len(levels)):
        raise ActscopeError(
            f"scores of shape {values.shape}, {len(treatments)} treatments, {len(levels)} levels",
            expected="axes seed, treatment, level",
            do="average the other factors out",
        )
    for what, names in (("treatments", treatments), ("levels", levels)):
        if len(set(names)) < max(2, len(names)):
            raise ActscopeError(f"{what} {list(names)}", expected="at least 2, each once")


@dataclass(frozen=True)
class _Family:
    """Simultaneous intervals, mean ± margin, of `n` differences each; infinite without scatter."""

    mean: Float64[np.ndarray, "pair level"]
    margin: Float64[np.ndarray, "pair level"]
    n: int
    level: float

    def interval(self, pair: int, column: int) -> Interval:
        mean, margin = float(self.mean[pair, column]), float(self.margin[pair, column])
        return Interval(mean, mean - margin, mean + margin, self.n, self.level)


def _family(values: np.ndarray, level: float) -> _Family:
    """Pairs in the order of `combinations`; each interval at its share of what may go wrong."""
    from scipy.special import stdtrit

    n, treatments, _ = values.shape
    first, second = np.triu_indices(treatments, 1)
    differences = values[:, first] - values[:, second]
    # Means over other factors of equal scores may differ by rounding alone: no difference.
    rounding = _EQUAL * np.abs(values).max()
    differences[np.abs(differences) <= rounding] = 0
    wrong = (1 - level) / differences[0].size
    quantile = float(stdtrit(n - 1, 1 - wrong / 2))
    margin = quantile * differences.std(axis=0, ddof=1) / math.sqrt(n)
    margin[np.ptp(differences, axis=0) <= rounding] = np.inf
    return _Family(differences.mean(axis=0), margin, n, 1 - wrong)


def _reversal(
    family: _Family, row: int, pair: tuple[Hashable, Hashable], levels: Sequence[Hashable]
) -> Reversal:
    a = int(np.argmax(family.mean[row] - family.margin[row]))
    b = int(np.argmin(family.mean[row] + family.margin[row]))
    return Reversal(*pair, levels[a], family.interval(row, a), levels[b], family.interval(row, b))


def _ranks(
    values: np.ndarray, treatments: Sequence[Hashable], levels: Sequence[Hashable]
) -> dict[Hashable, tuple[Hashable, ...]]:
    order = np.argsort(-values.mean(axis=0), axis=0, kind="stable")
    return {
        level: tuple(treatments[i] for i in order[:, column]) for column, level in enumerate(levels)
    }
