import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from actscope._errors import ActscopeError
from actscope.probing import Histogram, summarise


def test_rebinning_is_the_histogram_of_fewer_bins():
    values = np.random.default_rng(0).normal(size=5000)
    fine = summarise(values).histogram
    for bins in (1, 30, 50, 1200):
        counts, edges = np.histogram(values, bins)
        coarse = fine.rebinned(bins)
        np.testing.assert_allclose(coarse.edges, edges, rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(coarse.counts, counts)


def test_a_constant_has_no_density_however_its_deviation_was_rounded():
    rounded = replace(summarise(np.full(9, -1e15)), std=0.1)
    assert [part.tolist() for part in rounded.density()] == [[], []]


def test_bins_that_do_not_divide_are_refused():
    histogram = summarise(np.arange(5.0)).histogram
    with pytest.raises(ActscopeError, match="7 bins; expected a number that divides 1200"):
        histogram.rebinned(7)


def test_the_root_mean_square_is_that_of_the_finite_values():
    values = np.random.default_rng(2).normal(3, size=50)
    signal = summarise(np.append(values, [np.nan, np.inf]))
    assert signal.rms == pytest.approx(np.sqrt((values**2).mean()), rel=1e-12)
    assert np.isnan(summarise(np.array([np.nan])).rms)


def test_its_words_are_short():
    assert len(repr(summarise(np.arange(5000.0)))) < 200


def test_heights_are_densities():
    values = np.random.default_rng(1).gamma(2, size=999)
    histogram = summarise(values).histogram.rebinned(50)
    expected, _ = np.histogram(values, 50, density=True)
    np.testing.assert_allclose(histogram.heights, expected, rtol=1e-12)


def test_no_value_has_no_height():
    empty = Histogram(np.linspace(0, 1, 5), np.zeros(4, np.int64))
    np.testing.assert_array_equal(empty.heights, np.zeros(4))


@pytest.mark.parametrize("n", [50, 2000])
def test_the_density_is_scipys(n):
    rng = np.random.default_rng(n)
    values = np.concatenate([rng.normal(-2, 0.5, n // 2), rng.normal(1, 1, n - n // 2)])
    x, density = summarise(values).density()
    expected = gaussian_kde(values)(x)
    assert (x[0], x[-1], len(x)) == (values.min(), values.max(), 200)
    # Every value is moved within its fine bin, a 1200th of the range.
    np.testing.assert_allclose(density, expected, atol=2e-3 * expected.max())


@pytest.mark.parametrize("values", [np.array([3.0]), np.full(9, 0.1), np.array([np.nan, 1.0])])
def test_a_constant_has_no_density(values):
    x, density = summarise(values).density()
    assert (len(x), len(density)) == (0, 0)


def test_json_has_the_fields_of_the_contract():
    values = np.random.default_rng(2).normal(size=(40, 25))
    values[0, :4] = 0, 0, np.nan, np.inf
    found = summarise(values).to_json()
    finite = values[np.isfinite(values)]
    counts, edges = np.histogram(finite, 50)
    assert found == {
        "mean": pytest.approx(finite.mean()),
        "std": pytest.approx(finite.std()),
        "min": finite.min(),
        "max": finite.max(),
        "l2": pytest.approx(np.sqrt((finite**2).sum())),
        "fraction_zero": pytest.approx(2 / 998),
        "nonfinite": 2,
        "histogram": {"edges": pytest.approx(edges), "counts": counts.tolist()},
    }


def test_json_of_nothing_is_null():
    found = summarise(np.array([np.nan, np.inf, -np.inf])).to_json()
    assert found["nonfinite"] == 3
    numbers = [found[name] for name in ("mean", "std", "min", "max", "l2", "fraction_zero")]
    assert numbers == [None] * 6
    assert sum(found["histogram"]["counts"]) == 0
    assert all(math.isfinite(edge) for edge in found["histogram"]["edges"])
