"""What the networks of a setting had inside: layer by layer, epoch by epoch."""

# pyright: reportUnknownParameterType=false
# Arrow's classes come without types.

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from actscope import stats
from actscope.answers._settings import Setting
from actscope.stats import Interval
from actscope.study import Record

_FAR = 80.0  # natural logarithms: an interval may reach farther than float32, which was measured
_HISTOGRAMS = ("", "post_", "gradient_")
_FIELDS = (
    *("pre_mean", "pre_variance", "gradient_rms", "dead", "units", "dead_mask"),
    *(f"{prefix}{end}" for prefix in _HISTOGRAMS for end in ("low", "high", "histogram")),
)
_Columns = Mapping[str, Sequence[Any]]
_Rows = Mapping[int, int]  # of a table, by epoch


@dataclass(frozen=True)
class Bars:
    """A histogram: counts in equal bins from `low` to `high`."""

    low: float
    high: float
    counts: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Layer:
    """What the seeds of a setting say of one layer after one epoch.

    Attributes:
        setting: whose it is.
        layer: its number, from 1.
        epoch: likewise; a network that stopped earlier counts as it was then.
        second_moment: of the pre-activations: geometric mean; None: of no seed positive and finite.
        gradient: root mean square at the pre-activations, likewise.
        dead: share of dead units.
        woken: share of units that are not dead, but were after an earlier epoch.
        pre: pre-activations of the network with the lowest seed.
        post: its post-activations; None: the record is of version 1, which has none.
        back: its gradients at the pre-activations; None likewise.
    """

    setting: Setting
    layer: int
    epoch: int
    second_moment: Interval | None
    gradient: Interval | None
    dead: Interval
    woken: Interval
    pre: Bars
    post: Bars | None
    back: Bars | None


def layers(
    settings: Sequence[Setting], record: Record, epochs: int, seeds: int = sys.maxsize
) -> tuple[Layer, ...]:
    """The layers of each setting that stands for one cell of the study, in its order.

    Args:
        settings: of an answer.
        record: of the study.
        epochs: at most so many of them, evenly spaced, the last one among them.
        seeds: of each setting at most so many networks, those of the lowest seeds.
    """
    alone = [setting for setting in settings if setting.runs]
    if not alone:
        return ()
    record = record.where(phase="compare")
    members = {index: found[:seeds] for index, found in members_of(alone, record).items()}
    table = record.where(id=[*chain(*members.values())]).monitors("sites", _FIELDS)
    columns = {name: _values(table[name]) for name in ("id", "site", "epoch", *_FIELDS)}
    last = max(columns["epoch"], default=0)
    wanted = sorted({round(each) for each in np.linspace(1, last, min(epochs, last))})
    seen = _by_member(columns)
    found = (
        _of_a_setting(setting, [seen[member] for member in members[index]], columns, wanted)
        for index, setting in enumerate(alone)
    )
    return tuple(layer for of_one in found for layer in of_one)


def _values(column: pa.ChunkedArray) -> Any:
    """As Python's own, but for histograms: of each setting only one network's are drawn."""
    return column.combine_chunks() if pa.types.is_list(column.type) else column.to_pylist()


def _by_member(columns: _Columns) -> dict[str, list[_Rows]]:
    """The rows of each member: by epoch, for one site after the other."""
    found: dict[str, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    names = zip(columns["id"], columns["site"], columns["epoch"], strict=True)
    for row, (member, site, epoch) in enumerate(names):
        found[member][site][epoch] = row
    return defaultdict(list, {member: list(sites.values()) for member, sites in found.items()})


def members_of(settings: Sequence[Setting], record: Record) -> dict[int, list[str]]:
    """The members of each setting, by its number, the lowest seed first."""
    table = record.members
    axes = [axis for axis in settings[0].axes if axis in table.column_names]
    numbers = {
        tuple(setting.axes[axis] for axis in axes): index for index, setting in enumerate(settings)
    }
    rows = zip(*(table[name].to_pylist() for name in ("seed", "id", *axes)), strict=True)
    found: dict[int, list[str]] = defaultdict(list)
    for _, member, *values in sorted(rows, key=lambda row: row[:2]):
        if (index := numbers.get(tuple(values))) is not None:
            found[index].append(member)
    return found


def _of_a_setting(
    setting: Setting, members: Sequence[Sequence[_Rows]], columns: _Columns, epochs: Sequence[int]
) -> Iterator[Layer]:
    for number, seeds in enumerate(zip(*(each for each in members if each), strict=False), 1):
        awake = [_woken(rows, columns) for rows in seeds]
        for epoch in epochs:
            at = [_so_far(rows, epoch) for rows in seeds]
            seen = [{field: columns[field][row] for field in _FIELDS} for row in at]
            woken = [each[row] for each, row in zip(awake, at, strict=True)]
            yield _layer(setting, number, epoch, seen, woken)


def _so_far(rows: _Rows, epoch: int) -> int:
    """The row of an epoch, or of the last one before it."""
    return rows[max((each for each in rows if each <= epoch), default=min(rows))]


def _woken(rows: _Rows, columns: _Columns) -> dict[int, float]:
    """By row the share of the units that were dead after an earlier epoch, and are not then."""
    order = [rows[epoch] for epoch in sorted(rows)]
    packed = np.frombuffer(b"".join(columns["dead_mask"][row] for row in order), np.uint8)
    masks = packed.reshape(len(order), -1)
    dead = np.unpackbits(masks, axis=1, count=columns["units"][order[0]]).astype(bool)
    woken = np.logical_or.accumulate(dead) & ~dead
    return dict(zip(order, woken.mean(axis=1).tolist(), strict=True))


def _layer(
    setting: Setting,
    number: int,
    epoch: int,
    seen: Sequence[dict[str, Any]],
    woken: Sequence[float],
) -> Layer:
    pre, post, back = (_bars(seen[0], prefix) for prefix in _HISTOGRAMS)
    assert pre is not None  # every version has it
    return Layer(
        setting=setting,
        layer=number,
        epoch=epoch,
        second_moment=_geometric([each["pre_mean"] ** 2 + each["pre_variance"] for each in seen]),
        gradient=_geometric([each["gradient_rms"] for each in seen]),
        dead=stats.mean_interval([each["dead"] / max(each["units"], 1) for each in seen]),
        woken=stats.mean_interval(woken),
        pre=pre,
        post=post,
        back=back,
    )


def _bars(row: Mapping[str, Any], prefix: str) -> Bars | None:
    low, high = row[f"{prefix}low"], row[f"{prefix}high"]
    counts = row[f"{prefix}histogram"].as_py()
    return None if counts is None else Bars(low, high, tuple(counts))


def _geometric(values: Sequence[float]) -> Interval | None:
    """The geometric mean, by the interval of the logarithm's."""
    good = [x for x in values if np.isfinite(x) and x > 0]
    if not good:
        return None
    span = stats.mean_interval(np.log(good))
    mean, low, high = (
        None if x is None else float(np.exp(np.clip(x, -_FAR, _FAR)))
        for x in (span.mean, span.low, span.high)
    )
    assert mean is not None
    return replace(span, mean=mean, low=low, high=high)
