"""What a study is to find out: its axes, seeds and design, in one canonical form."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actscope.study._axes import Level, canonical

SEEDS = 2**32  # jax.random.key takes 32 bits of a seed
# Seeds from here on are those of tuning, and in a study that tunes no comparison has them.
FIRST_TUNING_SEED = 2**31


@dataclass(frozen=True)
class Tune:
    """What is chosen for each combination of the other axes, before they are compared.

    Attributes:
        axes: the values to choose from.
        seeds: how many seeds each choice rests on: `FIRST_TUNING_SEED` and those after it.
    """

    axes: Mapping[str, tuple[Level, ...]]
    seeds: int

    def document(self) -> dict[str, Any]:
        """As it stands in `[design]`."""
        return {**_values(self.axes), "on": "validation", "seeds": self.seeds}

    def at_edge(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Axes whose value in these settings is the smallest or the largest number offered."""
        return tuple(
            name
            for name, levels in self.axes.items()
            if _is_end(settings[name], [level.value for level in levels])
        )


@dataclass(frozen=True)
class Spec:
    """The specification of a study, in one form however it was written.

    Attributes:
        name: of the study; can be a folder's.
        seeds: of the comparison.
        epochs: at most.
        patience: epochs in a row without a better validation score before a member stops.
        axes: every axis that applies and is not tuned, in the order of the table, with its values
            as they were written; `depth` and `width` where they stand for `hidden_sizes`.
        pair: names of axes that walk together instead of crossing.
        exclude: levels that never all meet in one member.
        tune: what is chosen on validation data first.
    """

    name: str
    seeds: tuple[int, ...]
    epochs: int
    patience: int
    axes: Mapping[str, tuple[Level, ...]]
    pair: tuple[tuple[str, ...], ...] = ()
    exclude: tuple[tuple[Level, ...], ...] = ()
    tune: Tune | None = None

    def levels(self, name: str) -> tuple[Level, ...]:
        """All levels of an axis, tuned or not; none where it does not apply."""
        tuned = self.tune.axes if self.tune else {}
        return self.axes.get(name) or tuned.get(name, ())

    def document(self) -> dict[str, Any]:
        """JSON values of which `spec` makes this specification again."""
        names = ("name", "epochs", "patience")
        study = {**{name: getattr(self, name) for name in names}, "seeds": list(self.seeds)}
        design: dict[str, Any] = {
            "pair": [list(names) for names in self.pair],
            "exclude": [{level.axis: level.value for level in levels} for levels in self.exclude],
            "tune": self.tune.document() if self.tune else None,
        }
        given = {key: value for key, value in design.items() if value}
        return {"study": study, "axes": _values(self.axes), "design": given}

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON of `document()`, in hexadecimal digits."""
        return hashlib.sha256(canonical(self.document()).encode()).hexdigest()


def differences(old: Spec, new: Spec) -> list[str]:
    """What differs between two specifications, a line a key: `study.seeds: adds 3, 4`."""
    before, after = _flat(old.document()), _flat(new.document())
    keys = [*before, *(key for key in after if key not in before)]
    lines = (_difference(before.get(key), after.get(key)) for key in keys)
    return [f"{key}: {line}" for key, line in zip(keys, lines, strict=True) if line]


def _is_end(value: Any, offered: Sequence[Any]) -> bool:
    if len(offered) < 2 or not all(isinstance(each, int | float) for each in offered):
        return False
    return value in (min(offered), max(offered))


def _values(axes: Mapping[str, Sequence[Level]]) -> dict[str, list[Any]]:
    return {name: [level.value for level in levels] for name, levels in axes.items()}


def _flat(document: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        f"{section}.{key}": value
        for section, table in document.items()
        for key, value in table.items()
    }


def _difference(before: Any, after: Any) -> str:
    """What became of one key; empty where nothing did. None stands for a key that is not there."""
    if before == after:
        return ""
    if not isinstance(before, list) and not isinstance(after, list):
        return " → ".join("none" if side is None else canonical(side) for side in (before, after))
    old, new = ([canonical(each) for each in side or ()] for side in (before, after))
    added, dropped = [v for v in new if v not in old], [v for v in old if v not in new]
    changes = [f"adds {', '.join(added)}"] if added else []
    changes += [f"drops {', '.join(dropped)}"] if dropped else []
    return "; ".join(changes) or f"[{', '.join(old)}] → [{', '.join(new)}]"
