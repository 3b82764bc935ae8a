"""What an activation function is: a name, a callable, its settings, and what is known of it."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from actscope._errors import ActscopeError, shown, unknown
from actscope._target import is_target

_INFINITE = 2.0**128 - 2.0**103  # the least number that float32 rounds to infinity
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Facts:
    """What is true of a function f on the whole real line, at given settings.

    Attributes:
        kinks: points where f or f' jumps, ascending.
        range: infimum and supremum of f.
        monotone: f never decreases.
        largest_slope: sup |f'|, infinite where the slope has no bound or f jumps: the least
            Lipschitz constant.
        flat: closed intervals on which f is constant, ascending; ends may be infinite.
        knots: further points where a higher derivative jumps, ascending: between kinks and knots f
            is analytic.
        smoothness: the largest k with f in C^k: infinite, or -1 where f itself jumps.
        symmetry: `"odd"`, `"even"`, or `""` for neither.
        surrogate: the program's derivative is on purpose another function than f', a
            straight-through estimate.
    """

    kinks: tuple[float, ...] = ()
    range: tuple[float, float] = (-math.inf, math.inf)
    monotone: bool = True
    largest_slope: float = 1.0
    flat: tuple[tuple[float, float], ...] = ()
    knots: tuple[float, ...] = ()
    smoothness: float = math.inf
    symmetry: Literal["odd", "even", ""] = ""
    surrogate: bool = False

    @property
    def bounded(self) -> bool:
        """The range is finite on both sides."""
        return all(math.isfinite(end) for end in self.range)


@dataclass(frozen=True)
class Activation:
    """An activation function of arrays of any shape and floating dtype.

    Calling it applies it. It is a plain callable: `jax.jit`, `jax.grad`, `nn.Sequential` and any
    other framework take it as it is. Two with the same function and settings are equal.

    Nearly all are elementwise. One that is not acts along the last axis: of n · `reads` numbers it
    makes n · `makes`, and n units stand at its site.

    Attributes:
        name: what it is called everywhere: small letters, digits and underscores, or the
            `package.module:callable` that it was loaded from.
        function: `function(x, **settings) -> y`, y of the shape and dtype of x.
        settings: keyword arguments of `function`, by name, in a fixed order.
        defaults: the settings that go without saying; those of the record, if not given.
        trainable: names of settings that a network learns, from their values here on.
        default_trainable: of these, what goes without saying; those of the record, if not given.
        per_unit: each unit learns numbers of its own; otherwise a site's units share them.
        formula: as a person would write it.
        latex: the same in LaTeX.
        source: authors, year, and where in their paper.
        facts: the facts at given settings; without it they are found by calculation.
        family: the group that it is shown in: `"saturating"`, `"rectified"`, `"smooth"`,
            `"trainable"`, `"gated"`, or `""` for a user's own.
        aliases: other people's names for it, understood wherever a name is read, never written.
        why: for each setting, where its default comes from.
        reads: numbers of the last axis that a unit takes in.
        makes: numbers of the last axis that a unit gives out.
        random: in training, `function` also takes `key=` and draws from it; without a key it gives
            what evaluation should.

    Raises:
        ActscopeError: the name is not of that form, which would break a file name or a page,
            `function` cannot be called, or there is no setting of a name in `trainable`.
    """

    name: str
    function: Callable[..., Any]
    settings: tuple[tuple[str, float], ...] = ()
    formula: str = ""
    source: str = ""
    facts: Callable[..., Facts] | None = None
    defaults: tuple[tuple[str, float], ...] | None = None
    trainable: tuple[str, ...] = ()
    default_trainable: tuple[str, ...] | None = None
    per_unit: bool = False
    latex: str = ""
    family: str = ""
    aliases: tuple[str, ...] = ()
    why: tuple[tuple[str, str], ...] = ()
    reads: int = 1
    makes: int = 1
    random: bool = False

    def __post_init__(self):
        if not _NAME.fullmatch(self.name) and not is_target(self.name):
            raise ActscopeError(
                f"an activation named {self.name!r}",
                expected="a small letter, then at most 63 small letters, digits and underscores",
            )
        if not callable(self.function):
            raise ActscopeError(
                f"activation {self.name!r} with a {type(self.function).__name__} for a function",
                expected="a callable of one array",
            )
        for key in self.trainable:
            if key not in self.parameters:
                raise _unknown_parameter(self.name, key, self.parameters)
        if self.defaults is None:
            object.__setattr__(self, "defaults", self.settings)
        # In the order of the settings, so that two that train the same are equal.
        ordered = tuple(key for key in self.parameters if key in self.trainable)
        object.__setattr__(self, "trainable", ordered)
        if self.default_trainable is None:
            object.__setattr__(self, "default_trainable", ordered)

    def __call__(self, x: Any, **learned: Any) -> Any:
        """The function's values at `x`.

        Args:
            x: points, of any shape.
            **learned: what stands in for settings, as a network has learned it: numbers, or arrays
                that broadcast to `x`; and a random one's `key` in training.
        """
        return self.function(x, **{**self.parameters, **learned})

    @property
    def elementwise(self) -> bool:
        """Each number out depends on the number at its place alone."""
        return self.reads == self.makes == 1

    @property
    def parameters(self) -> dict[str, float]:
        """The settings by name."""
        return dict(self.settings)

    @property
    def label(self) -> str:
        """The name, and in parentheses the settings if they are not the default ones."""
        if self._is_default:
            return self.name
        settings = [
            f"{key}={value:g}{' learned' if key in self.trainable else ''}"
            for key, value in self.settings
        ]
        return f"{self.name}({', '.join(settings + ['per unit'] * self.per_unit)})"

    @property
    def slug(self) -> str:
        """The label as part of a file name."""
        return slug(self.label)

    @property
    def spec(self) -> str | dict[str, Any]:
        """A JSON value of which `activations.get` makes this activation again."""
        if self._is_default:
            return self.name
        spec: dict[str, Any] = {"name": self.name, **self.parameters}
        if self.trainable != self.default_trainable:
            spec["trainable"] = list(self.trainable)
        return spec | ({"per_unit": True} if self.per_unit else {})

    def to_json(self) -> dict[str, Any]:
        """What the record says by itself, as JSON values."""
        why = dict(self.why)
        return {
            "formula": self.formula,
            "latex": self.latex,
            "source": self.source,
            "family": self.family,
            "aliases": list(self.aliases),
            "parameters": {
                key: {"value": value, "why": why.get(key, "")} for key, value in self.settings
            },
            "trainable": {key: self.parameters[key] for key in self.trainable},
        }

    @property
    def _is_default(self) -> bool:
        plain = (self.settings, self.trainable) == (self.defaults, self.default_trainable)
        return plain and not self.per_unit

    def at(
        self, parameters: Mapping[str, Any], trainable: Any = None, per_unit: Any = None
    ) -> "Activation":
        """The same function at other settings.

        Args:
            parameters: the settings that differ, by name.
            trainable: names of those that a network learns; None: as it is.
            per_unit: whether each unit learns its own; None: as it is.

        Raises:
            ActscopeError: it has no such parameter, a value is not finite in float32, `trainable`
                is no list of names, `per_unit` no truth value, or nothing is learned per unit.
        """
        known = self.parameters
        for key, value in parameters.items():
            if key not in known:
                raise _unknown_parameter(self.name, key, known)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ActscopeError(f"{self.name}: {key} = {shown(value)}", expected="a number")
            if not abs(value) < _INFINITE:
                raise ActscopeError(
                    f"{self.name}: {key} = {shown(value)}",
                    expected="a finite number, at most 3.4e38 as in float32",
                )
            known[key] = float(value)
        learned = self.trainable if trainable is None else _names(self.name, trainable)
        alone = self.per_unit if per_unit is None else per_unit
        if not isinstance(alone, bool):
            raise ActscopeError(f"{self.name}: per_unit = {shown(alone)}", expected="true or false")
        made = replace(self, settings=tuple(known.items()), trainable=learned, per_unit=alone)
        if alone and not made.trainable:
            raise ActscopeError(
                f"{self.name}: per_unit, and nothing is learned", do="name what is in trainable"
            )
        return made


def require_positive(name: str, setting: str, value: float) -> None:
    """Refuse a setting for which there is no such function.

    Raises:
        ActscopeError: the value is not above 0.
    """
    if value <= 0:
        raise ActscopeError(f"{name}: {setting} = {value:g}", expected="a number above 0")


def slug(label: str) -> str:
    """A label as part of a file name: letters, digits, `_`, `.` and `-` alone."""
    return re.sub(r"[^A-Za-z0-9_.]+", "-", label).strip("-.")


def _names(name: str, trainable: Any) -> tuple[str, ...]:
    if not isinstance(trainable, list | tuple) or not all(isinstance(k, str) for k in trainable):
        raise ActscopeError(
            f"{name}: trainable = {shown(trainable)}", expected="a list of names of its parameters"
        )
    return tuple(trainable)


def _unknown_parameter(name: str, key: str, known: Mapping[str, float]) -> ActscopeError:
    if known:
        return unknown(f"parameter of {name}", key, known)
    return ActscopeError(f"{name} has no parameter {key!r}", expected="none: it has no parameters")
