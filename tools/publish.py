"""Make a study small enough to be published: `python tools/publish.py DIR docs/study/NAME`.

What is left is a study's folder: `actscope study show` and `actscope report` take it, and any tool
that reads parquet. Left out are histograms of all seeds but the first, signals and steps of
networks that only tuned, checkpoints, and where on a machine the study lay.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from actscope.study import Folder, Record
from actscope.study._columns import NESTED
from actscope.study._shard import provenance, read, write_table


def publish(folder: Path, to: Path) -> None:
    """Write the folder `to`, anew."""
    first = min(Record.open(folder).members["seed"].to_pylist())
    if to.exists():
        shutil.rmtree(to)
    target = Folder(to)
    target.record.mkdir(parents=True)
    shutil.copy(folder / "study.toml", target.spec)
    tables, sources = [], []
    for path in Folder(folder).shards():
        whole = read(path, [*read(path).column_names, *NESTED])
        sources.append(provenance(whole))
        tables.append(_lighter(whole.replace_schema_metadata(), first))
    told = _where_from(sources[0], folder)
    write_table(target.record / "published.parquet", pa.concat_tables(tables), told)


def _lighter(table: pa.Table, first: int) -> pa.Table:
    compared = pc.equal(table["phase"], "compare").combine_chunks()
    for name in ("sites", "layers"):
        lists = pc.if_else(compared, table[name].combine_chunks(), pa.scalar([], table[name].type))
        table = table.set_column(table.column_names.index(name), name, lists)
    seen = pc.equal(table["seed"], first).to_numpy(zero_copy_only=False)
    sites = table["sites"].combine_chunks()
    rows = pa.array(np.repeat(seen, sites.value_lengths().to_numpy()))
    entries = sites.flatten()
    fields = {
        field.name: _only(rows, entries.field(field.name))
        if field.name.endswith("histogram")
        else entries.field(field.name)
        for field in entries.type
    }
    struct = pa.StructArray.from_arrays([*fields.values()], [*fields])
    offsets = np.concatenate([[0], np.cumsum(sites.value_lengths().to_numpy())]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), struct)
    return table.set_column(table.column_names.index("sites"), "sites", lists)


def _only(rows: pa.Array, values: pa.Array) -> pa.Array:
    """The values of these rows; null in all others."""
    return pc.if_else(rows, values, pa.scalar(None, values.type))


def _where_from(source: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What a shard says of itself, without the place of the folder."""
    known = {name: value for name, value in source.items() if name != "schema"}
    command = str(known.get("command", ""))
    for place in (str(folder.resolve()), str(folder)):
        command = command.replace(place, "DIR")
    return known | {"command": command}


if __name__ == "__main__":
    publish(Path(sys.argv[1]), Path(sys.argv[2]))
