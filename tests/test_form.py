"""A value of JSON has the form that it must have, or the error says where it has not."""

import pytest

from actscope._errors import ActscopeError
from actscope._form import NUMBER, require

FORM = {"name": str, "epochs": [{"loss": NUMBER}], "at": (int, type(None)), "more": dict}
GOOD = {"name": "a", "epochs": [{"loss": 1}, {"loss": 0.5, "x": []}], "at": None, "more": {"b": 1}}


def test_what_has_the_form_passes():
    require(GOOD, FORM, "notes")
    require(GOOD | {"at": 3, "epochs": [], "beyond": object()}, FORM, "notes")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], r"^notes is \[\]; expected a table$"),
        ({}, "^notes has no name; expected name, epochs, at, more$"),
        (GOOD | {"epochs": {}}, r"^notes\.epochs is \{\}; expected a list$"),
        (GOOD | {"epochs": [{"loss": 1}, {}]}, r"^notes\.epochs\[1\] has no loss"),
        (GOOD | {"epochs": [{"loss": True}]}, r"\.loss is True; expected a whole number or a num"),
        (GOOD | {"at": 1.5}, r"^notes\.at is 1\.5; expected a whole number or null$"),
        (GOOD | {"name": "a" * 10**6, "at": "a" * 10**6}, r"^notes\.at is .{100,250}; expected"),
    ],
)
def test_what_has_not_is_named(value, message):
    with pytest.raises(ActscopeError, match=message):
        require(value, FORM, "notes")
