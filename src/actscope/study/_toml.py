"""A specification that was built in Python, as the TOML file that it might have been."""

import json
from collections.abc import Mapping
from typing import Any


def toml(document: Mapping[str, Mapping[str, Any]]) -> str:
    """The TOML text of a `Spec.document()`.

    Only what such a document holds: tables of numbers, words, lists and tables of these. None
    stands for "none", which every axis reads as None.
    """
    sections = [
        "\n".join([f"[{name}]", *(f"{key} = {_value(value)}" for key, value in table.items())])
        for name, table in document.items()
        if table
    ]
    return "\n\n".join(sections) + "\n"


def _value(value: Any) -> str:
    if value is None:
        return '"none"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_word(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return _word(value)


def _word(value: str | float) -> str:
    # JSON's words and numbers are TOML's: the same escapes, but for the surrogates of astral
    # characters, which `ensure_ascii` would write, and DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")
