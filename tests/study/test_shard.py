"""Shards: what was written is read, or an error says what is wrong with the file."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from actscope._errors import ActscopeError
from actscope.study import _columns, _shard

WHENCE = {"actscope": "0.1.0", "datasets": {"digits": {"digits.csv": "ab"}}}
ALL = [*_columns.SCALARS, "activation", "learning_rate", "depth", *_columns.NESTED]


@pytest.fixture
def path(tmp_path, make_outcome):
    path = tmp_path / "record" / "one.parquet"
    _shard.write(path, [make_outcome(seed=seed) for seed in range(8)], WHENCE)
    return path


def test_what_was_written_is_read(path, make_outcome):
    written = _columns.table([make_outcome(seed=seed) for seed in range(8)])
    assert _shard.read(path, ALL).select(written.column_names).to_pylist() == written.to_pylist()


def test_nested_columns_are_read_where_asked_for_and_in_part(path):
    assert _shard.read(path).column_names == ALL[:-3]
    (only,) = {tuple(row) for rows in read_dead(path) for row in rows}
    assert only == ("dead",)


def read_dead(path):
    return _shard.read(path, ["sites.list.element.dead"])["sites"].to_pylist()


def test_where_the_numbers_come_from_is_kept(path):
    expected = {"schema": _shard.SCHEMA, **WHENCE}
    assert _shard.provenance(_shard.read(path, ["id"])) == expected
    assert _shard.provenance(_shard.read(path, [])) == expected


def test_any_other_tool_can_read_it(path):
    file = pq.ParquetFile(path)
    assert json.loads(file.metadata.metadata[b"actscope"])["schema"] == _shard.SCHEMA
    assert {file.metadata.row_group(0).column(i).compression for i in range(20)} == {"ZSTD"}
    assert "RLE_DICTIONARY" in encodings(file, "sites.list.element.site")
    assert "RLE_DICTIONARY" not in encodings(file, "sites.list.element.pre_mean")


def encodings(file, leaf):
    group = file.metadata.row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    (found,) = (column.encodings for column in columns if column.path_in_schema == leaf)
    return found


def test_a_newer_record_is_refused(path):
    table = pq.read_table(path).replace_schema_metadata(
        {"actscope": json.dumps({"schema": "actscope.record/3"})}
    )
    pq.write_table(table, path)
    with pytest.raises(ActscopeError) as caught:
        _shard.read(path)
    for words in (str(path), "'actscope.record/3'", "or actscope.record/2", "newer"):
        assert words in str(caught.value)


def test_a_strangers_file_is_named(path):
    pq.write_table(pa.table({"id": ["x"]}), path)
    with pytest.raises(ActscopeError, match=r"one\.parquet was not written by actscope"):
        _shard.read(path, ["id"])


def test_damage_is_named_wherever_it_is(path):
    whole, before = path.read_bytes(), _shard.read(path, ALL)
    said = []
    for damaged in damages(whole):
        path.write_bytes(damaged)
        try:
            found = _shard.read(path, ALL)
        except ActscopeError as error:
            said.append(str(error))
        else:  # the byte lay where nothing is kept
            assert found.equals(before)
    assert len(said) > 100
    assert all(text.startswith(f"{path} is damaged (") for text in said)
    assert all("delete it and run the study again" in text for text in said)


def damages(whole):
    """Cut short at many places; and a byte changed at many of those of the data."""
    yield from (whole[:end] for end in range(0, len(whole), len(whole) // 50))
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    rng = np.random.default_rng(0)
    for place in rng.integers(4, len(whole) - footer, 150).tolist():
        yield whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]


def test_a_file_that_is_not_there_is_not_damaged(tmp_path):
    with pytest.raises(FileNotFoundError):
        _shard.read(tmp_path / "none.parquet")


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("seed", pa.array(["x"] * 8), "its column seed holds string, not int64"),
        ("seed", None, "it has not one column seed"),
        ("id", pa.nulls(8, pa.string()), "its column id has gaps"),
        ("epochs", pa.nulls(8, pa.list_(pa.int32())), "its column epochs holds list"),
        ("activation", pa.array([[1]] * 8), "its column activation is of no axis"),
        ("settings", pa.array([b"\xff"] * 8).view(pa.string()), "UTF8"),
    ],
)
def test_whole_parquet_of_other_columns_is_refused(path, make_outcome, name, array, message):
    table = _columns.table([make_outcome(seed=seed) for seed in range(8)])
    place = table.column_names.index(name)
    table = table.remove_column(place) if array is None else table.set_column(place, name, array)
    _shard.write_table(path, table, WHENCE)
    with pytest.raises(ActscopeError, match=rf"one\.parquet is damaged \(.*{message}"):
        _shard.read(path)


@pytest.mark.parametrize("header", ["", "[]", "null", '{"schema": 2}', "[" * 9999])
def test_metadata_that_is_none_is_damage(path, header):
    pq.write_table(pq.read_table(path).replace_schema_metadata({"actscope": header}), path)
    with pytest.raises(ActscopeError, match="is damaged"):
        _shard.read(path)


def test_the_metadata_of_a_table_is_that_which_was_checked(path, monkeypatch):
    """Arrow's own copy stands in the footer too, and damage may be in that one alone."""
    whole = pq.ParquetFile.read

    def damaged(file, *given, **more):
        return whole(file, *given, **more).replace_schema_metadata({"actscope": "{"})

    monkeypatch.setattr(pq.ParquetFile, "read", damaged)
    assert _shard.provenance(_shard.read(path, [])) == {"schema": _shard.SCHEMA, **WHENCE}
