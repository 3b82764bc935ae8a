import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.stats import Interval, curve_intervals, mean_interval

NAN = float("nan")


def test_each_epoch_has_the_interval_of_the_best_scores_so_far():
    scores = np.random.default_rng(0).uniform(0, 1, (5, 12))
    found = curve_intervals(scores.tolist(), level=0.9)
    assert len(found) == 12
    for epoch, interval in enumerate(found, 1):
        assert interval == mean_interval([run[:epoch].max() for run in scores], 0.9)


def test_a_run_that_stopped_keeps_its_best_to_the_end_of_the_longest():
    found = curve_intervals([[0.5, 0.7, 0.6], [0.4, 0.5, 0.6, 0.7, 0.8]])
    assert [interval.mean for interval in found] == pytest.approx([0.45, 0.6, 0.65, 0.7, 0.75])
    assert {interval.n for interval in found} == {2}


def test_a_run_that_diverged_counts_at_chance_from_then_on():
    found = curve_intervals([[0.5, 0.7, NAN], [0.5, 0.6, 0.6, 0.8], [NAN]], chance=0.1)
    assert [interval.mean for interval in found] == pytest.approx(
        [(0.5 + 0.5 + 0.1) / 3, (0.7 + 0.6 + 0.1) / 3, (0.1 + 0.6 + 0.1) / 3, 1.0 / 3]
    )
    assert {interval.n for interval in found} == {3}


def test_a_chance_level_changes_nothing_where_no_run_diverged():
    runs = [[0.05, 0.7], [0.3, 0.2, 0.4]]
    assert curve_intervals(runs, chance=0.1) == curve_intervals(runs)


def test_a_single_run_has_no_interval():
    assert curve_intervals([[-2.0, -3.0]]) == (Interval(-2.0, None, None, 1, 0.95),) * 2


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([], "no run; expected at least one"),
        ([[0.5], []], r"scores \[\] of run 1; expected finite ones, at least one"),
        ([[0.5, NAN, 0.6]], r"scores \[0.5, nan, 0.6\] of run 0; expected finite ones"),
        ([[0.5, float("inf")]], "of run 0; expected finite ones"),
        ([[0.5], [NAN]], "run 1 diverged; give the chance level"),
    ],
)
def test_runs_that_have_no_curve_are_refused(runs, message):
    with pytest.raises(ActscopeError, match=message):
        curve_intervals(runs)


def test_an_impossible_level_is_refused():
    with pytest.raises(ActscopeError, match="level 95; expected a share"):
        curve_intervals([[0.5, 0.6]], level=95)
