"""The layers of a study's networks, with what is shown of whose they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from actscope.answers import Answer, Foretold, Layer, foretold, layers
from actscope.pages import brief
from actscope.report._scores_part import Names
from actscope.report._strata import drawn
from actscope.study import Record

_EPOCHS = 8  # that a slider goes through, and two at least
_ROWS = 4000  # of a chart, about
_SETTINGS, _FEW = 300, 24  # of more settings than 300 about 24 are drawn
_NETWORKS = 3000  # that are looked into


@dataclass(frozen=True, eq=False)
class Insides:
    """The layers of an answer, and what is shown of whose they are.

    Attributes:
        layers: all of them.
        choices: the treatment as it is shown, by the identity of a setting.
        strata: the stratum as it is shown, likewise.
        foretold: what theory says of a setting's layers, likewise.
        names: of the treatments.
        part: which networks are drawn, in a sentence, where it is not all.
    """

    layers: tuple[Layer, ...]
    choices: Mapping[int, str]
    strata: Mapping[int, str]
    foretold: Mapping[int, Sequence[Foretold]]
    names: Names
    part: str

    @classmethod
    def of(cls, answer: Answer, record: Record, names: Names) -> "Insides":
        """Those of an answer."""
        groups, part = drawn(answer, _SETTINGS, _FEW)
        heads = brief(groups)
        shown = [
            (setting, names[treatment], heads[head])
            for head, group in groups.items()
            for treatment, setting in group.items()
        ]
        settings = [setting for setting, *_ in shown]
        most = max(2, _NETWORKS // len(settings))
        if any(len(setting.runs) > most for setting in settings):
            seeds = f"of each setting the {most:,} lowest seeds"
            part = f"{part}; {seeds}" if part else f"drawn are {seeds}"
        return cls(
            _thinned(layers(settings, record, _EPOCHS, most)),
            {id(setting): choice for setting, choice, _ in shown},
            {id(setting): head for setting, _, head in shown},
            dict(zip(map(id, settings), foretold(settings, record), strict=True)),
            names,
            f"{part}." if part else "",
        )

    @cached_property
    def epochs(self) -> tuple[int, ...]:
        """Those that were looked at."""
        return tuple(sorted({each.epoch for each in self.layers}))

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Of the layers."""
        return tuple(sorted({each.layer for each in self.layers}))

    @cached_property
    def facet(self) -> str:
        """The field of the strata, if there are several."""
        return "stratum" if len(set(self.strata.values())) > 1 else ""

    @cached_property
    def last(self) -> dict[tuple[int, int], Layer]:
        """The last layer of a setting after an epoch."""
        return {(id(each.setting), each.epoch): each for each in self.layers}

    def whose(self, layer: Layer) -> dict[str, Any]:
        """The fields that say whose a layer is, and when."""
        setting = id(layer.setting)
        place = {"choice": self.choices[setting], "stratum": self.strata[setting]}
        return place | {"layer": layer.layer, "epoch": layer.epoch}


def _thinned(found: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Of fewer epochs where there are many layers: the first, the last, and what fits between."""
    epochs = sorted({each.epoch for each in found})
    room = max(2, _ROWS * len(epochs) // max(len(found), 1))
    if room >= len(epochs):
        return found
    kept = {epochs[round(place)] for place in np.linspace(0, len(epochs) - 1, room)}
    return tuple(each for each in found if each.epoch in kept)
