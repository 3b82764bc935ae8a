"""Whether intervals hold the truth, and tests err, as often as they say: by simulation.

Prints the tables of docs/statistics.md, in about four minutes. With 10,000 repetitions the standard
error of a share of 95 % is 0.2 points. `--repetitions 500` gives a first look.
"""

import argparse
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import stats as scipy_stats
from scipy.integrate import quad

from actscope.stats import (
    Interval,
    average_ranks,
    bca_interval,
    critical_difference,
    friedman,
    holm,
    importance,
    mean_interval,
    paired,
    prediction_interval,
    ranking_changes,
    seeds_for,
    share_interval,
)

ALPHA = 0.05
INTERVAL_SEEDS = (5, 10, 20, 30)
TEST_SEEDS = (5, 10, 20)
CHUNK = 20  # rows that scipy resamples with the same indices
DISTRIBUTIONS = {
    "normal": scipy_stats.norm(),
    "exponential": scipy_stats.expon(),
    "lognormal": scipy_stats.lognorm(1),
}
Table = dict[str, list[float | None]]  # a share for each number of seeds; None where not shown


def middle_half(distribution: Any) -> float:
    """Mean of the distribution between its quartiles."""
    return 2 * quad(distribution.ppf, 0.25, 0.75)[0]


@dataclass(frozen=True)
class Resampled:
    """A statistic with a BCa interval.

    Attributes:
        statistic: of rows, along an axis.
        true: its value in a distribution.
        first: seeds from which on it is tried here.
        resamples: 9,999 in the library; a tenth costs up to half a point of coverage.
    """

    statistic: Callable[..., Any]
    true: Callable[[Any], float]
    first: int
    resamples: int


RESAMPLED = {
    "mean, BCa": Resampled(np.mean, lambda distribution: distribution.mean(), 5, 9999),
    "median, BCa": Resampled(np.median, lambda distribution: distribution.median(), 20, 999),
    "interquartile mean, BCa": Resampled(
        partial(scipy_stats.trim_mean, proportiontocut=0.25), middle_half, 20, 999
    ),
}


def holds(intervals: Sequence[Interval], truth: np.ndarray | float) -> float:
    """Share of intervals that hold the truth."""
    low, high = np.array([(each.low, each.high) for each in intervals]).T
    return float(np.mean((low <= truth) & (truth <= high)))


def bca(rows: np.ndarray, what: Resampled, seed: int) -> np.ndarray:
    """Low and high end for each row, by scipy on many rows at a time."""
    generator = np.random.default_rng(seed)
    ends = [
        scipy_stats.bootstrap(
            (np.sort(chunk),), what.statistic, axis=-1, n_resamples=what.resamples, rng=generator
        ).confidence_interval
        for chunk in np.split(rows, range(CHUNK, len(rows), CHUNK))
    ]
    return np.concatenate([np.stack([each.low, each.high], axis=1) for each in ends])


def check_bca(rows: np.ndarray, what: Resampled) -> None:
    """Many rows at a time must have the ends that the library gives each.

    Of whole numbers: their sums have no rounding. Of 5 values one resample in 26 has the mean of
    the values themselves, and rounding would decide on which side of it.
    """
    rows = np.rint(1000 * rows)
    one_by_one = [
        bca_interval(row, what.statistic, seed=0, resamples=what.resamples) for row in rows
    ]
    np.testing.assert_allclose(bca(rows, what, seed=0), one_by_one, rtol=1e-9)


def bca_coverage(rows: np.ndarray, what: Resampled, truth: float) -> float:
    """Share of rows whose BCa interval holds the truth."""
    check_bca(rows[:3], what)
    low, high = bca(rows, what, seed=1).T
    return float(np.mean((low <= truth) & (truth <= high)))


