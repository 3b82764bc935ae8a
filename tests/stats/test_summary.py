import statistics

import numpy as np
import pytest
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import mean_interval, summarise


def runs(n):
    return np.random.default_rng(n).gamma(3, size=n)


@pytest.mark.parametrize("n", [2, 7, 8, 19, 20, 51])
def test_centre_and_scatter_agree_with_others(n):
    values = runs(n)
    found = summarise(values, level=0.9)
    assert (found.n, found.interval) == (n, mean_interval(values, 0.9))
    assert found.mean == pytest.approx(statistics.fmean(values))
    assert found.sd == pytest.approx(statistics.stdev(values))
    assert found.median == pytest.approx(statistics.median(values))


@pytest.mark.parametrize("n", [8, 9, 10, 11, 12, 20, 30])
def test_the_interquartile_mean_is_scipys_trimmed_mean(n):
    assert summarise(runs(n)).iqm == pytest.approx(scipy_stats.trim_mean(runs(n), 0.25))


def test_the_interquartile_mean_trims_whole_runs():
    # Of ten, two at each end: a quarter is 2½. What the far ones are does not matter.
    values = [-1e6, -5, 1, 2, 3, 4, 5, 6, 70, 1e9]
    assert summarise(values).iqm == pytest.approx((1 + 2 + 3 + 4 + 5 + 6) / 6)


def test_intervals_of_twenty_seeds_are_bca_of_a_fixed_seed():
    values, found = runs(20), summarise(runs(20), level=0.9)
    for ends, statistic in [(found.median_interval, np.median), (found.iqm_interval, trimmed)]:
        expected = scipy_stats.bootstrap(
            (np.sort(values),), statistic, confidence_level=0.9, rng=np.random.default_rng(0)
        ).confidence_interval
        assert ends == pytest.approx(tuple(expected))


def trimmed(values, axis):
    return scipy_stats.trim_mean(values, 0.25, axis=axis)


def test_the_order_of_the_runs_does_not_matter():
    first, second = summarise(runs(24)), summarise(runs(24)[::-1])
    assert first.median_interval == second.median_interval
    assert first.iqm_interval == second.iqm_interval


@pytest.mark.parametrize(
    ("n", "absent"),
    [
        (1, {"sd": 2, "interval": 2, "iqm": 8, "median_interval": 20, "iqm_interval": 20}),
        (2, {"iqm": 8, "median_interval": 20, "iqm_interval": 20}),
        (7, {"iqm": 8, "median_interval": 20, "iqm_interval": 20}),
        (8, {"median_interval": 20, "iqm_interval": 20}),
        (19, {"median_interval": 20, "iqm_interval": 20}),
        (20, {}),
    ],
)
def test_what_n_does_not_allow_is_absent_and_says_what_it_needs(n, absent):
    found = summarise(runs(n))
    assert found.missing == {name: f"needs {seeds} seeds" for name, seeds in absent.items()}
    numbers = ("interval", "sd", "median", "median_interval", "iqm", "iqm_interval")
    none = {name for name in numbers if getattr(found, name) is None}
    if found.interval.low is None:
        none.add("interval")
    assert none == set(absent)


def test_equal_runs_leave_no_room():
    found = summarise([0.5] * 20)
    assert (found.sd, found.median, found.iqm) == (0, 0.5, 0.5)
    assert found.median_interval == found.iqm_interval == (0.5, 0.5)


@pytest.mark.parametrize(
    ("values", "message"),
    [([], r"values of shape \(0,\)"), ([0.5, float("nan")], "count a diverged run at chance")],
)
def test_values_without_a_summary_are_refused(values, message):
    with pytest.raises(ActscopeError, match=message):
        summarise(values)


def test_an_impossible_level_is_refused():
    with pytest.raises(ActscopeError, match="level 1; expected a share"):
        summarise([0.5, 0.6], level=1)
