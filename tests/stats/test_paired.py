import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import flip_test, mean_interval, paired

# Student (1908), The probable error of a mean: hours of sleep gained, ten patients, two drugs.
SLEEP = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]


def test_students_sleep_has_the_textbook_answer():
    # As in the example of R's t.test: t = 4.0621, df = 9, p = 0.002833, 0.70 to 2.46.
    found = paired(SLEEP)
    assert found.p_t == pytest.approx(0.002833, abs=5e-7)
    assert found.difference.mean == pytest.approx(1.58)
    assert found.difference.low == pytest.approx(0.7001142, abs=5e-8)
    assert found.difference.high == pytest.approx(2.4598858, abs=5e-8)
    assert found.improvement.share == 0.95  # nine of ten, one tie
    assert found.p_flip == 4 / 1024  # all signs, and those of the zero
    assert (found.n, found.note) == (10, "")


@pytest.mark.parametrize("n", [2, 3, 10, 40])
def test_p_of_t_agrees_with_scipy(n):
    differences = np.random.default_rng(n).normal(0.4, 1, n)
    expected = scipy_stats.ttest_1samp(differences, 0).pvalue
    found = paired(differences, resamples=50)
    assert found.p_t == pytest.approx(expected, rel=1e-10)
    assert found.difference == mean_interval(differences)
    assert found.p_flip == flip_test(differences, resamples=50)


@pytest.mark.parametrize("n", [3, 4, 5, 10, 200])
def test_the_effect_size_is_unbiased_for_normal_differences(n):
    # Var s = σ²χ²/(n - 1) and the mean are independent, so E[d_z] = δ·E[σ/s]: by quadrature.
    def inverse_sd(x):
        return math.sqrt((n - 1) / x) * scipy_stats.chi2.pdf(x, n - 1)

    expected = sum(integrate.quad(inverse_sd, *ends)[0] for ends in ((0, n), (n, np.inf)))
    differences = np.random.default_rng(n).normal(0.4, 1, n)
    found = paired(differences, resamples=50).effect_size
    d_z = differences.mean() / differences.std(ddof=1)
    assert found == pytest.approx(d_z / expected, rel=1e-6)


def beta_ends(low, high):
    return scipy_stats.beta.ppf(0.025, *low), scipy_stats.beta.ppf(0.975, *high)


@pytest.mark.parametrize(
    ("differences", "share", "ends"),
    [
        ([1.0, 2.0, 3.0, 4.0, 5.0], 1.0, (0.025**0.2, 1)),  # 0.478 to 1
        ([-1.0, -2.0, -3.0], 0.0, (0, 1 - 0.025 ** (1 / 3))),
        ([1.0, 2.0, 3.0, 4.0, 0.0], 0.9, beta_ends((4.5, 1.5), (5.5, 0.5))),
        ([1.0, 2.0, -3.0, 0.0, 0.0], 0.6, beta_ends((3, 3), (4, 2))),
        ([0.0, 0.0], 0.5, beta_ends((1, 2), (2, 1))),
    ],
)
def test_probability_of_improvement_counts_a_tie_as_half(differences, share, ends):
    found = paired(differences).improvement
    assert found.share == share
    assert (found.low, found.high) == pytest.approx(ends, rel=1e-9)


@pytest.mark.parametrize("n", [2, 5, 6, 10, 15])
def test_probability_of_improvement_is_covered_with_ties_too(n):
    # Every outcome of w wins, t ties and l losses, each weighted by its multinomial chance.
    outcomes = np.array([(w, t, n - w - t) for w in range(n + 1) for t in range(n + 1 - w)])
    found = [paired(np.repeat([1.0, 0.0, -1.0], each)).improvement for each in outcomes]
    low, high = np.array([(each.low, each.high) for each in found]).T
    for truth in np.linspace(0.02, 0.98, 49):
        for tie in np.linspace(0, 2 * min(truth, 1 - truth), 9):
            chances = np.clip([truth - tie / 2, tie, 1 - truth - tie / 2], 0, 1)
            weights = scipy_stats.multinomial.pmf(outcomes, n, chances)
            assert weights[(low <= truth) & (truth <= high)].sum() >= 0.95


