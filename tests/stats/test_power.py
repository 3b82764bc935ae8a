import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import SeedsRange, seeds_for, seeds_for_exact, seeds_range


def power(n, effect, alpha):
    """By scipy's own distribution, the wrong tail left out."""
    quantile = scipy_stats.t.isf(alpha / 2, n - 1)
    return scipy_stats.nct.sf(quantile, n - 1, effect * math.sqrt(n))


@pytest.mark.parametrize(
    ("effect", "wanted", "n"),
    # As G*Power gives them for "means: difference between two dependent means", two tails.
    [(0.2, 0.8, 199), (0.5, 0.8, 34), (0.8, 0.8, 15), (0.5, 0.95, 54)],
)
def test_textbook_numbers(effect, wanted, n):
    assert seeds_for(1, effect, wanted) == n


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 15])
@pytest.mark.parametrize("effect", [0.05, 0.3, 1.0, 2.5, 10.0])
def test_one_seed_fewer_would_not_do(effect, alpha):
    n = seeds_for(0.01, 0.01 * effect, alpha=alpha)
    assert power(n, effect, alpha) >= 0.8
    assert n == 2 or power(n - 1, effect, alpha) < 0.8


def test_many_seeds_come_near_the_normal_formula():
    # (z of 1 - α/2 plus z of the power)² over the squared effect, and z²/2 for not knowing the sd.
    z, z_power = scipy_stats.norm.isf(0.025), scipy_stats.norm.ppf(0.8)
    expected = ((z + z_power) / 0.05) ** 2 + z**2 / 2
    assert seeds_for(1, 0.05) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("sd", [0.004, 0.007])
def test_simulated_studies_find_the_difference_as_often_as_promised(sd):
    n = seeds_for(sd)
    runs = np.random.default_rng(n).normal(0.005, sd, (20_000, n))
    found = scipy_stats.ttest_1samp(runs, 0, axis=1)
    hits = np.mean((found.pvalue <= 0.05) & (found.statistic > 0))
    promised = power(n, 0.005 / sd, 0.05)
    assert promised >= 0.8
    assert hits == pytest.approx(promised, abs=4.5 * math.sqrt(0.16 / 20_000))


def test_a_certain_difference_takes_two_and_a_hopeless_one_is_not_counted():
    assert seeds_for(1e-9) == 2
    assert seeds_for(0.17, 0.005) == 9076
    assert seeds_for(0.18, 0.005) is None
    assert seeds_for(1e9) is None


def test_the_range_comes_from_the_chi_square_interval_of_the_sd():
    pilot = np.array([0.001, 0.004, -0.003, 0.006, 0.002])
    sd = pilot.std(ddof=1)
    low, high = (sd * math.sqrt(4 / scipy_stats.chi2.ppf(q, 4)) for q in (0.975, 0.025))
    assert seeds_range(pilot) == SeedsRange(seeds_for(low), seeds_for(sd), seeds_for(high))
    assert seeds_range(pilot, 0.01, 0.9, 0.01).estimate == seeds_for(sd, 0.01, 0.9, 0.01)


def test_the_range_asks_for_the_relevant_difference_not_the_observed_one():
    pilot = np.array([0.001, 0.004, -0.003, 0.006, 0.002])
    assert seeds_range(pilot + 0.25) == seeds_range(pilot) == seeds_range(-pilot)


def test_the_interval_of_the_sd_covers_95_percent():
    # A pilot's range holds the number of the true sd wherever the interval holds that sd.
    truth = seeds_for(0.01)
    pilots = np.random.default_rng(0).normal(0, 0.01, (600, 6))
    ranges = [seeds_range(pilot) for pilot in pilots]
    inside = sum(r.low <= truth <= (r.high or math.inf) for r in ranges)
    assert inside >= scipy_stats.binom.ppf(1e-6, len(ranges), 0.95)


@pytest.mark.parametrize("pilot", [[0.1], [0.2, 0.2, 0.2], [0.0, 0.0]])
def test_a_pilot_without_scatter_plans_nothing(pilot):
    assert seeds_range(pilot) is None


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.125, 0.3])
@pytest.mark.parametrize("m", [1, 2, 5, 15, 400])
def test_from_so_many_pairs_the_smallest_exact_p_is_small_enough(m, alpha):
    n = seeds_for_exact(m, alpha)
    assert 2 / 2**n <= alpha / m < 2 / 2 ** (n - 1)


def test_an_exact_test_of_nothing_is_refused():
    with pytest.raises(ActscopeError, match="0 comparisons; expected at least 1"):
        seeds_for_exact(0)
    with pytest.raises(ActscopeError, match="alpha 5; expected a share"):
        seeds_for_exact(1, 5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sd": 0.0}, "sd 0.0; expected a positive number"),
        ({"sd": math.nan}, "sd nan; expected"),
        ({"sd": 1, "difference": -0.1}, "difference -0.1; expected a positive number"),
        ({"sd": 1, "power": 80}, "power 80; expected a share between 0 and 1"),
        ({"sd": 1, "alpha": 0}, "alpha 0; expected a share"),
    ],
)
def test_impossible_plans_are_refused(arguments, message):
    with pytest.raises(ActscopeError, match=message):
        seeds_for(**arguments)
