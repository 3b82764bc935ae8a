"""What the tutorial publishes. Nothing but the column `published` comes from here.

No other module may read `published.json`: a number that was read is not a number reproduced.

Reference:
    Lippe, UvA Deep Learning Tutorials, tutorial 3 in JAX, "Activation Functions".
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from actscope._errors import unknown

Value = float | tuple[float, ...]


@dataclass(frozen=True)
class Number:
    """A figure that the tutorial prints.

    Attributes:
        id: such as `test_accuracy.relu`.
        value: one number, or one a layer.
        unit: of the value.
        tolerance: the largest difference that printing alone can make.
        source: where in the tutorial it stands.
    """

    id: str
    value: Value
    unit: str
    tolerance: float
    source: str


@dataclass(frozen=True)
class Sentence:
    """What the tutorial says in words.

    Attributes:
        id: such as `claim.sigmoid_trains`.
        words: a quotation.
        number: the number in them; NaN if there is none that matters.
        source: where in the tutorial they stand.
    """

    id: str
    words: str
    number: float
    source: str


@cache
def numbers() -> tuple[Number, ...]:
    """Every figure that the tutorial prints."""
    found = _file()["figures"]
    return tuple(Number(**entry | {"value": _value(entry["value"])}) for entry in found)


@cache
def sentences() -> tuple[Sentence, ...]:
    """Every sentence that can be checked."""
    return tuple(Sentence(**{"number": math.nan} | entry) for entry in _file()["claims"])


def test_accuracy(activation: str) -> float:
    """Of the network with this activation, a fraction of 1.

    Raises:
        ActscopeError: the tutorial publishes none for it.
    """
    known = {
        found.id.removeprefix("test_accuracy."): found.value
        for found in numbers()
        if found.id.startswith("test_accuracy.") and isinstance(found.value, float)
    }
    if activation not in known:
        raise unknown("activation of the tutorial", activation, known)
    return known[activation]


def _file() -> Any:
    text = (resources.files("actscope.tutorial") / "published.json").read_text("utf-8")
    return json.loads(text)


def _value(given: Any) -> Value:
    return tuple(given) if isinstance(given, list) else given
