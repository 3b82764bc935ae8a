"""Columns against the outcomes, value by value."""

from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.study import _columns, _shard

EPOCH = ("train_loss", "train_score", "validation_loss", "validation_score", "seconds")


@pytest.fixture(scope="module")
def outcomes(make_outcome):
    """Of different lengths, one that diverged in its first epoch among them."""
    return [
        make_outcome(),
        make_outcome(seed=1, epochs=0, diverged_at=7, test_loss=np.nan, test_score=np.nan),
        make_outcome(seed=2, epochs=5, columns={"activation": "tanh"}),
    ]


@pytest.fixture(scope="module")
def rows(outcomes):
    return _columns.table(outcomes).to_pylist()


def test_scalars_are_those_of_the_outcomes(outcomes, rows):
    same = ("id", "phase", "seed", "settings", "parameters", "best_epoch", "chance", "diverged_at")
    for outcome, row in zip(outcomes, rows, strict=True):
        assert [row[name] for name in same] == [getattr(outcome, name) for name in same]
        assert row["seconds"] == outcome.seconds
        assert (row["dead"], row["units"]) == (list(outcome.dead), list(outcome.units))
        assert row["epochs_run"] == len(outcome.epochs)


def test_the_scores_are_those_of_the_network_that_was_kept(outcomes, rows):
    for outcome, row in zip([outcomes[0], outcomes[2]], [rows[0], rows[2]], strict=True):
        best = max(outcome.epochs, key=lambda epoch: epoch.validation_score)
        assert row["validation_loss"] == best.validation_loss
        assert row["validation_score"] == best.validation_score
        assert (row["test_loss"], row["test_score"]) == (outcome.test_loss, outcome.test_score)


def test_a_member_without_a_network_has_nulls(rows):
    names = ("best_epoch", "validation_loss", "validation_score", "test_loss", "test_score")
    assert [rows[1][name] for name in names] == [None] * 5
    assert [rows[1][name] for name in _columns.NESTED] == [[], [], []]


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers_are_null(make_outcome, number):
    (epoch, *_) = make_outcome().epochs
    outcome = make_outcome(epochs=1)
    outcome = replace(outcome, test_loss=number, epochs=(replace(epoch, train_loss=number),))
    (row,) = _columns.table([outcome]).to_pylist()
    assert row["test_loss"] is None
    assert row["epochs"][0]["train_loss"] is None
    assert row["epochs"][0]["train_score"] == epoch.train_score


def test_epochs_are_those_of_the_outcomes(outcomes, rows):
    for outcome, row in zip(outcomes, rows, strict=True):
        assert row["epochs"] == [
            {"epoch": epoch.number, **{name: getattr(epoch, name) for name in EPOCH}}
            for epoch in outcome.epochs
        ]


def test_monitors_are_those_of_the_outcomes(outcomes, rows):
    for outcome, row in zip(outcomes, rows, strict=True):
        for key, monitors, found in [
            ("site", outcome.sites, row["sites"]),
            ("parameter", outcome.layers, row["layers"]),
        ]:
            expected = [
                {
                    key: name,
                    **units(fields),
                    **{field: plain(field, array[i]) for field, array in fields.items()},
                }
                for name, fields in monitors.items()
                for i in range(len(fields["epoch"]))
            ]
            assert found == expected


def units(fields):
    return {"units": fields["dead_mask"].shape[1]} if "dead_mask" in fields else {}


def entry(fields, i):
    return {field: plain(field, array[i]) for field, array in fields.items()}


def plain(field, value):
    """Of NumPy's what Arrow gives: the mask bit by bit, the first unit the highest bit."""
    if field != "dead_mask":
        return value.tolist()
    bits = "".join(str(int(dead)) for dead in value)
    padded = bits.ljust(-(-len(bits) // 8) * 8, "0")
    return bytes(int(padded[i : i + 8], 2) for i in range(0, len(padded), 8))


def test_a_mask_is_unpacked_as_the_page_says(outcomes, rows):
    for row in rows[0]["sites"]:
        packed = np.frombuffer(row["dead_mask"], np.uint8)
        expected = outcomes[0].sites[row["site"]]["dead_mask"][row["epoch"] - 1]
        np.testing.assert_array_equal(np.unpackbits(packed, count=row["units"]), expected)


def test_what_monitors_saw_of_a_divergence_is_kept(make_outcome):
    outcome = make_outcome(epochs=2)
    broken = {**outcome.sites["hidden_0"], "pre_mean": np.array([np.nan, np.inf], np.float32)}
    rows = _columns.table([replace(outcome, sites={"hidden_0": broken})]).to_pylist()
    found = [row["pre_mean"] for row in rows[0]["sites"]]
    np.testing.assert_array_equal(found, [np.nan, np.inf])


def test_every_axis_is_a_column_and_null_where_it_does_not_apply(make_outcome):
    table = _columns.table([make_outcome(), make_outcome(seed=1, columns={"width": None, "x": 5})])
    assert _columns.axes(table.column_names) == [
        "activation",
        "learning_rate",
        "depth",
        "width",
        "x",
    ]
    assert table["x"].to_pylist() == [None, 5]
    assert table["width"].to_pylist() == [None, None]


def test_an_axis_cannot_have_the_name_of_another_column(make_outcome):
    with pytest.raises(ActscopeError, match="an axis is called 'epochs'"):
        _columns.table([make_outcome(columns={"epochs": 3})])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda fields: fields.pop("weight_rms"),
        lambda fields: fields.update(extra=fields["weight_rms"]),
        lambda fields: fields.update(weight_rms=fields["weight_rms"][1:]),
    ],
    ids=["missing", "unknown", "short"],
)
def test_a_monitor_with_other_fields_is_named(make_outcome, spoil):
    outcome = make_outcome()
    fields = dict(outcome.layers["layers.0.bias"])
    spoil(fields)
    with pytest.raises(ActscopeError, match=r"'layers\.0\.bias'.*gradient_norm"):
        _columns.table([replace(outcome, layers={"layers.0.bias": fields})])


def test_every_column_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "record.md").read_text("utf-8")
    names = {*_columns.SCALARS, *_columns.NESTED, *chain(*_columns.NESTED.values())}
    assert not {name for name in names if f"`{name}`" not in page}
    assert f"`{_shard.SCHEMA}`" in page


def test_no_outcomes_give_the_same_columns():
    assert _columns.table([]).num_rows == 0
    assert _columns.table([]).column_names == [*_columns.SCALARS, *_columns.NESTED]
