"""Make a study small enough to be published: `python tools/publish.py DIR docs/study/NAME`.

What is left is a study's folder: `actscope study show` and `actscope report` take it, and any tool
that reads parquet. Left out are histograms of all seeds but the first, signals and steps of
networks that only tuned and of all epochs but eleven, checkpoints, and where on a machine the
study lay.
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

EPOCHS = 11


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
    compared = pc.equal(table["phase"], "compare").to_numpy(zero_copy_only=False)
    for name in ("sites", "layers"):
        lists = table[name].combine_chunks()
        member = np.repeat(np.arange(len(lists)), lists.value_lengths().to_numpy())
        entries = lists.flatten()
        epoch = entries.field("epoch").to_numpy()
        kept = compared[member] & np.isin(epoch, _told(epoch))
        entries, member = entries.filter(pa.array(kept)), member[kept]
        if name == "sites":
            seen = pc.equal(table["seed"], first).to_numpy(zero_copy_only=False)
            entries = _without_histograms(entries, pa.array(seen[member]))
        ends = np.searchsorted(member, np.arange(len(lists)), side="right")
        offsets = pa.array(np.concatenate([[0], ends]).astype(np.int32))
        thinned = pa.ListArray.from_arrays(offsets, entries)
        table = table.set_column(table.column_names.index(name), name, thinned)
    return table


def _told(epochs: np.ndarray) -> np.ndarray:
    """At most `EPOCHS` of these, evenly spread, with the first and the last."""
    known = np.unique(epochs)
    return known[np.linspace(0, len(known) - 1, min(EPOCHS, len(known))).round().astype(int)]


def _without_histograms(entries: pa.StructArray, rows: pa.Array) -> pa.StructArray:
    """The same, with histograms in these rows only."""
    fields = {
        field.name: _only(rows, entries.field(field.name))
        if field.name.endswith("histogram")
        else entries.field(field.name)
        for field in entries.type
    }
    return pa.StructArray.from_arrays([*fields.values()], [*fields])


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
