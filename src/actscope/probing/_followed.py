"""Any JAX function, its sites found by following its program."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import jax
import numpy as np

from actscope import sites
from actscope._errors import ActscopeError
from actscope.probing._opened import Place, Witnesses
from actscope.probing._response import Response, calculated, response
from actscope.sites import Acted, Spot, Traced

Function = Callable[[Any, Any], Any]

_OURS = f"{Path(sites.__file__).parents[1]}/"
_NOT_THEIRS = (
    *("/jax/", "/jaxlib/", "/flax/", "/equinox/", "/haiku/", "-packages/torch/"),
    *("/beartype/", "-packages/jaxtyping/", _OURS),
)


@dataclass(frozen=True, eq=False)
class Followed:
    """A function for inputs of certain shapes; an `Opened`."""

    traced: Traced
    _chosen: dict[frozenset[str], "Followed"] = field(default_factory=dict)

    def places(self, params: Any, inputs: Any) -> tuple[Place, ...]:
        """As of `Opened`."""
        del params, inputs
        return self._places

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        return tuple(map(_place, self.traced.spots))

    def run(
        self, params: Any, inputs: Any, witnesses: Witnesses | None
    ) -> tuple[Any, dict[str, Acted]]:
        """As of `Opened`."""
        return self.traced.run(params, inputs, witnesses)

    def only(self, names: frozenset[str]) -> "Followed":
        """The same with these sites alone open; the same object each time."""
        if names not in self._chosen:
            spots = tuple(spot for spot in self.traced.spots if spot.name in names)
            self._chosen[names] = Followed(replace(self.traced, spots=spots))
        return self._chosen[names]


class Following:
    """A function, followed anew for arguments of every shape: the last batch may be a short one."""

    def __init__(self, function: Function):
        self._function = function
        self._known: dict[tuple[Any, Any], Followed] = {}

    def __call__(self, params: Any, inputs: Any) -> Followed:
        """The function for parameters and inputs of these shapes.

        Raises:
            ActscopeError: it raises an error, or other activations act in it than before.
        """
        key = _kind(params), _kind(inputs)
        if key not in self._known:
            found = Followed(_traced(self._function, params, inputs))
            for (of, _), other in self._known.items():
                if of == key[0]:
                    _require_alike(found.traced, other.traced)
            self._known[key] = found
        return self._known[key]


def _kind(tree: Any) -> Any:
    """What a program depends on: structure, shapes and dtypes."""
    leaves, structure = jax.tree.flatten(tree)
    return structure, tuple((np.shape(x), getattr(x, "dtype", type(x))) for x in leaves)


def _traced(function: Function, params: Any, inputs: Any) -> Traced:
    try:
        return sites.trace(function, params, inputs)
    except ActscopeError:
        raise
    except Exception as error:
        raise ActscopeError(
            f"the model cannot be traced: {where(error)} raised {type(error).__name__}: {error}",
            do=f"is it a function of (params, inputs)? inputs are {shapes(inputs)}",
        ) from error


def where(error: Exception) -> str:
    """The innermost line of the user's own, or of what they called, that raised an error."""
    trace, told = error.__traceback__, "it"
    while trace is not None:
        code = trace.tb_frame.f_code
        if not any(part in code.co_filename for part in _NOT_THEIRS):
            told = f"{code.co_filename}:{trace.tb_lineno} ({code.co_name})"
        trace = trace.tb_next
    return told


def shapes(tree: Any) -> str:
    """The shapes and dtypes of a pytree, for a person."""
    leaves = jax.tree.leaves(tree)
    told = [f"{getattr(x, 'dtype', type(x).__name__)}{[*np.shape(x)]}" for x in leaves[:6]]
    return ", ".join(told + ["…"] * (len(leaves) > 6)) or "nothing"


def _require_alike(found: Traced, other: Traced) -> None:
    one, two = ([(spot.name, spot.rows) for spot in each.spots] for each in (found, other))
    if one != two:
        raise ActscopeError(
            f"{len(one)} sites in a batch of one shape and {len(two)} in one of another",
            expected="a model that does the same for every batch",
        )


def _place(spot: Spot) -> Place:
    return Place(
        name=spot.name,
        activation=spot.label,
        function=None if spot.run.found is None else spot.run.found.activation,
        response=_response(spot),
        source=spot.source,
        shape=spot.shape,
        dtype=spot.run.pre.dtype,
        units=spot.units,
        role=spot.role,
        rows=spot.rows,
    )


def _response(spot: Spot) -> Response:
    if spot.run.found is None:
        return calculated(spot.run.at)
    known = response(spot.run.found.activation)
    return replace(known, flat=()) if spot.run.learned else known
