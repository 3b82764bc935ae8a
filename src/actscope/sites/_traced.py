"""A function of parameters and inputs, traced, and its sites."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax

from actscope.sites import _jax
from actscope.sites._find import Found, find
from actscope.sites._flatten import flatten
from actscope.sites._origin import Origin, origins
from actscope.sites._side import Sides


def trace(function: Callable[[Any, Any], Any], params: Any, inputs: Any) -> Found:
    """The sites of a function.

    Args:
        function: `function(params, inputs) -> outputs`, pytrees of arrays all.
        params: of which the signal's names come, by their paths. An array that the function closes
            over counts as a parameter where it enters a product, and has no name.
        inputs: a batch, of which only shapes and dtypes matter.
    """
    program, _ = _jax.trace(function, params, inputs)
    graph = flatten(program)
    leaves = jax.tree_util.tree_leaves_with_path(params)
    named = [
        Origin(parameter=True, leaf=jax.tree_util.keystr(path, simple=True, separator="."))
        for path, _ in leaves
    ]
    batch = [Origin(batch=True)] * (len(graph.inputs) - len(named))
    found = origins(graph, [*named, *batch])
    given = {
        value: partial(_itself, array)
        for value, (_, array) in zip(graph.inputs, leaves, strict=False)
    }
    return find(graph, found, Sides(graph, found, given))


def _itself(array: Any) -> Any:
    return array
