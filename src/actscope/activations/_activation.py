"""What an activation function is: a name, a callable, its settings, and what is known of it."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from actscope._errors import ActscopeError, unknown
from actscope._target import is_target

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Facts:
    """What is true of a function f on the whole real line, at given settings.

    Attributes:
        kinks: points where f or f' jumps, ascending.
        range: infimum and supremum of f.
        monotone: f never decreases.
        largest_slope: sup |f'|, infinite where the slope has no bound.
        flat: closed intervals on which f is constant, ascending; ends may be infinite.
    """

    kinks: tuple[float, ...] = ()
    range: tuple[float, float] = (-math.inf, math.inf)
    monotone: bool = True
    largest_slope: float = 1.0
    flat: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Activation:
    """An activation function: elementwise, of arrays of any shape and floating dtype.

    Calling it applies it. It is a plain callable: `jax.jit`, `jax.grad`, `nn.Sequential` and any
    other framework take it as it is. Two with the same function and settings are equal.

    Attributes:
        name: what it is called everywhere: small letters, digits and underscores, or the
            `package.module:callable` that it was loaded from.
        function: `function(x, **settings) -> y`, y of the shape and dtype of x.
        settings: keyword arguments of `function`, by name, in a fixed order.
        defaults: the settings that go without saying; those of the record, if not given.
        formula: as a person would write it.
        source: authors, year, and where in their paper.
        facts: the facts at given settings; without it they are found by calculation.

    Raises:
        ActscopeError: the name is not of that form, which would break a file name or a page, or
            `function` cannot be called.
    """

    name: str
    function: Callable[..., Any]
    settings: tuple[tuple[str, float], ...] = ()
    formula: str = ""
    source: str = ""
    facts: Callable[..., Facts] | None = None
    defaults: tuple[tuple[str, float], ...] | None = None

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
        if self.defaults is None:
            object.__setattr__(self, "defaults", self.settings)

    def __call__(self, x: Any) -> Any:
        """The function's values at `x`, elementwise."""
        return self.function(x, **self.parameters)

    @property
    def parameters(self) -> dict[str, float]:
        """The settings by name."""
        return dict(self.settings)

    @property
    def label(self) -> str:
        """The name, and in parentheses the settings if they are not the default ones."""
        if self.settings == self.defaults:
            return self.name
        return f"{self.name}({', '.join(f'{key}={value:g}' for key, value in self.settings)})"

    @property
    def slug(self) -> str:
        """The label as part of a file name."""
        return slug(self.label)

    @property
    def spec(self) -> str | dict[str, Any]:
        """A JSON value of which `activations.get` makes this activation again."""
        return (
            self.name if self.settings == self.defaults else {"name": self.name, **self.parameters}
        )

    def at(self, parameters: Mapping[str, Any]) -> "Activation":
        """The same function at other settings.

        Raises:
            ActscopeError: it has no such parameter, or the value is not a finite number.
        """
        known = self.parameters
        for key, value in parameters.items():
            if key not in known:
                raise _unknown_parameter(self.name, key, known)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ActscopeError(f"{self.name}: {key} = {value!r}", expected="a number")
            if not math.isfinite(value):
                raise ActscopeError(f"{self.name}: {key} = {value}", expected="a finite number")
            known[key] = float(value)
        return replace(self, settings=tuple(known.items()))


def slug(label: str) -> str:
    """A label as part of a file name: letters, digits, `_`, `.` and `-` alone."""
    return re.sub(r"[^A-Za-z0-9_.]+", "-", label).strip("-.")


def _unknown_parameter(name: str, key: str, known: Mapping[str, float]) -> ActscopeError:
    if known:
        return unknown(f"parameter of {name}", key, known)
    return ActscopeError(f"{name} has no parameter {key!r}", expected="none: it has no parameters")
