"""One network of a study: one value of every axis, and a seed."""

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from actscope.study._axes import AXES, Level, Shown, shape

Phase = Literal["compare", "tune"]


@dataclass(frozen=True)
class Combination:
    """One value of every axis, with `epochs` and `patience`; what members share but for the seed.

    Attributes:
        levels: by the name of the axis, ascending.
    """

    levels: tuple[Level, ...]

    @property
    def settings(self) -> dict[str, Any]:
        """The JSON values by name; None where an axis does not apply."""
        return {level.axis: level.value for level in self.levels}

    @cached_property
    def key(self) -> str:
        """The canonical JSON of `settings`."""
        return f"{{{','.join([level.text for level in self.levels])}}}"

    @cached_property
    def program(self) -> str:
        """Canonical JSON of what must be compiled in; equal for all that share one program."""
        return sys.intern(f"{{{','.join([level.program for level in self.levels])}}}")

    def columns(self) -> dict[str, Shown]:
        """The axes as they stand in the record and in tables, and the depth and the width.

        `depth` is the number of hidden layers and `width` the width of the widest, however the
        specification gives them. None where an axis does not apply.
        """
        shown = {level.axis: level.shown for level in self.levels}
        return {**{name: shown[name] for name in AXES}, **shape(self.settings)}


@dataclass(frozen=True, slots=True)
class Member:
    """One network of a study.

    Attributes:
        combination: its settings.
        seed: of the first weights and of the order of the batches.
        phase: `tune` where it helps to choose settings, `compare` where it counts.
    """

    combination: Combination
    seed: int
    phase: Phase = "compare"

    @property
    def id(self) -> str:
        """16 hexadecimal digits of the SHA-256 of the settings' key with the seed after it."""
        text = f"{self.combination.key}{self.seed}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def settings(self) -> dict[str, Any]:
        """The JSON values of the axes, `epochs` and `patience` by name."""
        return self.combination.settings

    def columns(self) -> dict[str, Shown]:
        """The axes as they stand in the record; seed and phase are the member's own."""
        return self.combination.columns()


def groups(members: Iterable[Member]) -> dict[str, tuple[Member, ...]]:
    """The members that share one program, by its key, in the order of each one's first member."""
    found: dict[str, list[Member]] = {}
    for member in members:
        found.setdefault(member.combination.program, []).append(member)
    return {program: tuple(shared) for program, shared in found.items()}
