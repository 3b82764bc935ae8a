import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import Interval, mean_interval, prediction_interval

ACCURACIES = [0.8846, 0.8857, 0.8865, 0.8833, 0.8832]


@pytest.mark.parametrize("level", [0.5, 0.95, 0.9917])
@pytest.mark.parametrize("n", [2, 3, 10, 200])
def test_mean_interval_agrees_with_scipy(n, level):
    values = np.random.default_rng(n).gamma(2.0, 3.0, n)
    found = mean_interval(values, level)
    low, high = scipy_stats.t.interval(
        level, n - 1, loc=np.mean(values), scale=scipy_stats.sem(values)
    )
    np.testing.assert_allclose(
        (found.mean, found.low, found.high), (np.mean(values), low, high), rtol=1e-12
    )
    assert (found.n, found.level) == (n, level)


def test_two_values_have_the_quantile_of_cauchy():
    # At one degree of freedom t is Cauchy: quantile tan(π(p - ½)). For 0 and 2: s = √2, s/√n = 1.
    quantile = math.tan(math.pi * 0.475)
    found = mean_interval([0, 2])
    assert (found.mean, found.n, found.level) == (1.0, 2, 0.95)
    assert (found.low, found.high) == pytest.approx((1 - quantile, 1 + quantile))


def test_three_values_have_the_closed_form_of_two_degrees_of_freedom():
    # Student's quantile there is 2u·√(2/(1 - 4u²)) with u = p - ½; -1, 0, 1 have s = 1.
    u = 0.45
    quantile = 2 * u * math.sqrt(2 / (1 - 4 * u**2))
    found = prediction_interval([-1.0, 0.0, 1.0], level=0.9)
    assert (found.mean, found.n, found.level) == (0.0, 3, 0.9)
    assert found.high == pytest.approx(quantile * math.sqrt(1 + 1 / 3))
    assert found.low == -found.high


@pytest.mark.parametrize("n", [2, 5, 30])
def test_a_new_run_scatters_more_than_the_mean_by_the_root_of_n_plus_1(n):
    values = np.random.default_rng(n).normal(5, 2, n)
    mean, new = mean_interval(values), prediction_interval(values)
    assert new.high - new.mean == pytest.approx((mean.high - mean.mean) * math.sqrt(n + 1))


def test_intervals_move_and_scale_with_the_values():
    for interval in (mean_interval, prediction_interval):
        fraction = interval(ACCURACIES)
        percent = interval([100 * value - 80 for value in ACCURACIES])
        for end in ("mean", "low", "high"):
            assert getattr(percent, end) == pytest.approx(100 * getattr(fraction, end) - 80)


@pytest.mark.parametrize("interval", [mean_interval, prediction_interval])
def test_a_single_value_gives_no_interval(interval):
    assert interval([0.88]) == Interval(0.88, None, None, 1, 0.95)


@pytest.mark.parametrize("interval", [mean_interval, prediction_interval])
def test_equal_values_leave_no_room(interval):
    assert interval([0.5, 0.5, 0.5]) == Interval(0.5, 0.5, 0.5, 3, 0.95)


@pytest.mark.heavy
@pytest.mark.parametrize("n", [3, 5, 10])
def test_coverage_on_normal_data_is_95_percent(n):
    # 10,000 repetitions: the standard error of the share is 0.22 %, so ±1 % is 4.6 of them.
    runs = np.random.default_rng(n).normal(3, 7, (10_000, n + 1))
    means = [mean_interval(run) for run in runs[:, :n]]
    assert np.mean([i.low <= 3 <= i.high for i in means]) == pytest.approx(0.95, abs=0.01)
    news = [prediction_interval(run) for run in runs[:, :n]]
    inside = [i.low <= new <= i.high for i, new in zip(news, runs[:, n], strict=True)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("interval", [mean_interval, prediction_interval])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], r"values of shape \(0,\); expected one number a run, at least one"),
        ([0.5, float("nan")], "value 1 of 2 is nan; expected finite numbers; count a diverged"),
        ([float("inf"), 1.0, 2.0], "value 0 of 3 is inf; expected finite"),
    ],
)
def test_values_that_have_no_mean_are_refused(interval, values, message):
    with pytest.raises(ActscopeError, match=message):
        interval(values)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_an_impossible_level_is_refused(level):
    with pytest.raises(ActscopeError, match=r"level .*; expected a share between 0 and 1"):
        mean_interval([1.0, 2.0], level=level)


def test_equal_values_do_not_scatter_by_rounding():
    found = mean_interval([0.1, 0.1, 0.1])  # whose mean NumPy rounds to another number
    assert (found.mean, found.low, found.high) == (0.1, 0.1, 0.1)
