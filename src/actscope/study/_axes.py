"""The axes of a study: everything that can differ between two of its networks, but for the seed.

One record an axis, in one table. A new one is a new record there, and what reads its value when a
network is built or trained.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from actscope.study import _values as values

Shown = str | int | float | None


@dataclass(frozen=True)
class Axis:
    """One thing that can differ between two networks of a study.

    Attributes:
        name: the key in `[axes]`, and the column of the record.
        default: the value, as `read` returns it, where the specification has none.
        read: what a user wrote -> its one form, a JSON value; raises `ActscopeError`.
        show: a value as it stands in the record and in tables. Of one type for all values.
        program: what of a value must be compiled in. Members for which it is equal on every axis
            share one program, which takes the rest of their settings as arrays.
        several: whether what a user wrote is a list of values rather than one.
        built_in: it shapes our own architecture, and says nothing of a user's `network`.
        shorthand: it is no setting of its own, but a way to write `hidden_sizes`.
    """

    name: str
    default: Any
    read: values.Read
    show: Callable[[Any], str | int | float] = lambda value: value
    program: Callable[[Any], Any] = lambda value: value
    several: Callable[[Any], bool] = values.is_list
    built_in: bool = False
    shorthand: bool = False

    def level(self, written: Any) -> "Level":
        """The level that a user means by a value.

        Raises:
            ActscopeError: it is no value of this axis.
        """
        value = self.read(written)
        return _level(self.name, value, self.program(value), self.show(value))


@dataclass(frozen=True, slots=True)
class Level:
    """One value of one axis, with all that is ever asked of it. Equal where axis and value are.

    Attributes:
        axis: the axis' name.
        text: `"axis":value` in canonical JSON.
        value: the JSON value; None also where the axis does not apply.
        program: `"axis":…` in canonical JSON, of what must be compiled in.
        shown: as in the record; None where the axis does not apply.
    """

    axis: str
    text: str
    value: Any = field(compare=False)
    program: str = field(compare=False)
    shown: Shown = field(compare=False)


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no spaces, ASCII, shortest floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def constant(name: str, value: Any) -> Level:
    """A setting that is the same in all members of a study, and in no program."""
    return _level(name, value, None, value)


def not_applicable(axis: Axis) -> Level:
    """The level of a member that the axis says nothing of."""
    return _level(axis.name, None, None, None)


def of_shape(depth: Level, width: Level) -> Level:
    """The level of `hidden_sizes` that a depth and a width give."""
    return AXES["hidden_sizes"].level([width.value] * depth.value)


def shape(settings: Mapping[str, Any]) -> dict[str, Shown]:
    """Number of hidden layers, and width of the widest; None of a user's own network."""
    sizes = settings["hidden_sizes"]
    return {"depth": len(sizes) if sizes else None, "width": max(sizes) if sizes else None}


def _level(name: str, value: Any, program: Any, shown: Shown) -> Level:
    key = canonical(name)
    return Level(name, f"{key}:{canonical(value)}", value, f"{key}:{canonical(program)}", shown)


def _text(value: Any) -> str:
    return "none" if value is None else str(value)


def _label(spec: Any) -> str:
    from actscope import activations

    return activations.get(spec).label


def _sizes(value: list[int]) -> str:
    return ",".join(map(str, value))


def _lists(value: Any) -> bool:
    """`[256, 256]` is one value of `hidden_sizes`, `[[256, 256]]` a list of one."""
    return values.is_list(value) and (not value or any(map(values.is_list, value)))


def _nothing(value: Any) -> None:
    """What enters a program as an array."""
    del value


def _is_set(value: Any) -> bool:
    return value is not None


def _layers() -> tuple[str, ...]:
    from actscope import networks

    return networks.layers()


def _normalizations() -> tuple[str, ...]:
    from actscope import networks

    return networks.normalizations()


def _initialisations() -> tuple[str, ...]:
    from actscope import networks

    return networks.initialisations()


def _tasks() -> tuple[str, ...]:
    from actscope import training

    return training.tasks()


def _optimizers() -> tuple[str, ...]:
    from actscope import training

    return training.optimizers()


def _schedules() -> tuple[str, ...]:
    from actscope import training

    return training.schedules()


_initialization = values.named("initialization", _initialisations, {"tutorial": "pytorch"})

# Defaults are the tutorial's. The order is that of columns and tables, and of the members: the
# first axis changes slowest.
_TABLE = (
    # The tutorial compares six; relu is the one that most networks begin with.
    Axis("activation", "relu", values.activation, show=_label),
    Axis(
        "hidden_sizes",
        [512, 256, 256, 128],
        values.hidden_sizes,
        show=_sizes,
        several=_lists,
        built_in=True,
    ),
    Axis("depth", None, values.depth, built_in=True, shorthand=True),
    Axis("width", None, values.width, built_in=True, shorthand=True),
    Axis("layer", "dense", values.named("layer", _layers), built_in=True),
    Axis("normalization", "none", values.named("normalization", _normalizations), built_in=True),
    Axis("dropout", 0.0, values.share, built_in=True),
    Axis("network", None, values.or_none(values.target), show=_text),
    Axis("initialization", "pytorch", _initialization, program=_nothing, built_in=True),
    Axis("dataset", "fashion_mnist", values.dataset),
    Axis("task", "classification", values.named("task", _tasks)),
    Axis("optimizer", "sgd", values.named("optimizer", _optimizers)),
    Axis("learning_rate", 0.01, values.positive, program=_nothing),
    Axis("momentum", 0.9, values.share, program=_nothing),
    Axis("weight_decay", 0.0, values.not_negative, program=_nothing),
    Axis("schedule", "constant", values.named("schedule", _schedules)),
    Axis("gradient_clip", None, values.or_none(values.positive), show=_text, program=_is_set),
    Axis("batch_size", 256, values.whole()),
)

# Whatever may stand in `[axes]`.
KEYS: Mapping[str, Axis] = {axis.name: axis for axis in _TABLE}
# The settings of a member. A network of two layers of 256 is the same member whether it was
# written as `hidden_sizes` or as `depth` and `width`.
AXES: Mapping[str, Axis] = {name: axis for name, axis in KEYS.items() if not axis.shorthand}
