import math
import operator
from functools import reduce

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope._signal import FINE_BINS
from actscope.probing._moments import Moments, bin_counts, ends, part, quick_counts, summarise

RNG = np.random.default_rng(0)
MEASURES = ("count", "nonfinite", "mean", "std", "min", "max", "l2", "fraction_zero")


def moments(x):
    return Moments.of(jax.device_get(part(jnp.asarray(x))))


def signal(*batches):
    found = reduce(operator.add, map(moments, batches))
    counts = [bin_counts(jnp.asarray(batch), *found.range) for batch in batches]
    return found.signal(np.sum(counts, axis=0, dtype=np.int64))


def assert_alike(found, expected, rtol):
    for name in MEASURES:
        np.testing.assert_allclose(
            getattr(found, name), getattr(expected, name), rtol=rtol, err_msg=name
        )


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("x", "rtol"),
    [
        (RNG.normal(2, 3, (100, 7)), 1e-6),
        (np.maximum(RNG.normal(size=(100, 7)), 0), 1e-6),
        (RNG.normal(2, 3, (10, 2, 5, 7)), 1e-6),
        # Squares beyond float32's range on either side.
        (1e-30 * RNG.normal(2, 3, (100, 7)), 1e-6),
        (1e30 * RNG.normal(2, 3, (100, 7)), 1e-6),
        (np.array([[-3e38], [3e38], [2e38]]), 1e-6),
        # The mean is rounded to 1e-5 of the standard deviation's 100,000-fold.
        (RNG.normal(1000, 0.01, (100, 7)), 1e-3),
        # Units far apart.
        (RNG.normal(size=(100, 7)) * [1e-3, 1, 1, 1, 1, 1, 1e3] + [0, 5, 0, 0, 0, 0, -1e4], 1e-6),
    ],
)
def test_a_signal_is_that_of_numpy_in_float64(x, rtol):
    x = x.astype(np.float32)
    assert_alike(signal(x), summarise(x), rtol)


def test_summarise_is_numpy():
    x = RNG.gamma(1, size=(30, 20))
    x[:3] = 0
    found = summarise(x)
    expected = [600, 0, x.mean(), x.std(), 0, x.max(), np.linalg.norm(x), 0.1]
    np.testing.assert_allclose([getattr(found, name) for name in MEASURES], expected, rtol=1e-13)


def test_outputs_may_be_one_number_an_example():
    x = RNG.normal(size=9).astype(np.float32)
    assert_alike(signal(x[:4], x[4:]), summarise(x), 1e-6)


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_half_precision_is_summed_in_float32(dtype):
    x = jnp.asarray(RNG.normal(100, 1, (5000, 2)), dtype)
    assert_alike(signal(x), summarise(np.asarray(x, np.float64)), 1e-4)


def test_values_that_are_not_finite_only_count_as_such():
    x = RNG.normal(size=(60, 3)).astype(np.float32)
    x[5, 0], x[6, 1], x[7, 1], x[8, 2] = np.nan, np.inf, -np.inf, 0
    found = signal(x[:30], x[30:])
    assert found.nonfinite == 3
    assert_alike(found, summarise(x), 1e-6)
    assert found.histogram.counts.sum() == found.count == 177


def test_a_unit_or_batch_without_any_finite_value_takes_no_part():
    x = RNG.normal(size=(10, 2)).astype(np.float32)
    x[:4] = np.nan
    x[:, 1] = np.inf
    assert_alike(signal(x[:4], x[4:]), summarise(x), 1e-6)
    nothing = signal(x[:4])
    assert (nothing.count, nothing.nonfinite) == (0, 8)
    assert all(math.isnan(getattr(nothing, name)) for name in MEASURES[2:])


@pytest.mark.heavy
def test_a_constant_has_no_scatter():
    found = signal(np.full((33, 2), 0.1, np.float32), np.full((20, 2), 0.1, np.float32))
    assert (found.std, found.min, found.max) == (0, np.float32(0.1), np.float32(0.1))
    assert found.mean == np.float32(0.1)


def test_always_zero_is_a_matter_of_each_unit():
    x = np.ones((4, 4), np.float32)
    x[:, 1] = [0, -0.0, 0, 0]
    x[:, 2] = [0, 0, 1e-30, 0]
    x[:, 3] = [0, np.nan, 0, 0]
    both = moments(x[:2]) + moments(x[2:])
    np.testing.assert_array_equal(both.always_zero, [False, True, False, False])


def test_counts_go_on_beyond_32_bits():
    x = np.asarray([[0.0], [2.0], [np.nan]], np.float32)
    found = reduce(lambda total, _: total + total, range(40), moments(x))
    assert (found.finite[0], found.nonfinite[0], found.zeros[0]) == (2**41, 2**40, 2**40)
    assert (found.mean[0], found.squares[0]) == (1, 2**41)


