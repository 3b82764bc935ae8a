"""What theory foretells of a setting's networks before training, layer by layer."""

# pyright: reportUnknownParameterType=false
# Arrow's classes come without types.

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from actscope import data, study
from actscope._errors import ActscopeError
from actscope.answers._layers import members_of
from actscope.answers._settings import Setting
from actscope.data import Dataset
from actscope.study import Record

_ASKED = (
    *("dataset", "task", "network", "activation", "hidden_sizes", "layer"),
    *("normalization", "dropout", "initialization"),
)


@dataclass(frozen=True)
class Foretold:
    """What theory expects of one layer before training, over networks of its kind.

    Attributes:
        second_moment: of the pre-activations.
        gradient: root mean square at the pre-activations, relative to that of the last layer.
    """

    second_moment: float
    gradient: float


def foretold(settings: Sequence[Setting], record: Record) -> tuple[tuple[Foretold, ...], ...]:
    """The layers of each setting, the first one first.

    Empty where theory is silent: of other networks than dense ones without normalisation, of a
    start that looks at the data, of a setting that stands for several cells, and where the data
    cannot be had.

    Args:
        settings: of an answer.
        record: of the study.
    """
    alone = [setting for setting in settings if setting.runs]
    if not alone:
        return ((),) * len(settings)
    record = record.where(phase="compare")
    table = record.members
    texts = dict(zip(table["id"].to_pylist(), table["settings"].to_pylist(), strict=True))
    kinds = {
        id(alone[index]): _kind(json.loads(texts[members[0]]))
        for index, members in members_of(alone, record).items()
    }
    load = cache(data.load)
    found = {kind: _layers(json.loads(kind), load) for kind in {*kinds.values()}}
    return tuple(found[kinds[id(each)]] if id(each) in kinds else () for each in settings)


def _kind(settings: Mapping[str, Any]) -> str:
    """What a forecast asks for: settings that differ in the rest share theirs."""
    return json.dumps({name: settings[name] for name in _ASKED})


def _layers(settings: Mapping[str, Any], load: Callable[[str], Dataset]) -> tuple[Foretold, ...]:
    try:
        layers = study.foretell(settings, load(settings["dataset"]))
    except ActscopeError:
        return ()
    # A norm of so many entries; the last layer's is 1.
    norms = [layer.gradient_norm.limit for layer in layers]
    sizes = [x / math.sqrt(width) for x, width in zip(norms, settings["hidden_sizes"], strict=True)]
    return tuple(
        Foretold(layer.second_moment.limit, size / sizes[-1] if sizes[-1] else 0.0)
        for layer, size in zip(layers, sizes, strict=True)
    )
