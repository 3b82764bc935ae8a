"""The door for a user's own code: `package.module:callable` becomes the callable."""

import importlib
import re
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from actscope._errors import ActscopeError, unknown

_TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def is_target(text: str) -> bool:
    """Whether `text` has the form `package.module:callable`."""
    return ":" in text


def load_target(text: str) -> Callable[..., Any]:
    """The callable that `package.module:callable` names.

    Modules in the current folder are found too, after the installed ones.

    Raises:
        ActscopeError: the text has another form, the module cannot be imported, it has no such
            attribute, or the attribute is not callable.
    """
    if not _TARGET.fullmatch(text):
        raise ActscopeError(f"{text!r} is not a target", expected="package.module:callable")
    module_name, _, attributes = text.partition(":")
    try:
        with _current_folder():
            found: Any = importlib.import_module(module_name)
    # A user's module may raise anything while it is imported, and may call sys.exit too.
    except (Exception, SystemExit) as error:
        raise ActscopeError(
            f"{text!r}: importing {module_name!r} raised {type(error).__name__}: {error}",
            do="is the module in the current folder or installed?",
        ) from error
    for name in attributes.split("."):
        found = _attribute(found, name, text)
    if not callable(found):
        raise ActscopeError(f"{text!r} is a {type(found).__name__}", expected="a callable")
    return found


def _attribute(owner: Any, name: str, target: str) -> Any:
    try:
        return getattr(owner, name)
    except AttributeError as error:
        public = [known for known in dir(owner) if not known.startswith("_")]
        raise unknown(f"attribute of {target.partition(':')[0]!r}", name, public) from error
    except Exception as error:  # a module or an object may compute its attributes
        raise ActscopeError(
            f"{target!r}: looking for {name!r} raised {type(error).__name__}: {error}"
        ) from error


@contextmanager
def _current_folder() -> Generator[None]:
    # `python -m actscope` has it in its path, the command `actscope` has not.
    folder = str(Path.cwd())
    sys.path.append(folder)
    try:
        yield
    finally:
        with suppress(ValueError):  # the module may have removed it
            sys.path.remove(folder)