@pytest.mark.heavy
@settings(max_examples=40)
@given(
    cuts=st.sets(st.sampled_from([10, 20, 30])),
    scale=st.sampled_from([1e-25, 1e-3, 1.0, 1e4, 1e25]),
    seed=st.integers(0, 2**32 - 1),
)
def test_how_the_data_is_cut_does_not_matter(cuts, scale, seed):
    rng = np.random.default_rng(seed)
    x = (scale * rng.normal(rng.normal(), 1, (40, 3))).astype(np.float32)
    x[rng.random(x.shape) < 0.1] = 0
    x[rng.random(x.shape) < 0.02] = np.nan
    whole, cut = signal(x), signal(*np.split(x, sorted(cuts)))
    assert (cut.count, cut.nonfinite, cut.min, cut.max, cut.fraction_zero) == (
        whole.count, whole.nonfinite, whole.min, whole.max, whole.fraction_zero
    )  # fmt: skip
    for name in ("std", "l2"):
        assert getattr(cut, name) == pytest.approx(getattr(whole, name), rel=1e-5)
    assert cut.mean == pytest.approx(whole.mean, rel=1e-5, abs=1e-6 * whole.std)
    np.testing.assert_array_equal(cut.histogram.counts, whole.histogram.counts)


@pytest.mark.parametrize(
    "x",
    [
        RNG.normal(size=3000),
        np.maximum(RNG.normal(size=3000), 0),
        1e-30 * RNG.normal(size=3000),
        1e30 * RNG.normal(size=3000),
        RNG.uniform(-3e38, 3e38, 3000),
        RNG.normal(1000, 1, 3000),
    ],
)
def test_counts_are_numpys_but_for_rounding_at_the_edges(x):
    x = x.astype(np.float32)
    histogram = signal(x[:, None]).histogram
    exact = x.astype(np.float64)
    edges = np.linspace(exact.min(), exact.max(), FINE_BINS + 1)
    np.testing.assert_array_equal(histogram.edges, edges)
    # Left of each edge stand all values clearly below it, and none clearly above. What float32
    # can confuse: an ulp of the largest value, and 1e-7 of the position within the range.
    doubt = np.spacing(np.abs(x).max()) + 2e-7 * (edges[-1] - edges[0])
    below = np.cumsum(histogram.counts)[:-1]
    clearly = np.searchsorted(np.sort(exact), edges[1:-1] - doubt)
    perhaps = np.searchsorted(np.sort(exact), edges[1:-1] + doubt, side="right")
    assert (clearly <= below).all()
    assert (below <= perhaps).all()
    assert histogram.counts.sum() == len(x)


def test_values_away_from_the_edges_are_counted_exactly():
    bins = RNG.integers(FINE_BINS, size=(400, 5))
    x = ((bins + 0.5) * 2.0**-10).astype(np.float32)
    counts = bin_counts(jnp.asarray(x), 0.0, FINE_BINS * 2.0**-10)
    np.testing.assert_array_equal(counts, np.bincount(bins.ravel(), minlength=FINE_BINS))


@pytest.mark.parametrize("value", [0.0, 0.1, -3.0])
def test_a_constant_stands_where_numpy_puts_it(value):
    x = np.full((7, 2), value, np.float32)
    counts, edges = np.histogram(x.astype(np.float64), FINE_BINS)
    found = signal(x).histogram
    np.testing.assert_array_equal(found.edges, edges)
    # ± ½ around it: the middle, on the edge between two bins.
    assert found.counts[FINE_BINS // 2 - 1 : FINE_BINS // 2 + 1].sum() == 14
    assert counts.sum() == 14


def test_a_range_too_narrow_to_divide_still_counts_every_value():
    values = np.array([1.0, np.nextafter(1.0, 2.0), 1.0])
    assert summarise(values).histogram.counts.sum() == 3
    assert signal(values[:, None].astype(np.float32) * 1e-38).histogram.counts.sum() == 3


@pytest.mark.heavy
def test_counts_are_exact_beyond_what_float32_can_tell():
    x = jnp.zeros((2**24 + 3, 1)).at[0].set(1)
    once = moments(x)
    assert (once.finite[0], once.zeros[0]) == (2**24 + 3, 2**24 + 2)
    assert bin_counts(x, 0.0, 1.0)[0] == 2**24 + 2


@pytest.mark.heavy
def test_where_the_ends_are_known_to_be_finite_nothing_changes():
    x = jnp.asarray(RNG.normal(3, 2, (60, 5)), jnp.float32).at[2, 3].set(0)
    one, other = (jax.device_get(part(x, *more)) for more in [(), (ends(x),)])
    for name, value in one._asdict().items():
        np.testing.assert_allclose(value, getattr(other, name), rtol=1e-6, err_msg=name)
    low, high = ends(x.at[1, 1].set(jnp.nan))
    assert not np.isfinite([low, high]).all()
    assert float(ends(x.at[1, 1].set(jnp.inf))[1]) == np.inf


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_quick_counts_are_numpys(scale):
    values = scale * np.random.default_rng(4).normal(size=20_000)
    edges = np.linspace(values.min(), values.max(), 1201)
    found = quick_counts(values, edges)
    assert found.sum() == len(values)
    assert np.abs(found - np.histogram(values, edges)[0]).sum() <= 2  # two values near an edge
    np.testing.assert_array_equal(quick_counts(edges[[0, -1]], edges)[[0, -1]], 1)
