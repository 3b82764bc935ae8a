"""The door for a user's own code: `package.module:callable` becomes the callable."""

import importlib
import re
from collections.abc import Callable
from typing import Any

from actscope._errors import ActscopeError, unknown

_TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def is_target(text: str) -> bool:
    """Whether `text` has the form `package.module:callable`."""
    return ":" in text


def load_target(text: str) -> Callable[..., Any]:
    """The callable that `package.module:callable` names.

    Raises:
        ActscopeError: the text has another form, the module cannot be imported, it has no such
            attribute, or the attribute is not callable.
    """
    if not _TARGET.fullmatch(text):
        raise ActscopeError(f"{text!r} is not a target", expected="package.module:callable")
    module_name, _, attributes = text.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:  # a user's module may raise anything while it is imported
        raise ActscopeError(
            f"{text!r}: importing {module_name!r} raised {type(error).__name__}: {error}",
            do="is the module in the current folder or installed?",
        ) from error
    for name in attributes.split("."):
        if not hasattr(found, name):
            public = [known for known in dir(found) if not known.startswith("_")]
            raise unknown(f"attribute of {module_name!r}", name, public)
        found = getattr(found, name)
    if not callable(found):
        raise ActscopeError(f"{text!r} is a {type(found).__name__}", expected="a callable")
    return found
