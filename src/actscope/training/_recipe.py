"""How a network is trained: every number that the run depends on, but for its seed."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from actscope._errors import ActscopeError, unknown
from actscope.training._optimizers import optimizers, schedules


@dataclass(frozen=True)
class Recipe:
    """An optimizer, its numbers, and early stopping; by default the tutorial's.

    With `sgd`: v ← momentum · v + gradient, weights ← weights - learning rate · v; v starts at 0.

    Attributes:
        epochs: passes over the training set, at most.
        patience: stop after so many epochs in a row without a better validation score.
        batch_size: examples a step; what is left over at the end of an epoch is dropped.
        optimizer: a name of `training.optimizers()`.
        learning_rate: above 0.
        momentum: from 0 to below 1; of `sgd` and `nesterov`, the others have none.
        weight_decay: 0 or more; decoupled with `adamw`, `nadamw` and `lion`, else added to the
            gradient (weight_decay · weights).
        schedule: of the learning rate over all `epochs`, a name of `training.schedules()`.
        gradient_clip: largest norm of the whole gradient, above 0; None for any.

    Raises:
        ActscopeError: a number is outside its range, or a name unknown.
    """

    epochs: int = 50
    patience: int = 7
    batch_size: int = 256
    optimizer: str = "sgd"
    learning_rate: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 0.0
    schedule: str = "constant"
    gradient_clip: float | None = None

    def __post_init__(self):
        for name in ("epochs", "patience", "batch_size"):
            _check(name, getattr(self, name), "a whole number from 1", _counts)
        _check("learning_rate", self.learning_rate, "a finite number above 0", _is_positive)
        _check("momentum", self.momentum, "a number from 0 to below 1", _is_momentum)
        _check("weight_decay", self.weight_decay, "a finite number from 0", _is_decay)
        if self.gradient_clip is not None:
            _check("gradient_clip", self.gradient_clip, "a finite number above 0", _is_positive)
        for kind, known in (("optimizer", optimizers()), ("schedule", schedules())):
            if getattr(self, kind) not in known:
                raise unknown(kind, str(getattr(self, kind)), known)

    def to_json(self) -> dict[str, Any]:
        """Every field by its name."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Recipe":
        """The recipe of these fields; a field left out has its default.

        Raises:
            ActscopeError: a name is unknown, or a value of a wrong type or outside its range.
        """
        known = {field.name: field.type for field in fields(cls)}
        for name in values:
            if name not in known:
                raise unknown("setting of a recipe", name, known)
        whole: dict[str, Any] = {**values}
        for name, value in values.items():
            # A whole number is often written without a point: 1 is a learning rate, true is none.
            if known[name] in (float, float | None) and type(value) is int:
                whole[name] = float(value)
        return cls(**whole)


def _check(name: str, value: Any, expected: str, holds: Callable[[float], bool]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not holds(value):
        raise ActscopeError(f"{name} = {value!r}", expected=expected)


def _counts(value: float) -> bool:
    return isinstance(value, int) and value >= 1


def _is_positive(value: float) -> bool:
    return math.isfinite(value) and value > 0


def _is_momentum(value: float) -> bool:
    return 0 <= value < 1


def _is_decay(value: float) -> bool:
    return math.isfinite(value) and value >= 0
