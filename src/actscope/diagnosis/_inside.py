"""Into a function for any parameters: what its sites are given, who is dead, where it branches."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import jax
import numpy as np

from actscope.probing import Model, Place, Probe
from actscope.probing._followed import Followed
from actscope.probing._response import silent
from actscope.sites import Acted, Branch, Traced

_FEW = 4  # batches from which a dead unit is told


class Inside:
    """A model's function on its first batches; followed once, and compiled when it is asked.

    Args:
        function: of parameters and inputs.
        model: of which the batches are, and the shapes of the parameters.
    """

    def __init__(self, function: Callable[[Any, Any], Any], model: Model):
        self._inputs = [inputs for inputs, _ in islice(model.batches, _FEW)]
        self._params = model.params
        self._probe = Probe(function)
        self._pre = jax.jit(_given, static_argnums=0)
        self._quiet = jax.jit(_silent, static_argnums=0)

    @property
    def names(self) -> set[str]:
        """The places of its sites."""
        return {spot.name for spot in self._traced.spots}

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Its residual branches."""
        return self._traced.branches

    def met(self, params: Any) -> dict[str, np.ndarray]:
        """What each place of sites is given of the first batch, units last, behind a row a step."""
        found = self._pre(*self._opened(params, self._inputs[0]))
        return {name: np.asarray(pre) for name, pre in found.items()}

    def dead(self, params: Any) -> dict[str, np.ndarray]:
        """The dead units of each hidden place, behind a row a step."""
        found = [
            jax.device_get(self._quiet(*self._opened(params, inputs))) for inputs in self._inputs
        ]
        return {name: np.all([each[name] for each in found], axis=0) for name in found[0]}

    @property
    def _traced(self) -> Traced:
        return self._probe.opened(self._params, self._inputs[0]).traced

    def _opened(self, params: Any, inputs: Any) -> tuple[Followed, Any, Any]:
        # Followed before it is compiled: under `jit` constants have no numbers to look at.
        return self._probe.opened(params, inputs), params, inputs


def _given(opened: Followed, params: Any, inputs: Any) -> dict[str, jax.Array]:
    _, acted = opened.run(params, inputs, None)
    return {name: each.pre for name, each in acted.items()}


def _silent(opened: Followed, params: Any, inputs: Any) -> dict[str, jax.Array]:
    _, acted = opened.run(params, inputs, None)
    hidden = [each for each in opened.places(params, inputs) if each.role == "hidden"]
    return {place.name: _dead(place, acted[place.name]) for place in hidden}


def _dead(place: Place, acted: Acted) -> jax.Array:
    examples = tuple(range(len(place.rows), acted.slope.ndim - 1))
    return silent(place.response, acted.pre, acted.slope).all(examples)
