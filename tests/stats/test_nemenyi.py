import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import average_ranks, cliques, critical_difference, friedman, nemenyi

# Demšar (2006), table 5(a).
Q = {2: 1.960, 3: 2.343, 4: 2.569, 5: 2.728, 6: 2.850, 7: 2.949, 8: 3.031, 9: 3.102, 10: 3.164}
Q_10 = {2: 1.645, 3: 2.052, 4: 2.291, 5: 2.459, 6: 2.589, 7: 2.693, 8: 2.780, 9: 2.855, 10: 2.920}


@pytest.mark.parametrize(("alpha", "table"), [(0.05, Q), (0.1, Q_10)])
@pytest.mark.parametrize("k", range(2, 11))
def test_critical_differences_are_demsars(k, alpha, table):
    for n in (5, 14):
        expected = table[k] * math.sqrt(k * (k + 1) / (6 * n))
        assert critical_difference(k, n, alpha) == pytest.approx(expected, rel=5e-4)


def test_demsars_example():
    # Section 3.2.2: four settings on 14 data sets, CD = 1.25 at 0.05 and 1.12 at 0.10.
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
    assert critical_difference(4, 14, 0.1) == pytest.approx(1.12, abs=0.005)


def range_exceeds(width, k):
    """P(range of k standard normals ≥ width), by quadrature over the smallest."""

    def density(z):
        inside = scipy_stats.norm.cdf(z + width) - scipy_stats.norm.cdf(z)
        return k * scipy_stats.norm.pdf(z) * inside ** (k - 1)

    return 1 - integrate.quad(density, -9, 9)[0]


@pytest.mark.heavy
@pytest.mark.parametrize("k", [2, 3, 6])
def test_p_is_that_of_the_range_of_normals(k):
    scores = np.random.default_rng(k).random((12, k)) + np.linspace(0, 2, k)
    found, ranks, gate = nemenyi(scores, resamples=2000), average_ranks(scores), friedman(scores).p
    assert gate < 0.01
    for i, j in combinations(range(k), 2):
        width = abs(ranks[i] - ranks[j]) / math.sqrt(k * (k + 1) / (12 * 12))
        assert found[i, j] == found[j, i]
        assert found[i, j] == pytest.approx(max(gate, range_exceeds(width, k)), abs=1e-3)
    assert (np.diag(found) == 1).all()


@pytest.mark.parametrize("n", [6, 10])
def test_p_and_the_critical_difference_agree(n):
    scores = np.random.default_rng(n).random((n, 4)) + np.linspace(0, 1, 4)
    assert friedman(scores).p <= 0.01
    ranks = average_ranks(scores)
    apart = np.abs(ranks[:, None] - ranks[None, :])
    found = nemenyi(scores)
    for alpha in (0.01, 0.05, 0.2):
        np.testing.assert_array_equal(found <= alpha, apart >= critical_difference(4, n, alpha))


def test_friedmans_test_stands_before():
    # Four of four: the normal limit says 0.046, the coin 2/16.
    scores = np.tile([1.0, 0.0], (4, 1))
    assert critical_difference(2, 4) < 1
    assert nemenyi(scores) == pytest.approx(np.array([[1, 1 / 8], [1 / 8, 1]]))


@pytest.mark.heavy
@pytest.mark.parametrize("shape", [(4, 2), (5, 3), (4, 4)])
def test_the_test_holds_its_size(shape):
    # Any pair of equal settings told apart; the bound is passed once in a million.
    runs = np.random.default_rng(shape[0]).random((400, *shape))
    p = np.array([nemenyi(run).min() for run in runs])
    for alpha in (0.05, 0.15):
        assert np.sum(p <= alpha) <= scipy_stats.binom.isf(1e-6, len(p), alpha)


def test_equal_scores_are_not_told_apart():
    np.testing.assert_array_equal(nemenyi(np.ones((3, 4))), np.ones((4, 4)))


def test_cliques_by_hand():
    # Demšar's figure 1(a) has the first CD; at the other the outer ones differ.
    ranks = [3.143, 2.000, 2.893, 1.964]
    assert cliques(ranks, 1.25) == ((3, 1, 2, 0),)
    assert cliques(ranks, 1.0) == ((3, 1, 2), (2, 0))


def test_a_rank_that_far_apart_is_told_apart():
    assert cliques([1.0, 2.0, 3.0], 1.0) == ()
    assert cliques([1.0, 2.0, 3.0], 1.5) == ((0, 1), (1, 2))


def test_nothing_is_told_apart_at_an_infinite_difference():
    assert cliques([2.0, 1.0, 3.0], math.inf) == ((1, 0, 2),)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=7), st.integers(1, 6))
def test_cliques_are_the_maximal_groups(ranks, difference):
    def together(group):
        return max(ranks[i] for i in group) - min(ranks[i] for i in group) < difference

    sizes = range(2, len(ranks) + 1)
    groups = [set(g) for s in sizes for g in combinations(range(len(ranks)), s) if together(g)]
    maximal = [g for g in groups if not any(g < other for other in groups)]
    found = cliques([float(rank) for rank in ranks], difference)
    assert sorted(map(sorted, found)) == sorted(map(sorted, maximal))
    assert all(sorted(g, key=lambda i: ranks[i]) == list(g) for g in found)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 5), "1 settings on 5 data sets; expected at least 2 on at least 1"),
        ((3, 0), "3 settings on 0 data sets"),
        ((3, 5, 5), "alpha 5; expected a share between 0 and 1"),
    ],
)
def test_impossible_critical_differences_are_refused(arguments, message):
    with pytest.raises(ActscopeError, match=message):
        critical_difference(*arguments)
