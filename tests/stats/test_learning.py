import numpy as np
import pytest
from scipy import stats as scipy_stats

from actscope._errors import ActscopeError
from actscope.stats import Reached, area_under, epochs_to

NAN, INF = float("nan"), float("inf")


def test_the_first_epoch_at_the_target_counts_from_1():
    curves = [[0.1, 0.8, 0.7, 0.9], [0.85], np.array([0.2, 0.3])]
    assert epochs_to(curves, 0.8) == Reached(0.8, (2, 1, None))


def test_runs_that_never_got_there_are_counted_not_dropped():
    found = epochs_to([[0.9], [0.1], [], [0.2, 0.95]], 0.9)
    assert (found.n, found.reached, found.epochs) == (4, 2, (1, None, None, 2))


def test_what_diverged_reaches_nothing_afterwards():
    assert epochs_to([[0.5, NAN, INF], [0.9, NAN], [-INF, 0.9]], 0.8).epochs == (None, 1, 2)


@pytest.mark.parametrize(
    ("epochs", "median"),
    [
        ((3,), 3),
        ((None,), None),
        ((5, 1, 3), 3),
        ((5, 1, None), 5),
        ((5, None, None), None),
        ((4, 2, None, None), 4),  # just half got there
        ((4, None, None, None), None),
    ],
)
def test_the_median_is_when_half_of_all_had_got_there(epochs, median):
    assert Reached(0.9, epochs).median == median


@pytest.mark.parametrize("seed", range(20))
def test_the_median_is_kaplan_and_meiers(seed):
    # Oracle: scipy's estimate of survival, the censored ones leaving after all others.
    generator = np.random.default_rng(seed)
    there = generator.integers(1, 30, generator.integers(1, 12))
    never = generator.integers(0, 12)
    epochs = (*there.tolist(), *[None] * never)
    censored = scipy_stats.CensoredData(uncensored=there, right=np.full(never, 50))
    survival = scipy_stats.ecdf(censored).sf
    # 1e-9: the product of survivals comes to ½ but for rounding.
    below = survival.quantiles[survival.probabilities <= 0.5 + 1e-9]
    expected = below[0] if below.size and below[0] < 50 else None
    assert Reached(0.9, epochs).median == expected


def test_a_recipe_that_gives_up_does_not_look_fast():
    # Censored where they stopped, the two would leave the count, and the median would be 4.
    curves = [[0.1, 0.1], [0.1, 0.1], [0.1] * 3 + [0.9], [0.1] * 8 + [0.9]]
    assert epochs_to(curves, 0.9).median == 9


@pytest.mark.parametrize(
    ("curves", "target", "message"),
    [
        ([], 0.9, "no curves; expected one a run"),
        ([[0.5]], NAN, "target nan; expected a finite score"),
    ],
)
def test_nothing_to_reach_is_refused(curves, target, message):
    with pytest.raises(ActscopeError, match=message):
        epochs_to(curves, target)


@pytest.mark.parametrize("speed", [lambda c: epochs_to(c, 0.9), lambda c: area_under(c, 2)])
def test_a_curve_that_is_no_row_is_refused(speed, unchecked):
    with pytest.raises(ActscopeError, match=r"a curve of shape .*; expected one score an epoch"):
        speed([[[0.5]], [[0.6]]])


def test_the_area_is_the_mean_of_the_first_epochs():
    assert area_under([0.2, 0.4, 0.9], 2) == pytest.approx(0.3)
    assert area_under(np.array([0.2, 0.4, 0.9]), 3) == pytest.approx(0.5)
    assert area_under([0.7], 1) == 0.7


@pytest.mark.parametrize("horizon", [1, 5, 50])
def test_a_constant_curve_has_its_constant_for_area(horizon):
    assert area_under([0.25] * 10, horizon) == pytest.approx(0.25)


def test_a_run_that_stopped_keeps_its_best_score():
    assert area_under([0.2, 0.8, 0.6], 5) == pytest.approx((0.2 + 0.8 + 0.6 + 0.8 + 0.8) / 5)


def test_what_comes_after_the_horizon_does_not_matter():
    assert area_under([0.2, 0.4, 0.9], 2) == area_under([0.2, 0.4], 2)


@pytest.mark.parametrize(
    ("curve", "horizon", "message"),
    [
        ([0.5], 0, "horizon 0; expected a number of epochs, at least 1"),
        ([], 3, "no scores; expected a finite score at every epoch; count a diverged run by"),
        ([0.5, NAN, INF], 3, "score nan at epoch 2; expected a finite score"),
    ],
)
def test_a_curve_without_an_area_is_refused(curve, horizon, message):
    with pytest.raises(ActscopeError, match=message):
        area_under(curve, horizon)