def coverage(repetitions: int) -> Table:
    """How often each interval of a setting holds what it is for."""
    table: Table = {}
    for name, distribution in DISTRIBUTIONS.items():
        draws = {n: distribution.rvs((repetitions, n + 1), random_state=n) for n in INTERVAL_SEEDS}
        table[f"mean, t ({name})"] = [
            holds([mean_interval(row) for row in draws[n][:, 1:]], distribution.mean())
            for n in INTERVAL_SEEDS
        ]
        table[f"one more run, t ({name})"] = [
            holds([prediction_interval(row) for row in draws[n][:, 1:]], draws[n][:, 0])
            for n in INTERVAL_SEEDS
        ]
        for what, each in RESAMPLED.items():
            truth = each.true(distribution)
            table[f"{what} ({name})"] = [
                bca_coverage(draws[n][:, 1:], each, truth) if n >= each.first else None
                for n in INTERVAL_SEEDS
            ]
    return table | {f"share, p = {p}": share_coverage(p, repetitions) for p in (0.02, 0.1, 0.5)}


def share_coverage(p: float, repetitions: int) -> list[float | None]:
    """Share of Clopper–Pearson intervals that hold p, for each number of seeds."""
    found: list[float | None] = []
    for n in INTERVAL_SEEDS:
        inside = np.array(
            [s.low <= p <= s.high for s in (share_interval(k, n) for k in range(n + 1))]
        )
        found.append(float(inside[np.random.default_rng(n).binomial(n, p, repetitions)].mean()))
    return found


def importance_coverage(repetitions: int) -> Table:
    """How often the interval of a share of variance holds the true share.

    Six activations by three depths, both with an effect, none together; unequal seeds and noise.
    """
    main, depth = np.array([0, 0, 0, 0.5, 1, 1]), np.array([0, 0.2, 0.8])
    seed_sd, noise_sd = 0.3, 0.5
    parts = np.array([main.var(), 0.0, noise_sd**2])
    truth = parts / (main.var() + depth.var() + seed_sd**2 + noise_sd**2)
    names = ["an effect", "no effect", "residual"]
    table: Table = {f"share of variance: {name}": [] for name in names}
    for n in TEST_SEEDS:
        generator = np.random.default_rng(n)
        inside = np.zeros(3)
        for _ in range(repetitions):
            noise = noise_sd * generator.normal(size=(n, 6, 3))
            seeds = seed_sd * generator.normal(size=(n, 1, 1))
            found = importance(main[:, None] + depth + seeds + noise, ["activation", "depth"])
            shares = {part.factors: part for part in found.effects}
            both = shares["activation", "depth"]
            ends = [(s.low, s.high) for s in (shares["activation",], both, found.residual)]
            low, high = np.array(ends).T
            inside += (low <= truth) & (truth <= high)
        for name, count in zip(names, inside, strict=True):
            table[f"share of variance: {name}"].append(float(count / repetitions))
    return table


def size(repetitions: int) -> Table:
    """How often each test, where there is nothing to find, finds something at 5 %."""
    table: Table = {}
    for name, distribution in DISTRIBUTIONS.items():
        exact, t = zip(
            *(lone_errors(distribution, n, repetitions) for n in TEST_SEEDS), strict=True
        )
        table[f"exact sign-flip ({name})"] = list(exact)
        table[f"paired t ({name})"] = list(t)
    exact, t = zip(*(family_errors(n, repetitions) for n in TEST_SEEDS), strict=True)
    table["any of five by Holm, exact sign-flip"] = list(exact)
    table["any of five by Holm, paired t"] = list(t)
    for k in (3, 6):
        ranks, pair = zip(*(rank_errors(n, k, repetitions) for n in TEST_SEEDS), strict=True)
        table[f"Friedman, {k} settings"] = list(ranks)
        table[f"any pair by Nemenyi, {k} settings"] = list(pair)
    table["a change of ranking, 6 settings × 3 levels"] = [
        ranking_errors(n, repetitions) for n in TEST_SEEDS
    ]
    return table


