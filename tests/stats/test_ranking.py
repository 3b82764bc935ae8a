import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import mean_interval, ranking_changes

NAMES = ["relu", "swish", "tanh"]
DEPTHS = [2, 4]


def scores_of(means, n=6, sd=0.01, seed=0):
    """A score of every seed, treatment and level, about means of (treatment, level)."""
    means = np.asarray(means)
    return means + np.random.default_rng(seed).normal(0, sd, (n, *means.shape))


def test_treatments_that_change_places_are_named_with_their_intervals():
    scores = scores_of([[0.9, 0.5], [0.8, 0.8], [0.7, 0.2]])
    found = ranking_changes(scores, NAMES, DEPTHS)
    assert (found.verdict, found.changes, found.n, found.tested) == ("changes", True, 6, 6)
    (reversal,) = found.evidence
    assert (reversal.better, reversal.worse) == ("relu", "swish")
    assert (reversal.level_a, reversal.level_b) == (2, 4)
    for column, interval in enumerate((reversal.interval_a, reversal.interval_b)):
        expected = mean_interval(scores[:, 0, column] - scores[:, 1, column], 1 - 0.05 / 6)
        for end in ("mean", "low", "high", "n", "level"):
            assert getattr(interval, end) == pytest.approx(getattr(expected, end), rel=1e-9)
    assert reversal.interval_a.low > 0 > reversal.interval_b.high
    assert found.ranks == {2: ("relu", "swish", "tanh"), 4: ("swish", "relu", "tanh")}


def test_the_strongest_levels_are_the_evidence():
    scores = scores_of([[0.6, 0.9, 0.5, 0.1], [0.5, 0.5, 0.6, 0.8]])
    (reversal,) = ranking_changes(scores, ["relu", "tanh"], list("abcd")).evidence
    assert (reversal.level_a, reversal.level_b) == ("b", "d")


def test_every_pair_that_changes_places_is_evidence():
    found = ranking_changes(scores_of([[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]]), NAMES, DEPTHS)
    assert [(r.better, r.worse) for r in found.evidence] == list(combinations(NAMES, 2))


def test_a_ranking_that_is_the_same_everywhere_stays():
    found = ranking_changes(scores_of([[0.9, 0.6], [0.8, 0.5], [0.7, 0.1]]), NAMES, DEPTHS)
    assert (found.verdict, found.changes, found.evidence) == ("stays", False, ())
    assert found.told_apart == found.tested == 6


def test_what_the_seeds_do_not_tell_is_undecided():
    # One pair is equal at one depth; the means there may stand in either order.
    found = ranking_changes(scores_of([[0.9, 0.6], [0.8, 0.6], [0.7, 0.1]]), NAMES, DEPTHS)
    assert (found.verdict, found.changes, found.evidence) == ("undecided", False, ())
    assert (found.told_apart, found.tested) == (5, 6)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_as_many_intervals_exclude_zero_as_a_t_test_with_bonferroni_rejects(n):
    scores = np.random.default_rng(n).normal(size=(n, 4, 3)) + 3 * np.arange(12).reshape(4, 3)
    found = ranking_changes(scores, list("abcd"), [1, 2, 3], level=0.9)
    p = [
        scipy_stats.ttest_rel(scores[:, a, column], scores[:, b, column]).pvalue
        for a, b in combinations(range(4), 2)
        for column in range(3)
    ]
    assert found.tested == len(p) == 18
    assert found.told_apart == np.sum(np.array(p) < 0.1 / 18)


def test_pairing_by_seed_takes_the_seed_out():
    means = [[0.9, 0.5], [0.8, 0.8]]
    luck = np.random.default_rng(1).normal(0, 1, (6, 1, 2))
    plain = ranking_changes(scores_of(means), ["a", "b"], DEPTHS).evidence[0]
    lucky = ranking_changes(scores_of(means) + luck, ["a", "b"], DEPTHS).evidence[0]
    assert lucky.interval_a.low == pytest.approx(plain.interval_a.low)


