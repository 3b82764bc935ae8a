"""Means within a seed, over the cells that all settings have, against plain Python."""

from statistics import fmean

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.answers._cells import cells
from actscope.answers._factors import chosen

DOCUMENT = {
    "study": {"seeds": 4, "dataset": "digits"},
    "axes": {
        "activation": ["relu", "tanh", "elu"],
        "layer": ["dense", "residual"],
        "normalization": ["none", "layer", "batch"],
    },
    "design": {"exclude": [{"activation": "tanh", "layer": "residual", "normalization": "batch"}]},
}


def by(found, *names):
    return cells(found, chosen(found.factors, names))


def test_a_score_is_the_mean_over_the_cells_that_every_setting_has(table, noise):
    def score(member):
        settings = member.settings
        if member.seed == 2 and settings["activation"] == "elu" and settings["layer"] == "dense":
            return ...
        return 0.5 + noise(member)

    scores = table(DOCUMENT, score)
    found = by(scores, "activation")
    lost = (("residual",), ("batch",))
    assert found.left_out == (lost,)
    assert len(found.cells) == 5
    assert lost not in found.cells
    for column, ((activation,),) in enumerate(found.settings):
        place = scores.factors[0].levels.index((activation,))
        for row in range(4):
            parts = [scores.test[row, place, i, j] for i in range(2) for j in range(3)]
            expected = fmean(parts[:5])  # the last cell is the one that tanh has not
            np.testing.assert_allclose(found.test[row, column], expected)
    assert found.whole(2) == [0, 1, 3]
    assert found.whole(0) == [0, 1, 2, 3]


def test_the_order_of_the_factors_is_the_users(table, noise):
    scores = table(DOCUMENT, lambda member: 0.5 + noise(member))
    found = by(scores, "normalization", "activation")
    assert found.settings[:4] == (
        (("none",), ("relu",)),
        (("none",), ("tanh",)),
        (("none",), ("elu",)),
        (("layer",), ("relu",)),
    )
    np.testing.assert_allclose(found.test[:, 5], scores.test[:, 2, 0, 1])  # one layer is shared
    assert (found.cells, found.left_out) == (((("dense",),),), ((("residual",),),))


def test_settings_that_are_excluded_altogether_are_none(table, noise):
    exclude = [{"activation": "tanh", "layer": "residual"}]
    scores = table({**DOCUMENT, "design": {"exclude": exclude}}, lambda member: 0.5 + noise(member))
    found = by(scores, "activation", "layer")
    assert (("tanh",), ("residual",)) not in found.settings
    assert len(found.settings) == 5
    assert (len(found.cells), found.left_out) == (3, ())


def test_nothing_averaged_is_the_table_itself(table, noise):
    scores = table(DOCUMENT, lambda member: 0.5 + noise(member))
    found = cells(scores, scores.factors)
    assert len(found.settings) == 17
    np.testing.assert_allclose(found.test, scores.test[:, scores.planned])
    assert (found.over, found.cells) == ((), ((),))


def test_a_cell_that_is_still_to_come_changes_n_and_not_the_meaning(table, noise):
    def score(member):
        late = member.settings["normalization"] == "batch" and member.seed > 0
        return ... if late else 0.5 + noise(member)

    found = by(table({**DOCUMENT, "design": {}}, score), "activation", "layer")
    assert len(found.cells) == 3
    assert [found.whole(column) for column in range(6)] == [[0]] * 6


def test_settings_without_a_common_cell_cannot_be_compared(table, noise):
    exclude = [
        {"activation": "relu", "normalization": "none"},
        {"activation": "tanh", "normalization": "layer"},
        {"activation": "elu", "normalization": "batch"},
    ]
    scores = table({**DOCUMENT, "design": {"exclude": exclude}}, lambda member: 0.5 + noise(member))
    with pytest.raises(
        ActscopeError, match="look at activation and layer and normalization together"
    ):
        by(scores, "activation")
