import numpy as np
import pytest
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import Share, share_interval, with_failures


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize(("k", "n"), [(0, 1), (0, 10), (3, 10), (5, 5), (149, 150), (12, 400)])
@pytest.mark.parametrize(
    ("side", "alternative"), [("both", "two-sided"), ("lower", "greater"), ("upper", "less")]
)
def test_agrees_with_scipy(k, n, level, side, alternative):
    oracle = scipy_stats.binomtest(k, n, alternative=alternative).proportion_ci(level)
    found = share_interval(k, n, level, side=side)
    np.testing.assert_allclose((found.low, found.high), (oracle.low, oracle.high), atol=1e-9)
    assert (found.share, found.k, found.n, found.level) == (k / n, k, n, level)


def test_five_of_five_leave_an_even_chance_open():
    # (α/2)^(1/n) for n of n: 0.025^(1/5).
    found = share_interval(5, 5)
    assert found == Share(1.0, found.low, 1.0, 5, 5, 0.95)
    assert found.low == pytest.approx(0.025**0.2)
    assert round(found.low, 2) == 0.48


@pytest.mark.parametrize(("bound", "needed"), [(0.02, 149), (0.05, 59)])
def test_so_many_networks_without_a_fault_show_a_small_rate(bound, needed):
    # 1 - 0.05^(1/n), the rule of three made exact.
    assert share_interval(0, needed, side="upper").high == pytest.approx(1 - 0.05 ** (1 / needed))
    assert share_interval(0, needed, side="upper").high <= bound
    assert share_interval(0, needed - 1, side="upper").high > bound


def test_a_bound_of_one_side_leaves_the_other_open():
    assert share_interval(3, 10, side="upper").low == 0
    assert share_interval(3, 10, side="lower").high == 1


@pytest.mark.parametrize(("k", "n"), [(0, 7), (2, 9), (4.5, 9), (0.5, 3)])
def test_misses_mirror_hits(k, n):
    hits, misses = share_interval(k, n), share_interval(n - k, n)
    assert (misses.low, misses.high) == pytest.approx((1 - hits.high, 1 - hits.low))


def test_a_tie_lies_between_a_hit_and_a_miss():
    less, half, more = (share_interval(k, 8) for k in (5, 5.5, 6))
    assert less.low < half.low < more.low
    assert less.high < half.high < more.high
    assert half.share == 5.5 / 8


@pytest.mark.parametrize("p", [0.02, 0.3, 0.5])
@pytest.mark.parametrize("n", [5, 10, 30])
def test_covers_at_least_its_level(n, p):
    # Exactly, as a sum over all outcomes.
    chance = scipy_stats.binom.pmf(np.arange(n + 1), n, p)
    inside = [s.low <= p <= s.high for s in (share_interval(k, n) for k in range(n + 1))]
    assert chance[inside].sum() >= 0.95


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, 0), (float("nan"), 5)])
def test_an_impossible_count_is_refused(k, n):
    with pytest.raises(ActscopeError, match=r"runs; expected a count from 0 to n"):
        share_interval(k, n)


def test_an_unknown_side_or_level_is_refused(unchecked):
    with pytest.raises(ActscopeError, match="unknown side 'up'; expected one of both, lower, upp"):
        share_interval(1, 5, side="up")
    with pytest.raises(ActscopeError, match="level 95; expected a share"):
        share_interval(1, 5, level=95)


def test_diverged_runs_count_at_chance_and_their_share_is_told():
    values, failures = with_failures([0.9, float("nan"), 0.8, 0.4], [False, True, False, True], 0.1)
    np.testing.assert_array_equal(values, [0.9, 0.1, 0.8, 0.1])
    assert failures == share_interval(2, 4)


def test_without_failures_the_values_are_as_they_were():
    values, failures = with_failures(np.array([0.9, 0.8]), np.array([False, False]), 0.1)
    np.testing.assert_array_equal(values, [0.9, 0.8])
    assert (failures.share, failures.low, failures.n) == (0, 0, 2)


@pytest.mark.parametrize(
    ("values", "diverged", "chance", "message"),
    [
        ([0.9, 0.8], [True], 0.1, "2 values and 1 marks of divergence; expected one of each a run"),
        ([], [], 0.1, r"values of shape \(0,\)"),
        ([0.9, float("nan")], [True, False], 0.1, "value 1 of 2 is nan; expected finite"),
        ([0.9, 0.8], [True, False], float("nan"), "value 0 of 2 is nan"),
    ],
)
def test_marks_that_do_not_fit_the_values_are_refused(values, diverged, chance, message):
    with pytest.raises(ActscopeError, match=message):
        with_failures(values, diverged, chance)
