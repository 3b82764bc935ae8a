"""Cells against what they were made from."""

import numpy as np
import pytest

from actscope.study import _cell, _columns


@pytest.fixture(scope="module")
def cells(make_outcome):
    """Of two activations; seeds in disorder, the last one without a network."""
    nan = float("nan")
    members = _columns.table(
        [
            make_outcome(seed=2, test_score=0.2),
            make_outcome(seed=0, test_score=0.5, columns={"activation": "tanh"}),
            make_outcome(seed=10, test_score=nan, epochs=0, diverged_at=3),
            make_outcome(seed=1, test_score=0.1, diverged_at=9),
        ]
    )
    return _cell.cells(members.drop_columns([*_columns.NESTED]), "test_score")


def test_members_of_one_setting_are_one_cell(cells):
    assert [cell.axes["activation"] for cell in cells] == ["relu", "tanh"]
    assert cells[1].axes == {"activation": "tanh", "learning_rate": 0.1, "depth": 2}
    assert [len(cell.seeds) for cell in cells] == [3, 1]


def test_everything_in_a_cell_is_in_the_order_of_its_seeds(cells, make_outcome):
    relu = cells[0]
    assert relu.seeds.tolist() == [1, 2, 10]
    np.testing.assert_array_equal(relu.scores, [0.1, 0.2, np.nan])
    assert relu.diverged.tolist() == [True, False, True]
    assert relu.ids == tuple(make_outcome(seed=seed).id for seed in (1, 2, 10))
    assert relu.chance == 0.1


def test_the_order_of_the_members_does_not_matter(cells, make_outcome):
    members = [make_outcome(seed=1, columns={"activation": name}) for name in ("tanh", "relu")]
    table = _columns.table(members).drop_columns([*_columns.NESTED])
    names = [cell.axes["activation"] for cell in _cell.cells(table, "test_score")]
    assert names == ["relu", "tanh"] == [cell.axes["activation"] for cell in cells]


def test_integers_are_scores_too(make_outcome):
    table = _columns.table([make_outcome(epochs=4)]).drop_columns([*_columns.NESTED])
    (cell,) = _cell.cells(table, "epochs_run")
    assert cell.scores.tolist() == [4.0]
