from functools import partial

import numpy as np
import pytest
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import bca_interval


def interval(values, statistic=np.median, level=0.95, seed=0, **options):
    return bca_interval(values, statistic, level, seed=seed, **options)


def by_hand(values, statistic, level, resampled):
    """Efron's equations, one value left out at a time."""
    whole = statistic(values)
    below = np.mean(resampled < whole) / 2 + np.mean(resampled <= whole) / 2
    left_out = np.array([statistic(np.delete(values, i)) for i in range(values.size)])
    pull = left_out.mean() - left_out
    acceleration = np.sum(pull**3) / (6 * np.sum(pull**2) ** 1.5)
    bias = scipy_stats.norm.ppf(below)
    shifted = bias + scipy_stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])
    return np.quantile(
        resampled, scipy_stats.norm.cdf(bias + shifted / (1 - acceleration * shifted))
    )


@pytest.mark.parametrize("statistic", [np.mean, np.std, np.median])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_agrees_with_efrons_equations(statistic, level):
    values = np.sort(np.random.default_rng(1).exponential(size=25))
    drawn = np.random.default_rng(0).integers(0, 25, (4000, 25))
    expected = by_hand(values, statistic, level, statistic(values[drawn], axis=1))
    found = interval(values, statistic, level, resamples=4000)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("n", [5, 10, 30])
@pytest.mark.parametrize("statistic", [np.mean, np.median])
def test_has_the_ends_of_scipy(n, statistic):
    # Whole numbers: rounding does not decide whether a resample's mean is that of the values.
    # benchmarks/calibration.py asks scipy, for many rows at once.
    rows = np.sort(np.rint(1000 * np.random.default_rng(n).lognormal(size=(5, n))))
    together = scipy_stats.bootstrap(
        (rows,), statistic, axis=-1, n_resamples=999, method="BCa", rng=np.random.default_rng(0)
    ).confidence_interval
    each = [interval(row, statistic, resamples=999) for row in rows]
    np.testing.assert_allclose(each, np.stack([together.low, together.high], 1), rtol=1e-12)


def test_what_was_asked_between_changes_no_digit():
    values = np.random.default_rng(7).normal(size=20)
    before = interval(values)
    interval(values[:9])
    interval(values, resamples=99)
    interval(values, seed=1)
    assert interval(values) == before


def test_the_same_seed_gives_the_same_ends_in_any_order_of_runs():
    values = np.random.default_rng(3).normal(size=20)
    shuffled = np.random.default_rng(4).permutation(values)
    assert interval(values) == interval(shuffled) == interval(values.tolist())
    assert interval(values, np.mean, seed=1) != interval(values, np.mean)


def test_moves_and_scales_with_the_values():
    values = np.random.default_rng(5).gamma(2, size=20)
    low, high = interval(values)
    assert interval(100 * values - 80) == pytest.approx((100 * low - 80, 100 * high - 80))


@pytest.mark.parametrize("statistic", [np.mean, np.median, np.std])
def test_equal_values_have_a_point(statistic):
    assert interval([0.5] * 20, statistic) == pytest.approx((statistic([0.5] * 20),) * 2)


def test_ties_about_the_median_leave_the_plain_percentiles():
    # Leaving any one out, the median stays 1: there is no acceleration, and no NaN.
    values = np.array([0.0] * 6 + [1.0] * 3 + [4.0] * 6)
    drawn = np.random.default_rng(0).integers(0, 15, (999, 15))
    expected = np.quantile(np.median(values[drawn], axis=1), [0.025, 0.975])
    np.testing.assert_allclose(interval(values, resamples=999), expected)
    assert expected.tolist() == [0, 4]


def test_the_interval_of_a_median_covers_the_median():
    # 1,000 repetitions: four standard errors of the share are 2.8 %.
    rows = np.random.default_rng(20).normal(3, 7, (1000, 20))
    ends = np.array([interval(row, resamples=499, seed=i) for i, row in enumerate(rows)])
    covered = np.mean((ends[:, 0] <= 3) & (ends[:, 1] >= 3))
    assert covered == pytest.approx(0.95, abs=0.028)


@pytest.mark.parametrize(
    ("values", "level", "message"),
    [
        ([0.5], 0.95, "1 value; expected at least 2 to resample from"),
        ([], 0.95, r"values of shape \(0,\); expected one number a run"),
        ([0.5, float("nan")], 0.95, "value 1 of 2 is nan"),
        ([0.5, 0.6], 95, "level 95; expected a share between 0 and 1"),
    ],
)
def test_values_that_cannot_be_resampled_are_refused(values, level, message):
    with pytest.raises(ActscopeError, match=message):
        interval(values, level=level)


def test_a_statistic_may_be_any_that_takes_an_axis():
    upper = partial(np.quantile, q=0.9)
    values = np.random.default_rng(6).normal(size=40)
    low, high = interval(values, upper)
    assert low < np.quantile(values, 0.9) < high