def test_rounding_is_a_tie():
    found = paired([0.1 + 0.2 - 0.3, 0.01, -0.02])
    assert found.improvement.k == 1.5


def test_a_single_pair_gives_no_interval_and_no_test_and_says_so():
    found = paired([0.3])
    assert (found.n, found.difference.mean, found.difference.low) == (1, 0.3, None)
    assert (found.effect_size, found.improvement, found.p_flip, found.p_t) == (None,) * 4
    assert found.note == "one seed: no interval and no test"


@pytest.mark.parametrize(
    "differences",
    [[0.0] * 4, [0.25] * 4, [0.8846 - 0.8833, 0.7746 - 0.7733, 0.5013 - 0.5, 0.1113 - 0.11]],
)
def test_without_scatter_t_knows_nothing_and_says_so(differences):
    found = paired(differences)
    assert (found.difference.low, found.difference.high) == (None, None)
    assert found.difference.mean == pytest.approx(differences[0])
    assert (found.effect_size, found.p_t) == (None, 1)
    assert found.p_flip == (2 / 16 if differences[0] else 1)
    assert "all differences are equal" in found.note


def test_two_pairs_have_no_effect_size():
    found = paired([0.1, 0.3])
    assert found.effect_size is None
    assert found.p_t == pytest.approx(1 - 2 / math.pi * math.atan(2))  # Cauchy at t = 2


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=9), st.sampled_from([0.001, 7.0]))
def test_better_by_so_much_is_worse_by_so_much(differences, factor):
    one = paired([float(d) for d in differences])
    other = paired([-factor * d for d in differences])
    assert other.p_flip == one.p_flip
    assert other.p_t == pytest.approx(one.p_t, rel=1e-9)
    assert other.improvement.share == pytest.approx(1 - one.improvement.share)
    assert other.improvement.low == pytest.approx(1 - one.improvement.high, abs=1e-12)
    if one.effect_size is not None:
        assert other.effect_size == pytest.approx(-one.effect_size, abs=1e-12)


@pytest.mark.heavy
@pytest.mark.parametrize("n", [2, 5, 10])
def test_t_holds_its_size_on_normal_differences(n):
    # In 1500 repetitions a test of size α leaves these bounds once in a million on either side.
    runs = np.random.default_rng(n).normal(0, 0.01, (1500, n))
    p = np.array([paired(run).p_t for run in runs])
    for alpha in (0.05, 0.2):
        count = np.sum(p <= alpha)
        assert scipy_stats.binom.ppf(1e-6, 1500, alpha) <= count
        assert count <= scipy_stats.binom.isf(1e-6, 1500, alpha)


def test_coarse_accuracies_of_two_seeds_do_not_trick_t():
    # Differences of whole images out of few are often equal; were p then 0, the size would be 34 %.
    runs = np.random.default_rng(0).integers(-1, 2, (1500, 2)).astype(float)
    p = np.array([paired(run).p_t for run in runs])
    assert np.mean(np.ptp(runs, axis=1) == 0) > 0.3
    assert np.sum(p <= 0.05) <= scipy_stats.binom.isf(1e-6, 1500, 0.05)


@pytest.mark.parametrize(
    ("differences", "level", "message"),
    [
        ([], 0.95, r"values of shape \(0,\)"),
        ([float("inf"), 1.0], 0.95, "value 0 of 2 is inf"),
        ([1.0, 2.0], 95, "level 95; expected a share between 0 and 1"),
    ],
)
def test_what_cannot_be_compared_is_refused(differences, level, message):
    with pytest.raises(ActscopeError, match=message):
        paired(differences, level=level)
