"""What theory foretells of a setting's networks before training, layer by layer."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actscope import study
from actscope._errors import ActscopeError
from actscope.answers._kinds import at_hand, kinds
from actscope.answers._settings import Setting
from actscope.study import Record


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
    known = kinds(settings, record)
    found = {kind: _layers(json.loads(kind)) for kind in {*known.values()}}
    return tuple(found[known[id(each)]] if id(each) in known else () for each in settings)


def _layers(settings: Mapping[str, Any]) -> tuple[Foretold, ...]:
    try:
        layers = study.foretell(settings, at_hand(settings["dataset"]))
    except ActscopeError:
        return ()
    # A norm of so many entries; the last layer's is 1.
    norms = [layer.gradient_norm.limit for layer in layers]
    sizes = [x / math.sqrt(width) for x, width in zip(norms, settings["hidden_sizes"], strict=True)]
    return tuple(
        Foretold(layer.second_moment.limit, size / sizes[-1] if sizes[-1] else 0.0)
        for layer, size in zip(layers, sizes, strict=True)
    )
