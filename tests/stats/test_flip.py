from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import flip_test
from actscope.stats._flip import flip_tests

# Fisher (1935), The Design of Experiments, section 21: Darwin's maize, crossed less self-fertilised
# height in eighths of an inch. Of the 32,768 choices of signs 863 reach the sum of 314 upwards.
DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]

whole_numbers = st.lists(st.integers(-20, 20), min_size=1, max_size=12)


def by_brute_force(differences):
    """Every choice of signs, in whole numbers."""
    seen = abs(sum(differences))
    flips = list(product((-1, 1), repeat=len(differences)))
    reached = sum(abs(np.dot(signs, differences)) >= seen for signs in flips)
    return reached / len(flips)


def test_darwins_maize_has_fishers_p():
    assert flip_test(DARWIN) == 2 * 863 / 2**15


@given(whole_numbers)
def test_every_flip_is_counted_ties_and_zeros_too(differences):
    assert flip_test([float(d) for d in differences]) == by_brute_force(differences)


@pytest.mark.parametrize("n", [2, 5, 9])
def test_p_agrees_with_scipy(n):
    differences = np.random.default_rng(n).normal(0.5, 1, n)
    found = scipy_stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf
    )
    assert flip_test(differences) == pytest.approx(found.pvalue, rel=1e-12)


@pytest.mark.parametrize("n", range(1, 21))
def test_one_sided_differences_have_the_smallest_p(n):
    assert flip_test(np.random.default_rng(n).uniform(0.5, 1, n)) == 2 / 2**n


def test_twenty_equal_differences_follow_the_binomial():
    differences = np.where(np.arange(20) < 15, 0.3, -0.3)
    assert flip_test(differences) == pytest.approx(scipy_stats.binomtest(15, 20).pvalue, rel=1e-12)


def test_zero_differences_stay_in_and_change_nothing():
    assert flip_test([0.0, *map(float, DARWIN), 0.0]) == flip_test([float(d) for d in DARWIN])
    assert flip_test([0.0, 0.0, 0.0]) == 1


def test_ties_that_rounding_hides_are_counted():
    # Accuracies of 10,000 images: as whole numbers the differences are -1, 2, 3, and 7, 7.
    first = np.array([0.8845, 0.8847, 0.8848, 0.1007, 0.9007])
    second = np.array([0.8846, 0.8845, 0.8845, 0.1000, 0.9000])
    assert len({*(first - second)}) == 5
    assert flip_test(first - second) == by_brute_force([-1, 2, 3, 7, 7])


@pytest.mark.heavy
@given(whole_numbers, st.floats(1e-300, 1e300), st.sampled_from([1, -1]), st.randoms())
def test_order_factor_and_sign_do_not_matter(differences, factor, sign, random):
    others = [sign * factor * d for d in differences]
    random.shuffle(others)
    assert flip_test(others) == flip_test([float(d) for d in differences])


def test_random_flips_ignore_order_and_sign_too():
    differences = np.random.default_rng(0).normal(0.3, 1, 25)
    expected = flip_test(differences, resamples=2000)
    assert flip_test(-differences[::-1], resamples=2000) == expected
    assert flip_test(1e300 * differences, resamples=2000) == expected


def test_beyond_twenty_random_flips_agree_with_the_binomial():
    # 16 of 24 equal differences up: every sum is a count of heads.
    differences = np.where(np.arange(24) < 16, 1.0, -1.0)
    exact = scipy_stats.binomtest(16, 24).pvalue
    error = np.sqrt(exact * (1 - exact) / 200_000)
    assert flip_test(differences, resamples=200_000) == pytest.approx(exact, abs=4 * error)


def test_random_flips_never_give_0():
    # 50 one-sided differences: 2/2⁵⁰ is out of reach, and 1 of 1000 is the choice seen.
    assert flip_test(np.ones(50), resamples=999) == 1 / 1000


def test_the_seed_of_the_random_flips_decides():
    differences = np.random.default_rng(1).normal(0.2, 1, 30)
    first, again, other = (flip_test(differences, resamples=500, seed=s) for s in (0, 0, 1))
    assert first == again != other


@pytest.mark.heavy
@pytest.mark.parametrize("n", [5, 8, 22])
def test_the_test_holds_its_size(n):
    # Symmetric about 0, heavy-tailed, rounded to many ties and zeros. The bound is passed by a
    # test of size α once in a million.
    runs = np.round(np.random.default_rng(n).standard_t(2, (1500, n)))
    p = np.array([flip_test(run, resamples=199) for run in runs])
    for alpha in (0.05, 0.1, 0.3):
        most = scipy_stats.binom.isf(1e-6, len(p), alpha)
        assert np.sum(p <= alpha) <= most


@pytest.mark.parametrize(
    ("differences", "resamples", "message"),
    [
        ([], 10, r"values of shape \(0,\)"),
        ([0.1, float("nan")], 10, "value 1 of 2 is nan"),
        ([0.1], 0, "0 resamples; expected at least 1"),
    ],
)
def test_what_cannot_be_tested_is_refused(differences, resamples, message):
    with pytest.raises(ActscopeError, match=message):
        flip_test(differences, resamples=resamples)


def test_several_tests_at_once_are_those_one_by_one():
    rng = np.random.default_rng(5)
    several = [rng.normal(0.3, 1, n) for n in (5, 30, 1, 30, 20, 41)] + [np.zeros(30)]
    expected = [flip_test(each, resamples=999) for each in several]
    assert flip_tests(several, resamples=999) == expected
