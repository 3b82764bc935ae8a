"""Scores as arrays against the rows of the record."""

from itertools import product

import numpy as np
import pyarrow as pa

from actscope import study
from actscope.answers._scores import scores

DOCUMENT = {
    "study": {"seeds": [7, 3, 5], "dataset": ["digits", "cifar10"]},
    "axes": {
        "activation": ["relu", "tanh"],
        "optimizer": ["sgd", "adam"],
        "momentum": [0.5, 0.0],
        "dropout": [0.0, 0.25],
    },
    "design": {
        "pair": [["optimizer", "momentum"]],
        "exclude": [{"activation": "tanh", "dropout": 0.25}],
    },
}


def fate(member, noise):
    settings = (member.settings["activation"], member.settings["optimizer"], member.seed)
    if settings == ("relu", "adam", 3):
        return None
    return ... if settings == ("relu", "sgd", 5) else 0.7 + noise(member)


def test_every_member_stands_where_its_settings_say(make_study, noise):
    folder = make_study(DOCUMENT, lambda member: fate(member, noise))
    spec, members = study.read(folder / "study.toml"), study.Record.open(folder).members
    found = scores(members, spec, "classification")
    axes = [factor.axes for factor in found.factors]
    assert (found.seeds, found.test.shape) == ((3, 5, 7), (3, 2, 2, 2, 2))
    rows = {
        (row["seed"], *(tuple(row[axis] for axis in names) for names in axes)): row
        for row in members.to_pylist()
    }
    keys = product(found.seeds, *(factor.levels for factor in found.factors))
    for place, key in zip(np.ndindex(found.test.shape), keys, strict=True):
        row = rows.get(key)
        assert found.ids[place] == (row["id"] if row else "")
        assert found.there[place] == (row is not None)
        if row:
            failed = row["diverged_at"] is not None
            assert found.failed[place] == failed
            assert found.test[place] == (row["chance"] if failed else row["test_score"])
            assert found.validation[place] == (row["chance"] if failed else row["validation_score"])
            assert (found.chance[place], found.datasets[place]) == (row["chance"], row["dataset"])
    assert found.there.sum() == len(rows)
    assert found.failed.sum() == 4
    assert set(found.chance[found.failed]) == {0.1, 0.01}
    np.testing.assert_array_equal(found.there[2], found.planned)


def test_other_tasks_other_seeds_and_what_only_tuned_do_not_count(make_study):
    axes = {"activation": ["relu", "tanh"], "task": ["classification", "regression"]}
    tune = {"learning_rate": [0.1, 0.2], "seeds": 2}
    folder = make_study(
        {"study": {"seeds": 3, "dataset": "digits"}, "axes": axes, "design": {"tune": tune}},
        lambda member: 0.5 + 0.1 * (member.settings["task"] == "regression"),
    )
    members = study.Record.open(folder).members
    assert len(members) == 2 * 2 * (2 * 2 + 3)
    fewer = study.spec({"study": {"seeds": 2}, "axes": axes, "design": {"tune": tune}})
    found = scores(members, fewer, "regression")
    assert found.test.tolist() == [[0.6, 0.6]] * 2


def test_a_part_has_the_levels_that_were_asked_for(table, noise):
    found = table(DOCUMENT, lambda member: fate(member, noise))
    factor = found.factors[2]
    part = found.only(factor, [1])
    assert part.factors[2].levels == factor.levels[1:]
    np.testing.assert_array_equal(part.test, found.test[:, :, :, 1:])
    np.testing.assert_array_equal(part.planned, found.planned[:, :, 1:])
    assert part.axis(part.factors[3]) == 4


def test_a_member_without_a_score_has_failed(make_study, noise):
    folder = make_study({"study": {"seeds": 2, "dataset": "digits"}}, noise)
    members = study.Record.open(folder).members
    spec = study.read(folder / "study.toml")
    place = members.column_names.index("test_score")
    bare = members.set_column(place, "test_score", pa.nulls(2, pa.float64()))
    found = scores(bare, spec, "classification")
    assert found.failed.all()
    assert found.test.tolist() == found.validation.tolist() == [0.1, 0.1]
