"""What a record will take on the disk: shards of made-up numbers, written once and weighed."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from actscope.study import _columns, _shard
from actscope.study._cost import SEEN, Cost
from actscope.study._member import Member
from actscope.study._outcome import Outcome
from actscope.training import Epoch

_FEW = 4  # members of the larger shard that is weighed
_BINS = 50  # of a histogram


@dataclass(frozen=True)
class Weight:
    """Bytes of a program's shards.

    Attributes:
        shard: of each, whatever is in it; mostly what parquet says of its columns.
        member: of each member in it.
    """

    shard: float
    member: float

    def of(self, shards: int, members: int) -> float:
        """Bytes of so many shards with so many members in all."""
        return shards * self.shard + members * self.member


def weigh(member: Member, cost: Cost) -> Weight:
    """The weight of shards of a program.

    Two of them are written to a temporary folder, of members that use up all their epochs. Their
    numbers are random, so that hardly one can be compressed, but those that repeat in a record do
    so here: names, settings, and masks of dead units, in which no unit dies or wakes up. A real
    shard also says where it comes from, in a kilobyte or two.

    Args:
        member: any of the program.
        cost: what it takes.
    """
    one, few = (_written(member, cost, count) for count in (1, _FEW))
    each = (few - one) / (_FEW - 1)
    return Weight(one - each, each)


def _written(member: Member, cost: Cost, count: int) -> int:
    rng = np.random.default_rng(0)
    outcomes = [_imagined(member, cost, rng) for _ in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shard.parquet"
        _shard.write(path, outcomes, {})
        return path.stat().st_size


def _imagined(member: Member, cost: Cost, rng: np.random.Generator) -> Outcome:
    count = member.settings["epochs"]
    epochs = tuple(Epoch(number, *rng.random(5).tolist()) for number in range(1, count + 1))
    test_loss, test_score, seconds = rng.random(3).tolist()
    return Outcome(
        id=rng.bytes(8).hex(),
        phase=member.phase,
        seed=member.seed,
        settings=member.combination.key,
        columns=member.columns(),
        parameters=sum(cost.parameters.values()),
        epochs=epochs,
        best_epoch=count,
        test_loss=test_loss,
        test_score=test_score,
        chance=0.0,
        diverged_at=None,
        seconds=seconds,
        dead=tuple(0 for _ in cost.units),
        units=tuple(cost.units.values()),
        sites={
            name: {field: _field(form, count, units, rng) for field, form in _columns._SITE.items()}
            for name, units in cost.units.items()
        },
        layers={
            name: {field: _field(form, count, 0, rng) for field, form in _columns._LAYER.items()}
            for name in cost.parameters
        },
    )


def _field(form: Any, epochs: int, units: int, rng: np.random.Generator) -> np.ndarray:
    """Numbers of the type of a field of a monitor, a row an epoch."""
    if pa.types.is_binary(form):
        return np.tile(rng.random(units) < 0.1, (epochs, 1))
    if pa.types.is_list(form):
        return rng.multinomial(SEEN * units, np.full(_BINS, 1 / _BINS), epochs)
    if pa.types.is_integer(form):
        return np.arange(epochs)
    return rng.random(epochs, np.float32)
