"""The columns of a study's record: outcomes in, one row a member of a nested Arrow table out.

Built column by column; a row at a time would take longer than the training of a small network.
"""

# pyright: reportUnknownParameterType=false
# Arrow's classes come without types.

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from actscope._errors import ActscopeError
from actscope.study._outcome import Monitors, Outcome
from actscope.training import Epoch

_INT, _FLOAT, _SINGLE = pa.int32(), pa.float64(), pa.float32()
_COUNTS = pa.list_(_INT)

SCALARS: Mapping[str, pa.DataType] = {
    "id": pa.string(),
    "phase": pa.string(),
    "seed": pa.int64(),
    "settings": pa.string(),
    "parameters": pa.int64(),
    "epochs_run": _INT,
    "best_epoch": _INT,
    "validation_loss": _FLOAT,
    "validation_score": _FLOAT,
    "test_loss": _FLOAT,
    "test_score": _FLOAT,
    "chance": _FLOAT,
    "diverged_at": pa.int64(),
    "seconds": _FLOAT,
    "dead": _COUNTS,
    "units": _COUNTS,
}
_EPOCH: Mapping[str, pa.DataType] = {
    "epoch": _INT,
    "train_loss": _FLOAT,
    "train_score": _FLOAT,
    "validation_loss": _FLOAT,
    "validation_score": _FLOAT,
    "seconds": _FLOAT,
}
_SITE: Mapping[str, pa.DataType] = {
    "epoch": _INT,
    "pre_mean": _SINGLE,
    "pre_variance": _SINGLE,
    "post_mean": _SINGLE,
    "post_variance": _SINGLE,
    "zero": _SINGLE,
    "saturated": _SINGLE,
    "gradient_rms": _SINGLE,
    "dead": _INT,
    "dead_mask": pa.binary(),  # np.packbits over the units
    "low": _SINGLE,  # of the pre-activations
    "high": _SINGLE,
    "histogram": _COUNTS,
    "post_low": _SINGLE,
    "post_high": _SINGLE,
    "post_histogram": _COUNTS,
    "gradient_low": _SINGLE,
    "gradient_high": _SINGLE,
    "gradient_histogram": _COUNTS,
}
_LAYER: Mapping[str, pa.DataType] = {
    "epoch": _INT,
    "gradient_norm": _SINGLE,
    "weight_rms": _SINGLE,
    "update_ratio": _SINGLE,
}
# A list of structs a member: what each is made of, the monitor's own name first.
NESTED: Mapping[str, Mapping[str, pa.DataType]] = {
    "epochs": _EPOCH,
    "sites": {"site": pa.string(), **_SITE, "units": _INT},
    "layers": {"parameter": pa.string(), **_LAYER},
}


def table(outcomes: Sequence[Outcome]) -> pa.Table:
    """A row a member: the scalars, a column an axis, and the nested columns.

    Numbers that are not finite are null, but for those of monitors, which stay as they are.

    Raises:
        ActscopeError: an axis has the name of another column, or a monitor other fields than it
            should have.
    """
    scalars = {
        name: pa.array([_known(getattr(outcome, name)) for outcome in outcomes], kind)
        for name, kind in SCALARS.items()
    }
    nested = {
        "epochs": _epochs([outcome.epochs for outcome in outcomes]),
        "sites": _monitors("sites", [_with_units(outcome.sites) for outcome in outcomes]),
        "layers": _monitors("layers", [outcome.layers for outcome in outcomes]),
    }
    return pa.table({**scalars, **_axes(outcomes), **nested})


def axes(names: Iterable[str]) -> list[str]:
    """Which of a record's columns are axes of the study."""
    return [name for name in names if name not in SCALARS and name not in NESTED]


def _axes(outcomes: Sequence[Outcome]) -> dict[str, pa.Array]:
    names = dict.fromkeys(name for outcome in outcomes for name in outcome.columns)
    if taken := [name for name in names if name in SCALARS or name in NESTED]:
        raise ActscopeError(
            f"an axis is called {taken[0]!r}", expected="a name that no column of a record has"
        )
    return {name: pa.array([outcome.columns.get(name) for outcome in outcomes]) for name in names}