@pytest.mark.heavy
def test_a_false_change_is_as_rare_as_the_adjusted_intervals_say():
    # a is better at one level by far, and equal at the other. A change is then claimed exactly
    # when the second interval lies below 0: α/(2m) = 0.05/4 of studies, with one pair, two levels.
    repetitions, generator = 4000, np.random.default_rng(2)
    claims = 0
    for noise in generator.normal(size=(repetitions, 5, 2, 2)):
        noise[:, 0, 0] += 100
        claims += ranking_changes(noise, ["a", "b"], DEPTHS).changes
    low, high = scipy_stats.binom.ppf([1e-4, 1 - 1e-4], repetitions, 0.05 / 4)
    assert low <= claims <= high


@pytest.mark.heavy
def test_all_intervals_together_err_as_often_as_they_say():
    # One pair at three levels, all independent: 1 - (1 - α/3)³ = 4.92 % of families exclude 0.
    repetitions, generator = 3000, np.random.default_rng(3)
    wrong = changes = 0
    for noise in generator.standard_normal((repetitions, 4, 2, 3)):
        found = ranking_changes(noise, ["a", "b"], [1, 2, 3])
        wrong, changes = wrong + (found.told_apart > 0), changes + found.changes
    low, high = scipy_stats.binom.ppf([1e-4, 1 - 1e-4], repetitions, 1 - (1 - 0.05 / 3) ** 3)
    assert low <= wrong <= high
    assert changes < wrong


def test_seeds_that_all_agree_have_no_interval_and_tell_nothing_apart():
    scores = np.zeros((5, 2, 2))
    scores[:, 0, 0] = scores[:, 1, 1] = 0.1
    found = ranking_changes(scores, ["a", "b"], DEPTHS)
    assert (found.verdict, found.told_apart) == ("undecided", 0)
    assert found.ranks == {2: ("a", "b"), 4: ("b", "a")}


def test_rounding_is_no_difference():
    # Two equal treatments, averaged over other factors in another order: apart by a few ulp.
    scores = np.full((5, 2, 2), 0.1)
    scores[:, 0] += np.array([1, 2, 1, 2, 2])[:, None] * math.ulp(0.1)
    assert ranking_changes(scores, ["a", "b"], DEPTHS).told_apart == 0


def test_equal_means_are_ranked_in_the_order_given():
    scores = np.stack([np.full((3, 2), value) for value in (0.2, 0.4)])
    assert ranking_changes(scores, NAMES, DEPTHS).ranks == {2: tuple(NAMES), 4: tuple(NAMES)}


@pytest.mark.parametrize(
    ("scores", "treatments", "levels", "message"),
    [
        (np.zeros((1, 2, 2)), ["a", "b"], DEPTHS, "scores of 1 seed; expected at least 2 seeds"),
        (np.full((3, 2, 2), np.inf), ["a", "b"], DEPTHS, "12 of 12 scores are NaN or infinite"),
        (np.zeros((3, 2, 3)), ["a", "b"], DEPTHS, r"\(3, 2, 3\), 2 treatments, 2 levels; expected"),
        (np.zeros((3, 1, 2)), ["a"], DEPTHS, r"treatments \['a'\]; expected at least 2, each once"),
        (np.zeros((3, 2, 1)), ["a", "b"], [2], r"levels \[2\]; expected at least 2"),
        (np.zeros((3, 3, 2)), ["a", "b", "a"], DEPTHS, r"treatments \['a', 'b', 'a'\]"),
    ],
)
def test_scores_that_cannot_be_ranked_are_refused(scores, treatments, levels, message):
    with pytest.raises(ActscopeError, match=message):
        ranking_changes(scores, treatments, levels)


def test_an_impossible_level_is_refused():
    with pytest.raises(ActscopeError, match=r"level 0\.0; expected a share between 0 and 1"):
        ranking_changes(scores_of(np.zeros((2, 2))), ["a", "b"], DEPTHS, level=0.0)
