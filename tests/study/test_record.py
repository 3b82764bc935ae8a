"""A study's record against the outcomes that went into it."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from actscope._errors import ActscopeError
from actscope.study import _columns
from actscope.study._folder import Folder
from actscope.study._record import Record

KEYS = ["id", "phase", "seed", "activation", "learning_rate", "depth"]


@pytest.fixture
def folder(tmp_path):
    folder = Folder(tmp_path / "study")
    folder.record.mkdir(parents=True)
    folder.spec.write_text("")
    return folder


@pytest.fixture
def outcomes(make_outcome):
    """Two activations by three seeds, and one that tuned; one without an epoch."""
    return [
        *(
            make_outcome(columns={"activation": name}, seed=seed, epochs=3 - seed)
            for name in ("relu", "tanh")
            for seed in range(3)
        ),
        make_outcome(columns={"activation": "gelu"}, seed=3, epochs=0, phase="tune"),
    ]


@pytest.fixture
def record(folder, outcomes):
    """Of three shards."""
    for part in (outcomes[:2], outcomes[2:3], outcomes[3:]):
        folder.add(part, {"command": f"{len(part)} members"})
    return Record.open(folder.path)


def by_id(rows):
    return sorted(rows, key=lambda row: row["id"])


def test_members_are_those_of_all_shards(record, outcomes):
    expected = _columns.table(outcomes).drop_columns([*_columns.NESTED])
    assert by_id(record.members.to_pylist()) == by_id(expected.to_pylist())
    assert record.ids() == {outcome.id for outcome in outcomes}


@pytest.mark.parametrize("name", ["epochs", "sites", "layers"])
def test_monitors_say_whose_they_are(record, outcomes, name):
    rows = _columns.table(outcomes).to_pylist()
    expected = [{**{key: row[key] for key in KEYS}, **entry} for row in rows for entry in row[name]]
    found = getattr(record, name).to_pylist()
    assert by_id(found) == by_id(expected)  # sorted() is stable: the order within members counts


def test_what_an_older_record_lacks_is_null(folder, make_outcome):
    old, new = make_outcome(), make_outcome(seed=1)
    folder.add([old], {})
    (path,) = folder.shards()
    _as_of_version_1(path)
    folder.add([new], {})
    found = by_id(Record.open(folder.path).monitors("sites", ["post_low", "low"]).to_pylist())
    rows = [row for row in found if row["id"] == old.id]
    assert [row["post_low"] for row in rows] == [None] * len(rows)
    assert rows[0]["low"] == old.sites["hidden_0"]["low"][0]
    others = [row["post_low"] for row in found if row["id"] == new.id]
    assert others == [x for name in new.sites for x in new.sites[name]["post_low"]]


def _as_of_version_1(path):
    """Takes from a shard what has come since."""
    table = pq.read_table(path)
    sites = table["sites"].combine_chunks()
    names = [each.name for each in sites.type.value_type]
    kept = [
        name
        for name in names
        if not name.startswith(("post_h", "post_l", "gradient_h", "gradient_l"))
    ]
    fields = [sites.values.field(name) for name in kept]
    older = pa.ListArray.from_arrays(sites.offsets, pa.StructArray.from_arrays(fields, kept))
    table = table.set_column(table.column_names.index("sites"), "sites", older)
    header = json.loads(table.schema.metadata[b"actscope"]) | {"schema": "actscope.record/1"}
    pq.write_table(table.replace_schema_metadata({"actscope": json.dumps(header)}), path)


def test_fields_are_read_alone(record):
    found = record.monitors("sites", ["dead"])
    assert found.column_names == [*KEYS, "site", "epoch", "dead"]
    assert found.equals(record.sites.select(found.column_names))
    assert record.monitors("layers", []).column_names == [*KEYS, "parameter", "epoch"]


def test_where_keeps_members_and_all_that_is_theirs(record, outcomes):
    kept = record.where(activation=["relu", "gelu"], seed=(1, 3))
    wanted = {outcomes[1].id, outcomes[6].id}
    assert kept.ids() == set(kept.members["id"].to_pylist()) == wanted
    assert set(kept.layers["id"].to_pylist()) == {outcomes[1].id}  # the other has no epoch
    assert record.where(activation="tanh").where(seed=2).ids() == {outcomes[5].id}
    assert record.where(activation="elu").members.num_rows == 0
    assert record.where(activation="elu").epochs.num_rows == 0


def test_cells_are_of_the_comparison(record):
    cells = record.cells("epochs_run")
    assert {cell.axes["activation"] for cell in cells} == {"relu", "tanh"}
    assert [cell.scores.tolist() for cell in cells] == [[3.0, 2.0, 1.0]] * 2
    (tuned,) = record.cells(phase="tune")
    assert tuned.axes["activation"] == "gelu"


def test_curves_are_of_every_member(record, outcomes):
    curves = {name: curve.tolist() for name, curve in record.curves("train_loss").items()}
    assert curves == {o.id: [epoch.train_loss for epoch in o.epochs] for o in outcomes}


def test_provenance_is_that_of_each_shard(record):
    commands = sorted(found["command"] for found in record.provenance.values())
    assert commands == ["1 members", "2 members", "4 members"]
    assert list(record.provenance) == [path.name for path in record.shards]


def test_a_member_of_two_shards_counts_once(folder, record, outcomes, make_outcome):
    twice = [make_outcome(seed=seed, test_score=0.999) for seed in (0, 1)]
    folder.add([*twice, make_outcome(seed=77)], {}).replace(folder.record / "0.parquet")
    found = Record.open(folder.path)
    assert len(found.members) == len(outcomes) + 1 == len(found.ids())
    first = {row["id"]: row["test_score"] for row in found.members.to_pylist()}
    assert [first[outcome.id] for outcome in twice] == [0.999, 0.999]
    (folder.record / "0.parquet").rename(folder.record / "z.parquet")
    found = Record.open(folder.path)
    assert by_id(found.where(seed=[0, 1, 2, 3]).epochs.to_pylist()) == by_id(
        record.epochs.to_pylist()
    )
    assert found.where(seed=0, activation="relu").members["test_score"][0].as_py() != 0.999


def test_shards_of_other_axes_are_one_table(folder, make_outcome):
    folder.add([make_outcome(columns={"dropout": 0.5, "width": None})], {})
    folder.add([make_outcome(seed=1)], {})
    folder.add([make_outcome(seed=2, columns={"width": 32})], {})
    members = Record.open(folder.path).members.sort_by("seed")
    assert members["dropout"].to_pylist() == [0.5, None, None]
    assert members["width"].to_pylist() == [None, None, 32]
    assert Record.open(folder.path).sites.column_names[3:8] == members.column_names[-5:]


def test_what_is_being_written_is_not_read(record, folder):
    (folder.record / ".0-abc.parquet").write_bytes(b"half a")
    assert Record.open(folder.path).shards == record.shards
    assert Record.open(folder.path).members.equals(record.members)


def test_a_record_stays_what_it_was_when_it_was_opened(record, folder, make_outcome):
    before = record.ids()
    folder.add([make_outcome(seed=99)], {})
    assert record.members.num_rows == len(before)
    assert len(Record.open(folder.path).ids()) == len(before) + 1


def test_without_members_every_table_is_empty_but_there(folder):
    record = Record.open(folder.path)
    assert record.ids() == frozenset()
    assert record.members.column_names == [*_columns.SCALARS]
    assert record.sites.column_names == ["id", "phase", "seed", *_columns.NESTED["sites"]]
    assert record.epochs.num_rows == record.layers.num_rows == record.members.num_rows == 0
    assert (record.cells(), record.curves(), record.provenance) == ((), {}, {})
    assert "<th>members</th><td>0</td>" in record._repr_html_()


def test_a_damaged_shard_is_named(record):
    record.shards[1].write_bytes(record.shards[1].read_bytes()[:-100])
    with pytest.raises(ActscopeError, match="delete it and run the study again") as caught:
        record.ids()
    assert str(record.shards[1]) in str(caught.value)


def test_a_folder_without_a_study_has_no_record(tmp_path):
    with pytest.raises(ActscopeError, match="holds no study"):
        Record.open(tmp_path)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda record: record.where(activatoin="relu"), "did you mean 'activation'"),
        (lambda record: record.cells("test_scores"), "did you mean 'test_score'"),
        (lambda record: record.monitors("site"), "did you mean 'sites'"),
        (lambda record: record.monitors("sites", ["zeros"]), "did you mean 'zero'"),
        (lambda record: record.curves("val_loss"), "unknown field 'val_loss'"),
    ],
)
def test_unknown_names_are_asked_about(record, ask, words):
    with pytest.raises(ActscopeError, match=words):
        ask(record)


def test_a_notebook_shows_what_there_is(folder, make_outcome):
    folder.add([make_outcome(seed=seed, columns={"x": "<b>"}) for seed in range(12)], {})
    shown = Record.open(folder.path)._repr_html_()
    for words in ("<th>members</th><td>12<", "&lt;b&gt;", "12: 0, 1, 2, 3, 4, 5, 6, 7, …"):
        assert words in shown
    assert "<b>" not in shown
