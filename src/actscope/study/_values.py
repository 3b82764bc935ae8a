"""How one value of a specification is read: checked, and brought to the one form that it has.

Each reader takes what a user wrote, in TOML or in Python, and returns a JSON value: two ways to
write the same thing give equal ones. Rooms that import jax are imported when they are asked.
"""

import sys
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from actscope._errors import ActscopeError, shown, unknown
from actscope._target import load_target

Read = Callable[[Any], Any]

_LARGEST = 2**31 - 1  # jax counts steps and examples in 32 bits
_WIDEST = 1_000_000
_DEEPEST = 10_000


def got(value: Any, expected: str) -> ActscopeError:
    """The error for a value of a wrong type, or outside its range."""
    return ActscopeError(f"got {shown(value)}", expected=expected)


def is_list(value: Any) -> bool:
    """Whether a value is several; a text is one."""
    return isinstance(value, list | tuple)


def whole(low: int = 1, high: int = _LARGEST) -> Read:
    """A reader of whole numbers from `low` to `high`."""

    def read(value: Any) -> int:
        number = isinstance(value, Integral) and not isinstance(value, bool)  # NumPy's too
        if not number or not low <= int(value) <= high:
            raise got(value, f"a whole number from {low} to {high}")
        return int(value)

    return read


def real(expected: str, holds: Callable[[float], bool]) -> Read:
    """A reader of finite numbers for which `holds` is true."""

    def read(value: Any) -> float:
        number: Any = value if isinstance(value, Real) and not isinstance(value, bool) else None
        # Nan is below nothing, and a whole number may be too large for a float.
        if number is None or not abs(number) <= sys.float_info.max or not holds(float(number)):
            raise got(value, expected)
        return float(number) + 0.0  # -0.0 becomes 0.0

    return read


positive = real("a finite number above 0", lambda value: value > 0)
not_negative = real("a finite number from 0", lambda value: value >= 0)
share = real("a number from 0 to below 1", lambda value: 0 <= value < 1)
depth = whole(1, _DEEPEST)
width = whole(1, _WIDEST)


def named(
    kind: str, names: Callable[[], tuple[str, ...]], aliases: Mapping[str, str] | None = None
) -> Read:
    """A reader of names in a table.

    Args:
        kind: what is named, for the error.
        names: the names, asked for when a value is read.
        aliases: other names, and what each stands for.
    """
    stands_for = aliases or {}

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise got(value, "a name")
        known = names()
        name = stands_for.get(value, value)
        if name not in known:
            raise unknown(kind, value, (*known, *stands_for))
        return name

    return read


def or_none(read_value: Read) -> Read:
    """A reader that takes `"none"` too, and Python's None, for None."""
    return lambda value: None if value is None or value == "none" else read_value(value)


def activation(value: Any) -> Any:
    """The `spec` of an activation: of `"silu"` it is `"swish"`."""
    from actscope import activations

    if not isinstance(value, str | Mapping | activations.Activation):
        raise got(value, "a name, package.module:callable, or a table with a name and parameters")
    found = activations.get(value)
    if isinstance(value, activations.Activation) and activations.get(found.spec) != found:
        raise ActscopeError(
            f"{found.label!r} is another function than the table's", do="register it by a new name"
        )
    return found.spec


def hidden_sizes(value: Any) -> list[int]:
    """The width of each hidden layer."""
    if not is_list(value) or not 1 <= len(value) <= _DEEPEST:
        raise got(value, f"a list of widths, of 1 to {_DEEPEST} layers")
    return [width(each) for each in value]


def dataset(value: Any) -> str:
    """A name that `data.load` knows, or the path of an `.npz` file, as it is written."""
    from actscope import data

    if not isinstance(value, str | Path):
        raise got(value, "the name of a data set, or the path of an .npz file")
    text = str(value)
    if text.endswith(".npz"):
        if not _is_file(text):
            raise ActscopeError(f"there is no file {shown(text)}", expected="an .npz file")
        return text
    if text not in data.names():
        raise unknown("data set", text, (*data.names(), "FILE.npz"))
    return text


def _is_file(text: str) -> bool:
    try:
        return Path(text).expanduser().is_file()
    except (OSError, RuntimeError):  # a name too long, no permission; nobody is called so (`~x`)
        return False


def target(value: Any) -> str:
    """A `package.module:callable` that can be imported, as it is written."""
    if not isinstance(value, str):
        raise got(value, "package.module:callable")
    load_target(value)
    return value
