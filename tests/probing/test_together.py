"""How examples and units resemble each other, against NumPy over all of them at once."""

from functools import reduce
from itertools import combinations
from operator import add

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.probing._together import ENOUGH, MOST_UNITS, Together, alike, covariance, enough

RNG = np.random.default_rng(8)
PRE = RNG.normal(size=(60, 2, 5)).astype(np.float32) + 0.7
POST = np.tanh(PRE @ RNG.normal(size=(5, 4))).astype(np.float32)
of_examples, of_units = jax.jit(alike), jax.jit(covariance)


def of(pre, post=None, wanted=None):
    post = pre if post is None else post
    units = None if wanted is None else of_units(jnp.asarray(post), wanted)
    return Together.of(of_examples(jnp.asarray(pre)), units)


def cosine(one, other):
    return np.vdot(one, other) / np.linalg.norm(one) / np.linalg.norm(other)


def mean_cosine(examples):
    return np.mean([cosine(*both) for both in combinations(np.float64(examples), 2)])


def test_correlation_is_the_mean_cosine_of_all_pairs():
    assert of(PRE).correlation == pytest.approx(mean_cosine(PRE), abs=1e-6)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_correlation_does_not_depend_on_the_scale(scale):
    assert of(PRE * np.float32(scale)).correlation == pytest.approx(mean_cosine(PRE), abs=1e-6)


def test_examples_without_a_direction_enter_no_correlation():
    some = PRE.copy()
    some[3], some[7, 0, 0], some[20, 1, 2] = 0, np.nan, np.inf
    left = np.delete(PRE, [3, 7, 20], axis=0)
    assert of(some).correlation == pytest.approx(mean_cosine(left), abs=1e-6)


def test_of_one_example_there_is_no_correlation():
    assert np.isnan(of(PRE[:1]).correlation)
    assert of(np.repeat(PRE[:1], 9, axis=0)).correlation == pytest.approx(1, abs=1e-6)


def test_effective_rank_is_that_of_the_covariances_eigenvalues():
    values = np.linalg.eigvalsh(np.cov(np.float64(POST).reshape(-1, 4).T))
    expected = values.sum() ** 2 / (values**2).sum()
    assert of(PRE, POST, 60).effective_rank == pytest.approx(expected, rel=1e-5)


def test_units_that_all_say_the_same_have_rank_one():
    one = of(PRE, POST[..., :1] * np.float32([1, -2, 3]), 60)
    assert one.effective_rank == pytest.approx(1, abs=1e-5)
    assert one.copies == 1


def test_copies_are_those_that_numpys_correlation_finds():
    noise = RNG.normal(size=(60, 2, 3))
    twins = [POST[..., 0], 5 - 2 * POST[..., 0] + 0.01 * noise[..., 0]]  # correlation about -0.9999
    near = POST[..., 1] + 0.1 * noise[..., 1]
    units = np.stack([*twins, POST[..., 1], near, POST[..., 3]], axis=-1)
    correlation = np.corrcoef(units.reshape(-1, 5).T) - np.eye(5)
    expected = (np.abs(correlation) > 0.999).any(axis=1).mean()
    assert expected == 2 / 5
    assert of(PRE, np.float32(units), 60).copies == pytest.approx(expected)


@pytest.mark.heavy
@pytest.mark.parametrize("constant", [0, 0.1, 1e4 / 3])
def test_units_that_never_vary_are_no_copies(constant):
    still = np.full((60, 2, 2), constant, np.float32)
    units = np.concatenate([still, POST[..., :2]], axis=-1)
    assert of(PRE, units, 60).copies == 0
    together = of(PRE[:31], units[:31], 31) + of(PRE[31:], units[31:], 29)
    assert together.copies == 0
    assert np.isnan(of(PRE, still, 60).copies)
    assert np.isnan(of(PRE, still, 60).effective_rank)


def test_what_float32_cannot_tell_from_rounding_does_not_vary():
    noise = RNG.normal(size=(60, 2, 3))
    faint = np.float32(0.5 + 5e-8 * noise)  # up to three neighbours of one half
    assert faint.std() > 0
    assert np.isnan(of(PRE, faint, 60).effective_rank)
    assert np.isnan(of(PRE, faint, 60).copies)
    clear = np.float32(0.5 + 5e-6 * noise)
    assert of(PRE, clear, 60).effective_rank == pytest.approx(3, abs=0.3)
    both = np.concatenate([faint, POST[..., :2]], axis=-1)
    alone = of(PRE, POST[..., :2], 60).effective_rank
    assert of(PRE, both, 60).effective_rank == pytest.approx(alone, rel=1e-6)


@pytest.mark.heavy
@pytest.mark.parametrize("cuts", [[1], [20, 40], [7, 8, 50]])
def test_how_the_data_is_cut_changes_nothing(cuts):
    whole = of(PRE, POST, 60)
    parts = zip(np.split(PRE, cuts), np.split(POST, cuts), strict=True)
    joined = reduce(add, (of(pre, post, 60) for pre, post in parts))
    for measure in ("correlation", "effective_rank", "copies"):
        assert getattr(joined, measure) == pytest.approx(getattr(whole, measure), rel=1e-5)
    np.testing.assert_allclose(joined.comoment, whole.comoment, rtol=1e-4, atol=1e-5)


def test_only_the_examples_that_are_wanted_enter_the_covariance():
    first = of(PRE[:20], POST[:20], 20)
    assert of(PRE, POST, 20).effective_rank == pytest.approx(first.effective_rank, rel=1e-6)
    both = first + of(PRE[20:], POST[20:])
    assert both.effective_rank == first.effective_rank
    assert both.correlation == pytest.approx(mean_cosine(PRE), abs=1e-6)


def test_rows_that_are_not_finite_enter_no_covariance():
    some = POST.copy()
    some[4, 1, 2] = np.nan
    rows = np.delete(np.float64(some).reshape(-1, 4), 9, axis=0)
    np.testing.assert_allclose(of(PRE, some, 60).comoment, np.cov(rows.T) * 118, rtol=1e-4)


def test_of_too_few_rows_nothing_is_said():
    assert not np.isnan(of(PRE[:20], POST[:20], 20).effective_rank)  # 40 rows of 4 units
    assert np.isnan(of(PRE[:19], POST[:19], 19).effective_rank)
    assert np.isnan(of(PRE[:19], POST[:19], 19).copies)


def test_of_a_wide_site_units_from_end_to_end_are_compared():
    wide = np.arange(2.0 * MOST_UNITS - 1, dtype=np.float32) * np.float32([[1], [2], [4]])
    found = of(wide, wide, 3)
    np.testing.assert_allclose(found.mean, np.arange(0, 2 * MOST_UNITS - 1, 2) * 7 / 3, rtol=1e-6)
    assert enough(10**6, 1) == ENOUGH * MOST_UNITS
    assert enough(6, 5) == 20  # 96 rows, five an example


def test_sequences_of_other_lengths_have_no_correlation_but_a_covariance():
    both = of(PRE, POST, 60) + of(PRE[:, :1], POST[:, :1], 60)
    assert np.isnan(both.correlation)
    assert both.rows == 180
