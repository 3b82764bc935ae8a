"""One finished shard of a study: its members in one parquet file, there whole or not at all.

The file is plain parquet, one row a member, for any tool to read. Its metadata holds, under
`actscope`, a JSON object with the version of the columns and the provenance.
"""

# pyright: reportUnknownParameterType=false
# Arrow's classes come without types.

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from actscope._atomic import write_bytes
from actscope._errors import ActscopeError, shown
from actscope._form import require
from actscope.study import _columns
from actscope.study._outcome import Outcome

SCHEMA = "actscope.record/2"
_KEY = b"actscope"
_ALWAYS = ("id", "phase", "seed", "settings", "parameters", "epochs_run", "chance", "seconds")
_OF_AXES = (pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.null())
# Few different values, many times over; numbers are smaller and faster without a dictionary.
_WORDS: Any = ["phase", "settings", "sites.list.element.site", "layers.list.element.parameter"]


def write(path: Path, outcomes: Sequence[Outcome], provenance: Mapping[str, Any]) -> None:
    """Write the members to one file, whole or not at all.

    Args:
        path: the file, whose folder is made if need be.
        outcomes: a row each, in this order.
        provenance: where the numbers come from; anything JSON.

    Raises:
        ActscopeError: an axis has the name of another column.
        OSError: the folder or the disk does not take the file.
    """
    write_table(path, _columns.table(outcomes), provenance)


def write_table(path: Path, table: pa.Table, provenance: Mapping[str, Any]) -> None:
    """As `write`, of a table with the columns of a record.

    Raises:
        OSError: the folder or the disk does not take the file.
    """
    header = json.dumps({"schema": SCHEMA, **provenance})
    table = table.replace_schema_metadata({_KEY: header})
    content = pa.BufferOutputStream()
    pq.write_table(
        table, content, compression="zstd", use_dictionary=_WORDS, write_page_checksum=True
    )
    write_bytes(path, content.getvalue().to_pybytes())


def read(path: Path, columns: Iterable[str] | None = None) -> pa.Table:
    """The columns of a shard, read from the disk without the others.

    What was damaged among the numbers is always found, by the checksum of each page; among what
    stands about them (parquet has no checksum for that) if it makes the file unreadable.

    Args:
        path: the file.
        columns: names, of which a shard need not have all; of a nested column a part, such as
            `sites.list.element.dead`. All but the nested ones if None.

    Raises:
        ActscopeError: the file is damaged, or was not written by this or an older actscope.
        OSError: it cannot be opened.
    """
    with pa.OSFile(str(path)) as source:
        try:
            file = pq.ParquetFile(source, page_checksum_verification=True)
            read_columns = _reader(path, file)
            _require_types(path, file.schema_arrow)
            table = read_columns(file, columns)
            table.validate(full=True)  # text is UTF-8, lists lie within their column
            # A file has its metadata twice, and damage may be in the one that was not looked at.
            table = table.replace_schema_metadata({_KEY: file.schema_arrow.metadata[_KEY]})
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _damaged(path, error) from error
    _require_values(path, table)
    return table


def provenance(table: pa.Table) -> dict[str, Any]:
    """Where the numbers of a table come from that `read` gave, and the version of its columns."""
    return json.loads((table.schema.metadata or {})[_KEY])


_Reader = Callable[[pq.ParquetFile, Iterable[str] | None], Any]


def _current(file: pq.ParquetFile, columns: Iterable[str] | None) -> pa.Table:
    names = file.schema_arrow.names
    wanted = [name for name in names if name not in _columns.NESTED] if columns is None else columns
    return file.read(columns=list(wanted), use_threads=False)


# How to read each version of the columns into that of today.
# Version 1 has no histograms of post-activations and gradients: `Record` fills in null.
_READERS: Mapping[str, _Reader] = {"actscope.record/1": _current, SCHEMA: _current}


def _reader(path: Path, file: pq.ParquetFile) -> _Reader:
    header = (file.schema_arrow.metadata or {}).get(_KEY)
    if header is None:
        raise ActscopeError(
            f"{path} was not written by actscope",
            expected="shards of this study alone in its record",
            do="move it away",
        )
    try:
        told = json.loads(header)
        require(told, {"schema": str}, "its metadata")
    except (ValueError, RecursionError, ActscopeError) as error:
        raise _damaged(path, error) from error
    schema = told["schema"]
    if schema not in _READERS:
        raise ActscopeError(
            f"{path} holds {shown(schema)}",
            expected=" or ".join(_READERS),
            do="read it with the version of actscope that wrote it, or a newer one",
        )
    return _READERS[schema]


def _require_types(path: Path, schema: pa.Schema) -> None:
    """That each column has the type that this or an older version gives it."""
    kinds = {**_columns.SCALARS, **{name: pa.list_(pa.struct([])) for name in _columns.NESTED}}
    for name, kind in kinds.items():
        if schema.names.count(name) != 1:
            raise _damaged(path, ValueError(f"it has not one column {name}"))
        found = schema.field(name).type
        if name in _columns.NESTED:
            _require_fields(path, name, found)
        elif not found.equals(kind):
            raise _damaged(path, ValueError(f"its column {name} holds {found}, not {kind}"))
    for name in _columns.axes(schema.names):
        if schema.field(name).type not in _OF_AXES or schema.names.count(name) != 1:
            raise _damaged(path, ValueError(f"its column {name} is of no axis"))


def _require_fields(path: Path, name: str, found: pa.DataType) -> None:
    if not pa.types.is_list(found) or not pa.types.is_struct(found.value_type):
        raise _damaged(path, ValueError(f"its column {name} holds {found}, no list of rows"))
    known = _columns.NESTED[name]
    for field in found.value_type:
        if field.name not in known or not field.type.equals(known[field.name]):
            raise _damaged(path, ValueError(f"its column {name} has a field {field}"))


def _require_values(path: Path, table: pa.Table) -> None:
    """That nothing is null without which a row is of no member."""
    for name in table.column_names:
        if (name in _ALWAYS or name in _columns.NESTED) and table[name].null_count:
            raise _damaged(path, ValueError(f"its column {name} has gaps"))


def _damaged(path: Path, error: Exception) -> ActscopeError:
    why = str(error) or type(error).__name__
    return ActscopeError(
        f"{path} is damaged ({why.splitlines()[0]})",
        expected="a shard of a study's record",
        do="delete it and run the study again: its members alone are trained anew",
    )