def rejected(p: np.ndarray) -> float:
    """Share of repetitions with any p ≤ 5 %; 1e-9 for the rounding of 2/2ⁿ times m."""
    return float(np.mean(p.reshape(len(p), -1).min(axis=1) <= ALPHA * (1 + 1e-9)))


def lone_errors(distribution: Any, n: int, repetitions: int) -> tuple[float, float]:
    """Exact and t: differences of two runs of the same distribution."""
    first, second = distribution.rvs((2, repetitions, n), random_state=n)
    found = [paired(row) for row in first - second]
    return (
        rejected(np.array([each.p_flip for each in found])),
        rejected(np.array([each.p_t for each in found])),
    )


def family_errors(n: int, repetitions: int) -> tuple[float, float]:
    """Exact and t: five settings against one baseline, normal."""
    scores = np.random.default_rng(n).normal(size=(repetitions, 6, n))
    found = [[paired(row) for row in each[1:] - each[0]] for each in scores]
    return (
        rejected(np.array([holm([one.p_flip for one in family]) for family in found])),
        rejected(np.array([holm([one.p_t for one in family]) for family in found])),
    )


def rank_errors(n: int, k: int, repetitions: int) -> tuple[float, float]:
    """Friedman and Nemenyi: k settings on n data sets.

    Without ties p falls as the ranks spread, so that a few calls find where it crosses 5 %.
    """
    tables = np.random.default_rng(n).normal(size=(repetitions, n, k))
    ranks = np.array([average_ranks(table) for table in tables])
    spread = ranks.var(axis=1).round(9)
    order = np.argsort(spread)
    first = bisect_left(order, True, key=lambda i: friedman(tables[i]).p <= ALPHA)
    found = float(np.mean(spread >= spread[order[first]])) if first < repetitions else 0.0
    return found, float(np.mean(np.ptp(ranks, axis=1) >= critical_difference(k, n)))


def ranking_errors(n: int, repetitions: int) -> float:
    """Share of studies in which some pair seems to change places, and none does.

    The hardest case: far apart at one level, so that the sign there is known, and equal elsewhere.
    """
    scores = np.random.default_rng(n).normal(size=(repetitions, n, 6, 3))
    scores[..., 0] += 100 * np.arange(6)
    found = [ranking_changes(each, "abcdef", "xyz").changes for each in scores]
    return float(np.mean(found))


def power(repetitions: int) -> None:
    """Whether the seeds asked for find the difference in 80 % of studies, and fewer do not."""
    print("| true difference | seeds asked for | found (%) | found by one seed fewer (%) |")
    print("| --- |" + " --- |" * 3)
    for effect in (2.0, 1.0, 0.5):
        n = seeds_for(1.0, effect)
        if n is None:
            raise ValueError(f"no number of seeds finds {effect} sd")
        found = []
        for seeds in (n, n - 1):
            rows = np.random.default_rng(seeds).normal(effect, 1, (repetitions, seeds))
            test = scipy_stats.ttest_1samp(rows, 0, axis=1)
            found.append(float(np.mean((test.pvalue <= ALPHA) & (test.statistic > 0))))
        print(f"| {effect} sd | {n} | {100 * found[0]:.1f} | {100 * found[1]:.1f} |")


def report(what: str, seeds: Sequence[int], table: Table) -> None:
    """A markdown table of shares in per cent."""
    print(f"| {what} | " + " | ".join(f"n = {n}" for n in seeds) + " |")
    print("| --- |" + " --- |" * len(seeds))
    for name, shares in table.items():
        cells = ["–" if share is None else f"{100 * share:.1f}" for share in shares]
        print(f"| {name} | {' | '.join(cells)} |")
    print(flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=10_000)
    repetitions = parser.parse_args().repetitions
    report("interval holds the truth (%)", INTERVAL_SEEDS, coverage(repetitions))
    report("interval holds the truth (%)", TEST_SEEDS, importance_coverage(repetitions))
    report("false finding at 5 % (%)", TEST_SEEDS, size(repetitions))
    power(repetitions)


if __name__ == "__main__":
    main()
