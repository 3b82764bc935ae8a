"""A function of parameters and inputs, traced: its sites, and the function with its sites open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import jax

from actscope.sites import _jax
from actscope.sites._branches import Branch, branches
from actscope.sites._find import find
from actscope.sites._flatten import flatten
from actscope.sites._graph import Graph
from actscope.sites._name import path_name
from actscope.sites._origin import Origin, Origins, origins
from actscope.sites._run import Acted, Open, Witnesses, execute
from actscope.sites._side import Sides
from actscope.sites._spot import Excluded, Spot


@dataclass(frozen=True, eq=False)
class Traced:
    """A function for parameters and inputs of certain shapes.

    Attributes:
        spots: its sites, in the order in which the signal meets them.
        excluded: what was passed over, each with the reason.
    """

    spots: tuple[Spot, ...]
    excluded: tuple[Excluded, ...]
    _graph: Graph
    _origins: Origins
    _outputs: Any

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """Its residual branches, in the order in which the signal meets their sums."""
        return tuple(branches(self._graph, self._origins))

    def run(
        self, params: Any, inputs: Any, witnesses: Witnesses | None = None
    ) -> tuple[Any, dict[str, Acted]]:
        """The function's outputs, as it gives them, and what happened at each of its sites.

        It can be traced, differentiated and compiled like the function itself.

        Args:
            params: of the shapes that were traced; any numbers.
            inputs: likewise.
            witnesses: for each site zeros, shaped like its `Acted.pre`; the gradient with respect
                to one is that with respect to the activation's input. None: no gradient is asked.
        """
        outputs, acted = execute(
            self._graph, self._open, jax.tree.leaves((params, inputs)), witnesses
        )
        return jax.tree.unflatten(self._outputs, outputs), acted

    def with_instead(self, instead: Mapping[str, Callable[[Any], Any]]) -> "Traced":
        """The same with other functions at some of its sites.

        Args:
            instead: by the name of a site, a function of its input with the units last, which keeps
                the shape.
        """
        spots = (replace(spot, instead=instead.get(spot.name)) for spot in self.spots)
        return replace(self, spots=tuple(spots))

    @cached_property
    def _open(self) -> Open:
        graphs = dict.fromkeys(spot.graph for spot in self.spots)
        return {graph: [s for s in self.spots if s.graph is graph] for graph in graphs}


def trace(function: Callable[[Any, Any], Any], params: Any, inputs: Any) -> Traced:
    """The sites of a function.

    Args:
        function: `function(params, inputs) -> outputs`, pytrees of arrays all.
        params: of which the signal's names come, by their paths. An array that the function closes
            over counts as a parameter where it enters a product, and has no name.
        inputs: a batch, of which only shapes and dtypes matter.
    """
    program, outputs = _jax.trace(function, params, inputs)
    graph = flatten(program)
    leaves = jax.tree_util.tree_leaves_with_path(params)
    named = [Origin(parameter=True, leaf=path_name(path)) for path, _ in leaves]
    batch = [Origin(batch=True)] * (len(graph.inputs) - len(named))
    found = origins(graph, [*named, *batch])
    given: Mapping[Any, Callable[[], Any]] = {
        value: partial(_itself, array)
        for value, (_, array) in zip(graph.inputs, leaves, strict=False)
    }
    spots, excluded = find(graph, found, Sides(graph, found, given))
    return Traced(spots, excluded, graph, found, jax.tree.structure(outputs))


def _itself(array: Any) -> Any:
    return array
