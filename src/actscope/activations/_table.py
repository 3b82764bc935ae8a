"""The one table of activations; whatever is in it takes part wherever all of them are asked for."""

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from actscope._errors import ActscopeError, shown, unknown
from actscope._target import is_target, load_target
from actscope.activations._activation import Activation
from actscope.activations._elementwise import require_elementwise
from actscope.activations._gated import GATED
from actscope.activations._rectified import RECTIFIED
from actscope.activations._saturating import SATURATING
from actscope.activations._smooth import SMOOTH
from actscope.activations._trainable import TRAINABLE

# The tutorial's six stand first, then family after family.
_SIX = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")
_ALL = {known.name: known for known in (*SATURATING, *RECTIFIED, *SMOOTH, *TRAINABLE, *GATED)}
_TABLE = {name: _ALL[name] for name in (*_SIX, *_ALL)}
_ALIASES = {alias: known.name for known in _TABLE.values() for alias in known.aliases}


def names(family: str | None = None) -> tuple[str, ...]:
    """The names of all activations in the table, or of one family of it, in its order."""
    found = _TABLE.values()
    return tuple(known.name for known in found if family in (None, known.family))


def register(
    activation: Activation | str, function: Callable[..., Any] | None = None
) -> Activation:
    """Add an activation to the table, where every later look-up by name finds it.

    Args:
        activation: the record, or its name alone.
        function: with a name, the callable of one array.

    Returns:
        The record.

    Raises:
        ActscopeError: the name is taken, or would break a file name or a page; the function is
            not an elementwise one of arrays.
    """
    if isinstance(activation, str):
        if function is None:
            raise ActscopeError(
                f"a name, {activation!r}, and nothing else", expected="a name and a function"
            )
        activation = Activation(activation, function)
    if activation.name in _TABLE or activation.name in _ALIASES:
        raise ActscopeError(f"{activation.name!r} is in the table already", expected="a new name")
    if is_target(activation.name):
        raise ActscopeError(f"{activation.name!r} is a target", expected="a name without a colon")
    require_elementwise(activation)
    _TABLE[activation.name] = activation
    return activation


def get(spec: str | Mapping[str, Any] | Activation, **parameters: Any) -> Activation:
    """The activation that a user means.

    Args:
        spec: a name in the table, an alias (`"silu"`, `"LeakyReLU"`), a
            `package.module:callable`, a mapping with `"name"` and parameters, or an activation.
        **parameters: settings that differ from the table's; `trainable`, a list of those that a
            network learns; and `per_unit`, whether each unit learns its own.

    Raises:
        ActscopeError: nothing has that name, it has no such parameter, or the callable is not an
            elementwise function of arrays.
    """
    if isinstance(spec, Mapping):
        given = {str(key): value for key, value in spec.items()} | parameters
        name = given.pop("name", None)
        if not isinstance(name, str):
            raise ActscopeError(
                f"activation {shown(dict(spec))}", expected='a table with a "name" and parameters'
            )
        return get(name, **given)
    learning = parameters.pop("trainable", None), parameters.pop("per_unit", None)
    if isinstance(spec, Activation):
        return spec.at(parameters, *learning)
    if is_target(spec):
        return _loaded(spec).at(parameters, *learning)
    name = spec.lower().replace("-", "_")
    name = _ALIASES.get(name, name)
    if name not in _TABLE:
        raise unknown("activation", spec, (*_TABLE, *_ALIASES))
    return _TABLE[name].at(parameters, *learning)


def _loaded(target: str) -> Activation:
    # A file may name it, and it is called at once: `code:interact` would wait for somebody to type.
    if target.partition(".")[0].partition(":")[0] in sys.stdlib_module_names:
        raise ActscopeError(
            f"{target!r} is part of Python itself", expected="a function of arrays, of your own"
        )
    found = load_target(target)
    if isinstance(found, Activation):
        # Under the target as its name, a saved network finds it again.
        return replace(found, name=target)
    activation = Activation(target, found, _float_defaults(found), formula=target, source=target)
    require_elementwise(activation)
    return activation


def _float_defaults(function: Callable[..., Any]) -> tuple[tuple[str, float], ...]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some builtins have no signature
        return ()
    return tuple((p.name, p.default) for p in parameters if isinstance(p.default, float))