def _known(number: Any) -> Any:
    """What a null stands for is not there, or no number."""
    return None if isinstance(number, float) and not math.isfinite(number) else number


def _epochs(members: Sequence[Sequence[Epoch]]) -> pa.ListArray:
    flat = [epoch for epochs in members for epoch in epochs]
    columns = [
        pa.array([_known(getattr(epoch, attribute)) for epoch in flat], kind)
        for attribute, kind in zip(["number", *list(_EPOCH)[1:]], _EPOCH.values(), strict=True)
    ]
    return _listed(map(len, members), pa.StructArray.from_arrays(columns, list(_EPOCH)))


def _with_units(sites: Monitors) -> Monitors:
    """With the number of units, without which a packed mask cannot be unpacked."""
    for name, block in sites.items():
        _require_fields(name, block, _SITE)
    masks = {name: block["dead_mask"] for name, block in sites.items()}
    units = {name: np.full(len(mask), mask.shape[1]) for name, mask in masks.items()}
    return {name: {**block, "units": units[name]} for name, block in sites.items()}


def _monitors(column: str, members: Sequence[Monitors]) -> pa.ListArray:
    """A list a member of all its monitors' epochs, one monitor after the other."""
    key, *_ = NESTED[column]
    fields = {field: kind for field, kind in NESTED[column].items() if field != key}
    names = [name for member in members for name in member]
    blocks = [block for member in members for block in member.values()]
    for name, block in zip(names, blocks, strict=True):
        _require_fields(name, block, fields)
    rows = [len(block["epoch"]) for block in blocks]
    which = np.repeat(np.arange(len(blocks)), rows)
    arrays = [
        pa.array(names, pa.string()).take(pa.array(which)),
        *(_column([block[field] for block in blocks], kind) for field, kind in fields.items()),
    ]
    lengths = [sum(len(block["epoch"]) for block in member.values()) for member in members]
    return _listed(lengths, pa.StructArray.from_arrays(arrays, [key, *fields]))


def _require_fields(
    name: str, block: Mapping[str, np.ndarray], fields: Mapping[str, pa.DataType]
) -> None:
    lengths = {len(array) for array in block.values()}
    if block.keys() != fields.keys() or len(lengths) != 1:
        raise ActscopeError(
            f"the monitor {name!r} has {', '.join(block)}, of lengths {sorted(lengths)}",
            expected=f"{', '.join(fields)}, each with a row an epoch",
        )


def _column(blocks: Sequence[np.ndarray], kind: pa.DataType) -> pa.Array:
    if pa.types.is_binary(kind):
        return _packed(blocks)
    if pa.types.is_list(kind):
        lengths = [block.shape[1] for block in blocks for _ in range(len(block))]
        return _listed(lengths, _joined([block.ravel() for block in blocks], _INT))
    return _joined(blocks, kind)


def _joined(blocks: Sequence[np.ndarray], kind: pa.DataType) -> pa.Array:
    dtype = kind.to_pandas_dtype()
    return pa.array(np.concatenate([np.empty(0, dtype), *blocks], dtype=dtype), kind)


def _packed(masks: Sequence[np.ndarray]) -> pa.Array:
    """Eight units a byte, the first unit in a byte's highest bit; the last byte filled with 0."""
    packed = [np.packbits(mask, axis=1) for mask in masks]
    lengths = [len(row) for block in packed for row in block]
    content = _joined([block.ravel() for block in packed], pa.uint8())
    buffers = [None, pa.array(_offsets(lengths)).buffers()[1], content.buffers()[1]]
    return pa.Array.from_buffers(pa.binary(), len(lengths), buffers)


def _listed(lengths: Iterable[int], values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array(_offsets(lengths)), values)


def _offsets(lengths: Iterable[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(list(lengths))]).astype(np.int32)
