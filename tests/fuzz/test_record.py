"""Shards of a record from anywhere: damaged parquet, and whole parquet of other columns."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actscope.study import Record, _columns, _shard
from actscope.study._outcome import Outcome
from actscope.training import Epoch
from fuzz.mutations import mutants
from fuzz.trials import INPUTS, SEED, settings

ALL = [*_columns.SCALARS, "activation", *_columns.NESTED]


def outcome(seed):
    """A member's, small: two sites of three units, two epochs."""
    rng = np.random.default_rng(seed)

    def block(fields):
        made = {name: rng.random(2).astype(np.float32) for name in fields}
        made |= {name: np.arange(1, 3) for name in fields if name in ("epoch", "dead")}
        made |= {name: rng.integers(9, size=(2, 4)) for name in fields if "histogram" in name}
        return made | ({"dead_mask": np.ones((2, 3), bool)} if "dead_mask" in fields else {})

    fields = {name: [*kinds][1:] for name, kinds in _columns.NESTED.items()}
    sites = [name for name in fields["sites"] if name != "units"]
    return Outcome(
        id=f"member {seed}",
        phase="compare",
        seed=seed,
        settings='{"activation":"relu"}',
        columns={"activation": "relu"},
        parameters=10,
        epochs=tuple(Epoch(n, 1.0, 0.5, 1.0, 0.5, 0.1) for n in (1, 2)),
        best_epoch=1,
        test_loss=1.0,
        test_score=0.5,
        chance=0.1,
        diverged_at=None,
        seconds=1.0,
        dead=(1,),
        units=(3,),
        sites={"layers.0": block(sites)},
        layers={"layers.0.kernel": block(fields["layers"])},
    )


TABLE = _columns.table([outcome(0), outcome(1)])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "study" / "record").mkdir(parents=True)
    (tmp_path / "study" / "study.toml").touch()
    yield tmp_path / "study"
    assert {path.name for path in tmp_path.rglob("*")} == {
        *("study", "study.toml", "record", "a.parquet"),
    }


def everything(folder):
    """All that a record can be asked."""
    record = Record.open(folder)
    tables = [record.members, record.epochs, record.sites, record.layers]
    found = [table.to_pylist() for table in tables], record.curves(), record.provenance
    return [*found, record.ids(), record.cells(), record._repr_html_()]


def test_damaged(trial, folder):
    path = folder / "record" / "a.parquet"
    _shard.write_table(path, TABLE, {"numpy": "2"})
    whole = path.read_bytes()
    for content in mutants(whole, INPUTS, SEED):
        path.write_bytes(content)
        found = trial.of(lambda: everything(folder))
        if found is not None and same_footer(content, whole):
            # Of the numbers every page has a checksum; of what is said of them there is none.
            assert _shard.read(path, ALL).select(TABLE.column_names).equals(TABLE)


def same_footer(content, whole):
    size = int.from_bytes(whole[-8:-4], "little") + 8
    return content[-size:] == whole[-size:]


KINDS = [pa.int32(), pa.int64(), pa.float64(), pa.string(), pa.binary(), pa.bool_(), pa.null()]
KINDS += [
    pa.list_(pa.int32()),
    pa.struct([("a", pa.int32())]),
    pa.list_(pa.struct([("epoch", pa.int32())])),
]
KINDS += [pa.timestamp("us"), pa.decimal128(5), pa.dictionary(pa.int8(), pa.string())]
PLACES = st.sampled_from([*TABLE.column_names, "depth", "", "<b>", "\0"])


def column(kind, value):
    """Two rows of a type; null where it cannot hold the value."""
    try:
        return pa.array([value, value], kind)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return pa.nulls(2, kind)


VALUES = st.sampled_from([None, 0, -1, 2**31 - 1, 0.5, float("nan"), "x", "</table>", b"\xff", []])


@pytest.mark.heavy
@given(
    others=st.lists(st.tuples(PLACES, st.sampled_from(KINDS), VALUES), max_size=2),
    dropped=st.sets(PLACES, max_size=1),
    twice=st.booleans(),
    header=st.sampled_from(
        [
            None,
            "",
            "[]",
            "null",
            "{",
            "[" * 9999,
            '{"schema": 1}',
            '{"schema": "actscope.record/9"}',
        ]
        + ['{"schema": "actscope.record/1"}'] * 3
        + ['{"schema": "actscope.record/2", "numpy": [[]]}'] * 8
    ),
)
@settings
def test_other_columns(trial, folder, others, dropped, twice, header):
    """Whole parquet, with columns that are missing, more, twice, of other types or with gaps."""
    columns = {name: TABLE[name] for name in TABLE.column_names if name not in dropped}
    columns |= {name: column(kind, value) for name, kind, value in others}
    names, arrays = [*columns], [*columns.values()]
    names, arrays = (names + names[:1], arrays + arrays[:1]) if twice else (names, arrays)
    metadata = {} if header is None else {"actscope": header}
    table = pa.Table.from_arrays(arrays, names=names).replace_schema_metadata(metadata)
    pq.write_table(table, folder / "record" / "a.parquet", write_page_checksum=True)
    found = trial.of(lambda: everything(folder))
    if found is not None:
        assert json.loads(header)["schema"] in _shard._READERS
        assert len(found[0][0]) == len({*table["id"].to_pylist()})


@pytest.mark.heavy
@given(st.sampled_from(TABLE.column_names), st.binary(max_size=6))
@settings
def test_text_that_is_none(trial, folder, name, content):
    """Bytes that parquet calls UTF-8, with checksums that fit."""
    if not pa.types.is_string(TABLE[name].type):
        name = "settings"
    array = pa.array([content, content], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 2, array.buffers())
    place = TABLE.column_names.index(name)
    table = TABLE.set_column(place, name, text)
    _shard.write_table(folder / "record" / "a.parquet", table, {})
    found = trial.of(lambda: everything(folder))
    if found is not None:
        assert found[0][0][0][name] == content.decode()
