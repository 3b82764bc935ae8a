from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import average_ranks, friedman

tables = st.tuples(st.integers(1, 4), st.integers(2, 4)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 4))
)


def by_brute_force(scores):
    """Every order of every block but the first, in whole numbers."""
    ranks = np.rint(2 * scipy_stats.rankdata(-scores, axis=1)).astype(int)
    middle = len(ranks) * (ranks.shape[1] + 1)

    def spread(blocks):
        return int(((np.sum(blocks, axis=0) - middle) ** 2).sum())

    orders = [list(permutations(row)) for row in ranks[1:]]
    all_spreads = [spread([ranks[0], *rest]) for rest in product(*orders)]
    return np.mean([each >= spread(ranks) for each in all_spreads])


def test_ranks_by_hand():
    # Best first, equal ones share: 1, 2.5, 2.5 and 2, 3, 1.
    scores = np.array([[0.9, 0.8, 0.8], [0.7, 0.6, 0.9]])
    np.testing.assert_array_equal(average_ranks(scores), [1.5, 2.75, 1.75])


def test_demsars_example():
    # Demšar (2006), table 2 and section 3.2.2: AUC of C4.5, with m, with cf, with both, on 14 data
    # sets; average ranks 3.143, 2.000, 2.893, 1.964 and χ² = 9.28.
    scores = np.array([
        [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975], [0.957, 0.978, 0.946, 0.970],
    ])  # fmt: skip
    found = friedman(scores)
    assert found.ranks == pytest.approx((3.143, 2.000, 2.893, 1.964), abs=5e-4)
    # Demšar's 9.28 is without the correction for ties: times 1 - Σ(t³ - t)/(n(k³ - k)).
    ties = 6 + 6 + 6 + 60  # three pairs and one block of four
    assert found.statistic * (1 - ties / (14 * 60)) == pytest.approx(9.28, abs=0.01)
    assert (found.n, found.k) == (14, 4)


@pytest.mark.heavy
@given(tables)
def test_p_is_the_share_of_all_orders(scores):
    found = friedman(scores.astype(float))
    assert found.p == pytest.approx(by_brute_force(scores), rel=1e-12)


@pytest.mark.parametrize("shape", [(3, 3), (5, 6), (12, 4)])
@pytest.mark.parametrize("decimals", [1, 8])
def test_the_statistic_agrees_with_scipy(shape, decimals):
    scores = np.round(np.random.default_rng(shape[0]).random(shape), decimals)
    expected = scipy_stats.friedmanchisquare(*scores.T).statistic
    assert friedman(scores, resamples=10).statistic == pytest.approx(expected, rel=1e-12)


@given(tables, st.randoms(), st.booleans())
def test_order_and_direction_do_not_matter(scores, random, reverse):
    rows, columns = list(range(scores.shape[0])), list(range(scores.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    one = friedman(scores.astype(float))
    other = friedman((-1.0 if reverse else 1.0) * scores[rows][:, columns])
    assert other.p == pytest.approx(one.p, rel=1e-12)
    assert other.statistic == pytest.approx(one.statistic, rel=1e-12)


def test_random_orders_ignore_the_order_too():
    scores = np.random.default_rng(0).random((6, 7))
    mixed = scores[::-1, [3, 1, 0, 2, 6, 5, 4]]
    assert friedman(mixed, resamples=500).p == friedman(scores, resamples=500).p


def test_two_settings_are_a_sign_test():
    # 9 of 12 data sets: χ² = (9 - 3)²/12.
    scores = np.array([[1.0, 0.0]] * 9 + [[0.0, 1.0]] * 3)
    found = friedman(scores)
    assert found.statistic == pytest.approx(3)
    assert found.p == pytest.approx(scipy_stats.binomtest(9, 12).pvalue, rel=1e-12)


def test_one_order_throughout_has_the_smallest_p():
    # Any order will do for the first block, the others must follow: 1/(k!)^(n - 1).
    scores = np.tile(np.arange(4.0), (5, 1))
    assert friedman(scores).p == pytest.approx(1 / 24**4, rel=1e-12)
    assert friedman(scores).statistic == pytest.approx(5 * 3)


def test_random_orders_agree_with_the_chi_square_of_many_blocks():
    # 150 blocks of 7 settings: too many orders to count, and enough for the limit.
    scores = np.random.default_rng(4).random((150, 7))
    found = friedman(scores, resamples=20_000)
    expected = scipy_stats.friedmanchisquare(*scores.T).pvalue
    assert 0.02 < expected < 0.98
    assert found.p == pytest.approx(expected, abs=0.01 + 4 * np.sqrt(0.25 / 20_000))


def test_random_orders_never_give_0():
    assert friedman(np.tile(np.arange(9.0), (9, 1)), resamples=99).p == 1 / 100


@pytest.mark.parametrize("shape", [(1, 2), (4, 3), (5, 9)])
def test_equal_scores_show_nothing(shape):
    found = friedman(np.full(shape, 0.1), resamples=50)
    assert (found.statistic, found.p) == (0, 1)
    assert found.ranks == ((shape[1] + 1) / 2,) * shape[1]


def test_one_data_set_shows_nothing():
    assert friedman([[0.1, 0.5, 0.3]]).p == 1


@pytest.mark.heavy
@pytest.mark.parametrize("shape", [(3, 3), (4, 4), (3, 9)])
def test_the_test_holds_its_size(shape):
    # Blocks of different level and scatter, some ties; the bound is passed once in a million.
    generator = np.random.default_rng(shape[1])
    runs = np.round(3 * generator.standard_cauchy((400, *shape)) * [[1.0]] * shape[0])
    p = np.array([friedman(run, resamples=99).p for run in runs])
    for alpha in (0.05, 0.1, 0.3):
        assert np.sum(p <= alpha) <= scipy_stats.binom.isf(1e-6, len(p), alpha)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.zeros((3, 1)), r"scores of shape \(3, 1\); expected a row a data set"),
        (np.zeros((0, 3)), r"scores of shape \(0, 3\)"),
        (np.array([[1.0, 2.0], [3.0, np.nan]]), "data set 1 and setting 1 is nan; expected finite"),
    ],
)
def test_what_cannot_be_ranked_is_refused(scores, message):
    for ask in (average_ranks, friedman):
        with pytest.raises(ActscopeError, match=message):
            ask(scores)


def test_no_resamples_are_refused():
    with pytest.raises(ActscopeError, match="0 resamples; expected at least 1"):
        friedman([[1.0, 2.0]], resamples=0)
