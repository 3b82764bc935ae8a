"""Everything that the finished members of a study gave, as Arrow tables."""

# pyright: reportUnknownParameterType=false
# Arrow's classes come without types.

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from itertools import chain, compress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float64

from actscope._errors import ActscopeError, unknown
from actscope.study import _cell, _columns, _shard
from actscope.study._axes import Shown
from actscope.study._cell import Cell
from actscope.study._folder import Folder

_SHOWN = 8  # values of an axis in a notebook


@dataclass(frozen=True)
class Record:
    """The finished members of a study, as its folder held them when the record was opened.

    Its tables are read when they are first asked for, and `to_pandas()` makes frames of them:

        record = actscope.study.Record.open("depth")
        record.members.to_pandas().groupby("activation").test_score.describe()
        epochs = record.where(phase="compare").epochs.to_pandas()
        epochs.groupby(["activation", "epoch"]).validation_score.mean()

    A member that two shards hold (two runs trained it) counts once, as in the first by file name.
    Rows stand in the order of the files, which is nobody's: sort by what you compare.
    Its shards are plain parquet files; duckdb reads them by `read_parquet('depth/record/*.parquet',
    union_by_name=true)`.

    Attributes:
        folder: the study's.
        shards: the files, by name.
        chosen: the members that it is restricted to; all if None.
    """

    folder: Path
    shards: tuple[Path, ...] = field(repr=False)
    chosen: frozenset[str] | None = field(default=None, repr=False)

    @classmethod
    def open(cls, folder: Path | str) -> "Record":
        """The record in a study's folder; empty where no member is finished yet.

        Raises:
            ActscopeError: there is no study in the folder.
        """
        where = Folder(Path(folder))
        if not where.is_study():
            raise ActscopeError(
                f"{folder} holds no study", expected="the folder that `study run` was given (--out)"
            )
        return cls(where.path, where.shards())

    def ids(self) -> frozenset[str]:
        """The members. Reads one column of each file.

        Raises:
            ActscopeError: a shard is damaged.
        """
        pairs = zip(self._names, self._rows, strict=True)
        return frozenset(name for names, rows in pairs for name in compress(names, rows))

    def where(self, **values: Shown | Collection[Shown]) -> "Record":
        """The record of only those members whose columns have these values.

        Args:
            values: of columns of `members`, one or several: `activation=["relu", "tanh"]`.

        Raises:
            ActscopeError: there is no such column.
        """
        kept = np.ones(len(self.members), bool)
        for name, wanted in values.items():
            one = isinstance(wanted, str | int | float | None)
            several = {wanted} if one else {*wanted}
            kept &= [value in several for value in self._column(name).to_pylist()]
        found = replace(self, chosen=frozenset(compress(self.members["id"].to_pylist(), kept)))
        # What is in memory already is not read again: of a large record that takes seconds.
        vars(found).update(members=_filtered(self.members, kept), _names=self._names)
        return found

    @cached_property
    def members(self) -> pa.Table:
        """A row a member: who it is, its axes, and what it came to; nothing nested."""
        pairs = zip(self.shards, self._rows, strict=True)
        table = _together(_filtered(_shard.read(path), rows) for path, rows in pairs)
        return table.combine_chunks()  # which is read many times

    @property
    def epochs(self) -> pa.Table:
        """A row an epoch of a member: losses, scores, seconds; see `monitors`."""
        return self.monitors("epochs")

    @property
    def sites(self) -> pa.Table:
        """A row a member, site and epoch: moments, shares, histogram; see `monitors`."""
        return self.monitors("sites")

    @property
    def layers(self) -> pa.Table:
        """A row a member, parameter and epoch: norms and update ratios; see `monitors`."""
        return self.monitors("layers")

    def monitors(self, name: str, fields: Collection[str] | None = None) -> pa.Table:
        """What was measured epoch by epoch: a row says whose it is, and when and where.

        Args:
            name: `epochs`, `sites` or `layers`.
            fields: what to read beside the member's id, phase, seed and axes, the epoch, and the
                site or parameter; everything if None. Histograms and masks are most of a large
                record.

        Raises:
            ActscopeError: there is no such table or field, or a shard is damaged.
        """
        if name not in _columns.NESTED:
            raise unknown("table", name, _columns.NESTED)
        known = _columns.NESTED[name]
        wanted = [*known] if fields is None else [*fields, "epoch", "site", "parameter"]
        for field_ in fields or ():
            if field_ not in known:
                raise unknown("field", field_, known)
        read = {field_: kind for field_, kind in known.items() if field_ in wanted}
        return pa.concat_tables(self._flat(name, read), promote_options="default")

    def cells(self, measure: str = "test_score", *, phase: str = "compare") -> tuple[Cell, ...]:
        """The scores as NumPy arrays for `stats`, a cell for the seeds of each setting.

        Args:
            measure: a column of `members`.
            phase: of the members to take.

        Raises:
            ActscopeError: there is no such column.
        """
        self._column(measure)
        rows = [found == phase for found in self._column("phase").to_pylist()]
        return _cell.cells(_filtered(self.members, rows), measure)

    def curves(self, measure: str = "validation_score") -> dict[str, Float64[np.ndarray, " epoch"]]:
        """A column of `epochs` as one NumPy array a member, by the member's id."""
        values = self.monitors("epochs", [measure])[measure].to_numpy().astype(np.float64)
        ends = np.cumsum(self.members["epochs_run"].to_numpy())
        return dict(zip(self.members["id"].to_pylist(), np.split(values, ends), strict=False))

    @property
    def provenance(self) -> dict[str, dict[str, Any]]:
        """Where the numbers of each shard come from, by the shard's file name."""
        return {path.name: _shard.provenance(_shard.read(path, [])) for path in self.shards}

    @cached_property
    def _names(self) -> tuple[list[str], ...]:
        """The members in each shard."""
        return tuple(_shard.read(path, ["id"])["id"].to_pylist() for path in self.shards)

    @cached_property
    def _rows(self) -> tuple[list[bool], ...]:
        """Which of them count."""
        left = set(chain(*self._names)) if self.chosen is None else set(self.chosen)
        return tuple([_taken(name, left) for name in names] for names in self._names)

    def _flat(self, name: str, fields: Mapping[str, pa.DataType]) -> Iterator[pa.Table]:
        """The epochs of each shard's members; first an empty table, should there be none."""
        axes = _columns.axes(self.members.column_names)
        who = self.members.select(["id", "phase", "seed", *axes]).combine_chunks()
        paths = [f"{name}.list.element.{field_}" for field_ in fields]
        yield _beside(who.slice(0, 0), pa.array([], pa.list_(pa.struct(list(fields.items())))))
        for path, rows in zip(self.shards, self._rows, strict=True):
            if any(rows):
                lists = _filtered(_shard.read(path, paths), rows)[name]
                yield _beside(who.slice(0, sum(rows)), lists.combine_chunks())
                who = who.slice(sum(rows))

    def _column(self, name: str) -> pa.ChunkedArray:
        if name not in self.members.column_names:
            raise unknown("column", name, self.members.column_names)
        return self.members[name]

    def _repr_html_(self) -> str:
        rows = {"members": str(len(self.members)), "shards": str(len(self.shards))}
        for name in ["phase", *_columns.axes(self.members.column_names), "seed"]:
            values = self.members[name].unique().to_pylist()
            rows[name] = _few(values)
        return _html(str(self.folder), rows)


