import numpy as np
import pytest
import scipy.stats

from actscope.probing import summarise
from actscope.tutorial import Measured
from actscope.tutorial._claim import (
    Claim,
    all_but,
    bin_of_zero,
    dead_of,
    judge,
    largest,
    mean_size,
    of_order,
    share_beyond,
    skewness,
    tallest_bins,
)
from actscope.tutorial._measure import MissingError

VALUES = np.random.default_rng(0).gamma(2, 1, 40_000) - 1


@pytest.fixture
def signal():
    return summarise(VALUES)


# A value is taken for the centre of its bin, one 1200th of the range.
WIDTH = (VALUES.max() - VALUES.min()) / 1200


def test_shape_of_a_distribution_from_its_fine_histogram(signal):
    assert skewness(signal) == pytest.approx(scipy.stats.skew(VALUES), rel=1e-3)
    assert mean_size(signal) == pytest.approx(np.abs(VALUES).mean(), abs=WIDTH)
    assert share_beyond(signal, 0.9) == pytest.approx((np.abs(VALUES) > 0.9).mean(), abs=0.005)
    assert skewness(summarise(-VALUES)) == pytest.approx(-skewness(signal), rel=1e-3)


def test_bins(signal):
    counts, edges = np.histogram(VALUES, 50)
    assert tallest_bins(signal, 50)[0] == counts.argmax()
    assert edges[bin_of_zero(signal, 50)] <= 0 < edges[bin_of_zero(signal, 50) + 1]
    assert bin_of_zero(summarise(np.array([1.0, 2.0])), 50) == -1
    assert bin_of_zero(summarise(np.array([-1.0, 0.0])), 50) == 49
    assert bin_of_zero(summarise(np.array([0.0, 1.0])), 50) == 0


def test_largest_counts_both_signs():
    assert largest(summarise(np.array([-3.0, 2.0]))) == 3


def test_a_constant_is_not_skewed_and_nothing_finite_is_not_measured():
    assert skewness(summarise(np.full(3, 2.0))) == 0
    with pytest.raises(MissingError, match="finite"):
        skewness(summarise(np.array([np.nan])))


@pytest.mark.parametrize(
    ("value", "same"), [(0.1, True), (0.032, True), (0.031, False), (0.316, True), (0.317, False)]
)
def test_order_of_magnitude(value, same):
    assert of_order(value, 0.1) is same


def test_judging():
    claim = Claim("claim.x", "", lambda measured: dict(measured.accuracy), lambda e, n: e["a"] > n)
    verdict = judge(claim, Measured(accuracy={"a": 0.7}), 0.5)
    assert (verdict.holds, verdict.evidence, verdict.reason) == (True, {"a": 0.7}, "")
    assert judge(claim, Measured(accuracy={"a": 0.7}), 0.8).holds is False


def test_a_claim_without_its_measurement():
    claim = Claim("claim.x", "", lambda m: {"x": dead_of(m, "relu.deep").counts}, max)
    verdict = judge(claim, Measured(), 0.5)
    assert (verdict.holds, verdict.evidence) == (None, {})
    assert verdict.reason == "needs the dead neurons of relu.deep"


def test_the_other_five():
    assert all_but("elu") == ["sigmoid", "tanh", "relu", "leaky_relu", "swish"]
