import numpy as np
import pytest
import scipy.stats

from actscope.answers._factors import Factor
from actscope.answers._interaction import interactions
from actscope.answers._scores import Scores

ACTIVATION = Factor(("activation",), (("relu",), ("tanh",), ("elu",)))
DEPTH = Factor(("depth",), ((2,), (8,)))
RATE = Factor(("optimizer", "learning_rate"), (("sgd", 0.1), ("adam", 0.01), ("lion", 0.001)))
SHAPE = (5, 3, 2, 3)  # seeds, then levels


def made(test, planned=None, failed=()) -> Scores:
    """The scores of a study whose members are all there but where `test` is NaN."""
    marks = np.zeros(test.shape, bool)
    for place in failed:
        marks[place] = True
    return Scores(
        factors=(ACTIVATION, DEPTH, RATE),
        seeds=(0, 1, 2, 3, 4),
        planned=np.ones(test.shape[1:], bool) if planned is None else planned,
        test=test,
        validation=test,
        chance=np.full(test.shape, 0.1),
        failed=marks,
        ids=np.full(test.shape, "id", object),
        datasets=np.full(test.shape, "digits", object),
    )


@pytest.fixture
def drawn() -> np.ndarray:
    return np.random.default_rng(0).random(SHAPE)


def test_each_mean_is_over_the_other_factors_within_a_seed(drawn):
    by_depth, by_rate = interactions(made(drawn), ACTIVATION)
    assert (by_depth.treatment, by_depth.factor, by_rate.factor) == (
        "activation",
        "depth",
        "optimizer & learning_rate",
    )
    assert (by_depth.over, by_depth.cells) == (("optimizer & learning_rate",), 3)
    assert (by_rate.over, by_rate.cells, by_rate.left_out) == (("depth",), 2, 0)
    found = by_depth.means["tanh", "8"].interval
    seeds = drawn[:, 1, 1].mean(axis=1)
    assert found.n == 5
    assert found.mean == pytest.approx(seeds.mean())
    error = seeds.std(ddof=1) / np.sqrt(5)
    ends = scipy.stats.t.interval(0.95, 4, seeds.mean(), error)
    assert (found.low, found.high) == pytest.approx(ends)
    assert list(by_rate.means)[:3] == [
        ("relu", "sgd, 0.1"),
        ("relu", "adam, 0.01"),
        ("relu", "lion, 0.001"),
    ]
    assert by_rate.means["elu", "lion, 0.001"].interval.mean == pytest.approx(
        drawn[:, 2, :, 2].mean()
    )


def test_any_factor_can_be_the_one_that_is_compared(drawn):
    by_activation, by_rate = interactions(made(drawn), DEPTH)
    assert by_activation.means["8", "elu"].interval.mean == pytest.approx(drawn[:, 2, 1].mean())
    assert by_rate.over == ("activation",)


def test_what_the_design_excludes_for_one_counts_in_no_mean(drawn):
    planned = np.ones(SHAPE[1:], bool)
    planned[0, 1, 2] = False  # relu, depth 8, lion
    drawn[:, 0, 1, 2] = np.nan
    by_depth, by_rate = interactions(made(drawn, planned), ACTIVATION)
    assert (by_depth.cells, by_depth.left_out) == (2, 1)
    expected = drawn[:, 1, 0, :2].mean()  # of tanh too, though its own is there
    assert by_depth.means["tanh", "2"].interval.mean == pytest.approx(expected)
    assert (by_rate.cells, by_rate.left_out) == (1, 1)
    assert by_rate.means["tanh", "sgd, 0.1"].interval.mean == pytest.approx(
        drawn[:, 1, 0, 0].mean()
    )


def test_a_seed_counts_where_all_its_members_are_there(drawn):
    drawn[3, 0, 0, 1] = np.nan
    drawn[:, 1, 1, 2] = np.nan
    by_depth, _ = interactions(made(drawn), ACTIVATION)
    assert by_depth.means["relu", "2"].interval.n == 4
    kept = np.delete(drawn[:, 0, 0], 3, axis=0)
    assert by_depth.means["relu", "2"].interval.mean == pytest.approx(kept.mean())
    assert ("tanh", "8") not in by_depth.means
    assert len(by_depth.means) == 5


def test_failures_are_counted_in_networks(drawn):
    places = [(0, 0, 0, 0), (0, 0, 0, 1), (4, 0, 0, 2), (2, 1, 0, 0)]
    by_depth, by_rate = interactions(made(drawn, failed=places), ACTIVATION)
    counts = {pair: (mean.failed, mean.members) for pair, mean in by_depth.means.items()}
    assert counts["relu", "2"] == (3, 15)
    assert counts["tanh", "2"] == (1, 15)
    assert sum(failed for failed, _ in counts.values()) == 4
    assert by_rate.means["relu", "sgd, 0.1"].failed == 1
    assert by_rate.means["relu", "sgd, 0.1"].members == 10


def test_a_factor_without_a_common_cell_is_left_out(drawn):
    planned = np.zeros(SHAPE[1:], bool)
    planned[:, 0, 0] = planned[:, 1, 1] = planned[:, 1, 2] = True  # a rate goes with one depth
    drawn[:, ~planned] = np.nan
    assert not interactions(made(drawn, planned), ACTIVATION)


def test_a_single_level_shows_no_interaction(drawn):
    drawn[:, :, 1] = np.nan  # depth 8 is still to come
    assert not interactions(made(drawn), ACTIVATION)  # no rate is whole either
    drawn[:] = np.nan
    assert not interactions(made(drawn), ACTIVATION)