def _together(tables: Iterable[pa.Table]) -> pa.Table:
    """One table of all rows; a column that some lack is null there."""
    empty = _columns.table([]).drop_columns([*_columns.NESTED])
    bare = [table.replace_schema_metadata() for table in (empty, *tables)]
    return pa.concat_tables(bare, promote_options="permissive")


def _filtered(table: pa.Table, rows: Sequence[bool] | Bool[np.ndarray, " _"]) -> pa.Table:
    return table if all(rows) else table.filter(pa.array(rows, pa.bool_()))


def _beside(who: pa.Table, lists: pa.ListArray) -> pa.Table:
    """The entries of each list as rows, after what is said of the list's owner."""
    owners = who.take(pa.array(np.repeat(np.arange(len(lists)), lists.value_lengths())))
    entries = pa.Table.from_struct_array(lists.flatten())
    names = [*owners.column_names, *entries.column_names]
    return pa.Table.from_arrays([*owners.columns, *entries.columns], names=names)


def _taken(name: str, left: set[str]) -> bool:
    """Whether a member is left, as it is no longer once it was taken."""
    found = name in left
    left.discard(name)
    return found


def _few(values: Sequence[Any]) -> str:
    """How many values, and the first of them."""
    shown = ", ".join(map(str, values[:_SHOWN]))
    return f"{len(values)}: {shown}{', …' if len(values) > _SHOWN else ''}"


def _html(title: str, rows: Mapping[str, str]) -> str:
    lines = (f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows.items())
    return f"<table><caption>{escape(title)}</caption>{''.join(lines)}</table>"
