"""All comparisons that one answer prints: tested together, each with a verdict in plain words."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError, unknown
from actscope.stats._correction import benjamini_hochberg, holm
from actscope.stats._flip import RESAMPLES, flip_tests
from actscope.stats._interval import Interval, _checked, _checked_level
from actscope.stats._paired import Paired, mean_difference, paired
from actscope.stats._power import RELEVANT, SeedsRange, seeds_for_exact, seeds_range

Verdict = Literal["better", "worse", "not distinguishable"]
_Adjust = Callable[[Sequence[float]], np.ndarray]

_CORRECTIONS: dict[str, tuple[str, _Adjust]] = {
    "holm": ("Holm", holm),
    "benjamini_hochberg": ("Benjamini–Hochberg", benjamini_hochberg),
}


@dataclass(frozen=True)
class Comparison:
    """One comparison of a family, and what may be said of it.

    Attributes:
        label: what is compared, in the caller's words.
        paired: the comparison on its own, not adjusted for the others.
        interval: of the mean difference, at level 1 - α/m (Bonferroni): all m hold at once. It is
            a little wider than Holm's test, which may reject where it still holds 0.
        p: of the leading tests, adjusted over the family; the verdict is p ≤ α. None for a single
            pair.
        p_flip: of the exact test, adjusted over the exact tests of the family.
        p_t: of the paired t test, adjusted likewise.
        leads: which test does: the exact one from `Family.seeds_for_exact` pairs, else the t test.
            The number of pairs decides, never their values.
        verdict: of the first of the pair.
        seeds_needed: for 80 % power at the relevant difference, by the t test at α/m; None where
            the differences have no scatter to plan with.
        notes: what a reader must know beside the numbers.
    """

    label: str
    paired: Paired
    interval: Interval
    p: float | None
    p_flip: float | None
    p_t: float | None
    leads: Literal["exact", "t"]
    verdict: Verdict
    seeds_needed: SeedsRange | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Family:
    """Comparisons whose tests are adjusted for each other.

    Attributes:
        comparisons: in the order given.
        correction: "holm" (chance of any false verdict ≤ α) or "benjamini_hochberg" (expected
            share of false ones among the verdicts ≤ α, for tests that are independent or
            positively dependent, as those against one common baseline are).
        m: how many comparisons, those of a single pair included.
        level: 1 - α.
        exact_can_reject: whether the exact test leads in all of them.
        seeds_for_exact: pairs from which the exact test can reject whatever the others give.
    """

    comparisons: tuple[Comparison, ...]
    correction: str
    m: int
    level: float
    exact_can_reject: bool
    seeds_for_exact: int


def compare(
    pairs: Mapping[str, Sequence[float] | Float[np.ndarray, " _"]],
    *,
    correction: str = "holm",
    level: float = 0.95,
    relevant: float = RELEVANT,
) -> Family:
    """Tests every comparison that one answer prints, as one family.

    Args:
        pairs: for each label the differences, one a shared seed, larger being better. Their
            numbers may differ, where members are missing.
        correction: for the number of comparisons: "holm" or "benjamini_hochberg".
        level: 1 - α, and that of each comparison's own intervals.
        relevant: the smallest difference that matters, in the unit of the differences.

    Raises:
        ActscopeError: no comparison, an unknown correction, an impossible level or relevant
            difference, or differences that `paired` refuses.
    """
    if correction not in _CORRECTIONS:
        raise unknown("correction", correction, _CORRECTIONS)
    if not pairs:
        raise ActscopeError("no comparison", expected="at least one label with its differences")
    alpha, m = 1 - _checked_level(level), len(pairs)
    family = _Rules(correction, m, alpha, seeds_for_exact(m, alpha), relevant)
    differences = {label: _differences(label, values) for label, values in pairs.items()}
    flips = flip_tests(list(differences.values()), resamples=family.resamples)
    found = [
        paired(each, level=level, p_flip=p)
        for each, p in zip(differences.values(), flips, strict=True)
    ]
    comparisons = [
        _comparison(label, values, each, adjusted, family)
        for (label, values), each, adjusted in zip(
            differences.items(), found, family.adjusted(found), strict=True
        )
    ]
    exact = all(each.leads == "exact" for each in comparisons)
    return Family(tuple(comparisons), correction, m, level, exact, family.seeds_for_exact)


@dataclass(frozen=True)
class _Rules:
    """What all comparisons of a family share."""

    correction: str
    m: int
    alpha: float
    seeds_for_exact: int
    relevant: float

    @property
    def resamples(self) -> int:
        """Random flips, so many that α/m is ten times the smallest p."""
        return max(RESAMPLES, math.ceil(10 * self.m / self.alpha))

    def leads(self, one: Paired) -> Literal["exact", "t"]:
        return "exact" if one.n >= self.seeds_for_exact else "t"

    def adjusted(self, found: Sequence[Paired]) -> list[tuple[float | None, ...]]:
        """Adjusted p of the leading test, the exact one and t, for each comparison.

        The leading tests are adjusted as a family of their own: picked from two adjusted columns,
        they would spend α twice.
        """
        columns = (
            [one.p_flip if self.leads(one) == "exact" else one.p_t for one in found],
            [one.p_flip for one in found],
            [one.p_t for one in found],
        )
        return list(zip(*(self._adjust(column) for column in columns), strict=True))

    def _adjust(self, column: Sequence[float | None]) -> list[float | None]:
        """A comparison that could not be tested counts in m, as if its p were 1."""
        _, adjust = _CORRECTIONS[self.correction]
        every = adjust([1.0 if p is None else p for p in column])
        return [None if p is None else float(q) for p, q in zip(column, every, strict=True)]


def _comparison(
    label: str,
    values: Float[np.ndarray, " n"],
    one: Paired,
    adjusted: tuple[float | None, ...],
    family: _Rules,
) -> Comparison:
    each = family.alpha / family.m
    p, p_flip, p_t = adjusted
    return Comparison(
        label,
        one,
        interval=mean_difference(values, 1 - each),
        p=p,
        p_flip=p_flip,
        p_t=p_t,
        leads=family.leads(one),
        verdict=_verdict(p, one.difference.mean, family.alpha),
        seeds_needed=seeds_range(values, family.relevant, alpha=each),
        notes=_notes(one, family),
    )


def _verdict(p: float | None, difference: float, alpha: float) -> Verdict:
    if p is None or p > alpha:
        return "not distinguishable"
    return "better" if difference > 0 else "worse"


def _notes(one: Paired, family: _Rules) -> tuple[str, ...]:
    notes = [one.note] if one.note else []
    if family.leads(one) == "t":
        # By Benjamini–Hochberg it could, in the company of others that do.
        alone = "" if family.correction == "holm" else " on its own"
        needs = family.seeds_for_exact
        notes.append(f"the exact test cannot reject{alone} at this n; needs {needs}")
        if one.p_t is not None:
            name, _ = _CORRECTIONS[family.correction]
            notes.append(f"led by the {name}-adjusted paired t test, which assumes normality")
    return tuple(notes)


def _differences(label: str, values: Sequence[float] | np.ndarray) -> np.ndarray:
    try:
        return _checked(values)
    except ActscopeError as error:
        raise ActscopeError(f"comparison {label!r}: {error}") from error
