"""JSON from a file, held against the form that it must have before anything is made of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from actscope._errors import ActscopeError, shown

NUMBER = (int, float)
# Of a value: its types, the forms of the keys that a table must have, or the form of each entry.
Form = type | tuple[type, ...] | Mapping[str, Any] | Sequence[Any]


def require(value: Any, form: Form, place: str) -> None:
    """Do nothing where a JSON value has the form; keys beyond those that it names are let be.

    Args:
        value: as `json.loads` gives it.
        form: types (`object`: any; a bool is no number), a table of forms, or a list with the form
            of its entries.
        place: what an error calls it.

    Raises:
        ActscopeError: it has another.
    """
    if isinstance(form, Mapping):
        _require_type(value, dict, place)
        for key, inner in form.items():
            if key not in value:
                raise ActscopeError(f"{place} has no {key}", expected=", ".join(form))
            require(value[key], inner, f"{place}.{key}")
    elif isinstance(form, list):
        _require_type(value, list, place)
        for index, each in enumerate(value):
            require(each, form[0], f"{place}[{index}]")
    else:
        _require_type(value, form, place)


def _require_type(value: Any, kinds: Any, place: str) -> None:
    known = kinds if isinstance(kinds, tuple) else (kinds,)
    if not isinstance(value, known) or (isinstance(value, bool) and int in known):
        raise ActscopeError(
            f"{place} is {shown(value)}", expected=" or ".join(_NAMES[kind] for kind in known)
        )


_NAMES: Mapping[type, str] = {
    dict: "a table",
    list: "a list",
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}
