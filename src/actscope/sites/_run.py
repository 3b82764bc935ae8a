"""A graph executed with its sites open: what each is given, what it makes of it, how steeply."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from actscope.sites import _jax
from actscope.sites._chain import Run
from actscope.sites._graph import Constant, Graph, Node, Operand
from actscope.sites._spot import Spot
from actscope.sites._tap import tap

Witnesses = Mapping[str, jax.Array]
Open = Mapping[Graph, Sequence[Spot]]
_Read = Callable[[Operand], Any]


class Acted(NamedTuple):
    """What happened at a site. Within loops it has a row for every step; the units stand last.

    Attributes:
        pre: what the activation was given.
        post: what it made of that.
        slope: its derivative there, as the program has it.
        taken: whether it was reached at all; in a branch that was not taken all else is 0.
    """

    pre: Float[Array, "*rows unit"]
    post: Float[Array, "*rows unit"]
    slope: Float[Array, "*rows unit"]
    taken: Bool[Array, "*step"]


def execute(
    graph: Graph, spots: Open, given: Sequence[Any], witnesses: Witnesses | None
) -> tuple[list[Any], dict[str, Acted]]:
    """The outputs of a graph, and what happened at its sites.

    An operation that a site does not hold is executed as it stands in the program, with its own
    rules for derivatives; one within a site is too.

    Args:
        graph: what to execute.
        spots: its sites and those of the graphs within it, by the graph in which they stand.
        given: its inputs.
        witnesses: zeros, shaped like `Acted.pre`, for each site; the gradient with respect to one
            is the gradient with respect to what the activation is given, through it alone.
    """
    values: dict[Operand, Any] = dict(zip(graph.inputs, given, strict=True))
    acted: dict[str, Acted] = {}

    def read(operand: Operand) -> Any:
        return operand.array if isinstance(operand, Constant) else values[operand]

    for node in graph.nodes:
        made, inner = _made(node, spots, read, witnesses)
        values.update(zip(node.outputs, made, strict=True))
        acted |= inner
        for spot in spots.get(graph, ()):
            if spot.run.nodes[-1] is node:
                seen = acted[spot.name] = _act(spot, read, witnesses)
                values[spot.run.post] = _put_back(seen.post, spot.post_axis)
    return [read(output) for output in graph.outputs], acted


def _made(
    node: Node, spots: Open, read: _Read, witnesses: Witnesses | None
) -> tuple[Sequence[Any], dict[str, Acted]]:
    inside = within(node, spots)
    if not inside:
        return _jax.execute(node.equation, *map(read, _jax.variables(node))), {}
    if witnesses is not None:
        witnesses = {spot.name: witnesses[spot.name] for spot in inside}
    looked_into = _scan if node.primitive == "scan" else _cond
    return looked_into(node, spots, [*map(read, node.inputs)], witnesses)


def within(node: Node, spots: Open) -> dict[Spot, tuple[int, ...]]:
    """The sites within the bodies of a node, however deep, with the lengths of the loops there.

    A loop that only goes through the examples is none of these.
    """
    found: dict[Spot, tuple[int, ...]] = {}
    for body in node.bodies:
        found.update((spot, ()) for spot in spots.get(body, ()))
        for each in body.nodes:
            found |= within(each, spots)
    if node.primitive != "scan":
        return found
    length = node.params["length"]
    return {spot: rows if node in spot.maps else (length, *rows) for spot, rows in found.items()}


def _scan(
    node: Node, spots: Open, operands: Sequence[Any], witnesses: Witnesses | None
) -> tuple[Sequence[Any], dict[str, Acted]]:
    params, (body,) = node.params, node.bodies
    carries, first = params["num_carry"], node.stacked.start
    # Where the loop goes through the examples, these lie behind the rows of loops within it.
    behind = {
        spot.name: len(rows) for spot, rows in within(node, spots).items() if node in spot.maps
    }
    consts, carry = operands[: first - carries], operands[first - carries : first]

    def step(carry: Any, row: Any) -> Any:
        stacked, inner = row
        made, acted = execute(body, spots, [*consts, *carry, *stacked], inner)
        return made[:carries], (made[carries:], acted)

    if witnesses is not None:
        witnesses = {name: jnp.moveaxis(x, behind.get(name, 0), 0) for name, x in witnesses.items()}
    carry, (stacked, acted) = jax.lax.scan(
        step,
        list(carry),
        (list(operands[first:]), witnesses),
        length=params["length"],
        reverse=params["reverse"],
        unroll=params["unroll"],
    )
    for name, rows in behind.items():
        *signals, taken = (jnp.moveaxis(x, 0, rows) for x in acted[name])
        acted[name] = Acted(*signals, taken=taken.any(axis=rows))
    return [*carry, *stacked], acted


def _cond(
    node: Node, spots: Open, operands: Sequence[Any], witnesses: Witnesses | None
) -> tuple[Sequence[Any], dict[str, Acted]]:
    missed = {spot.name: _missed(spot, rows) for spot, rows in within(node, spots).items()}

    def branch(body: Graph) -> Callable[..., Any]:
        def taken(witnesses: Witnesses | None, *given: Any) -> Any:
            made, acted = execute(body, spots, given, witnesses)
            return made, missed | acted

        return taken

    which, *entering = operands
    return jax.lax.switch(which, [branch(body) for body in node.bodies], witnesses, *entering)


def _act(spot: Spot, read: _Read, witnesses: Witnesses | None) -> Acted:
    pre = read(spot.run.pre)
    seen = pre
    if witnesses is not None:
        seen = tap(pre, _put_back(witnesses[spot.name], spot.unit_axis))
    post = _acting(spot, seen, read)

    def alone(pre: jax.Array) -> jax.Array:
        return _acting(spot, pre, lambda operand: jax.lax.stop_gradient(read(operand)))

    # Backward: a function may bring a rule for that alone.
    (slope,) = jax.vjp(alone, jax.lax.stop_gradient(pre))[1](jnp.ones_like(post))
    return Acted(
        pre=_units_last(seen, spot.unit_axis),
        post=_units_last(post, spot.post_axis),
        slope=_units_last(slope, spot.unit_axis),
        taken=jnp.array(True),
    )


def _missed(spot: Spot, rows: tuple[int, ...]) -> Acted:
    """Of a site in a branch that was not taken."""
    outside = len(spot.rows) - len(rows)
    pre = jnp.zeros(spot.shape[outside:], spot.run.pre.dtype)
    post = jnp.zeros(spot.post_shape[outside:], spot.run.post.dtype)
    return Acted(pre, post, pre, jnp.zeros(rows, bool))


def _acting(spot: Spot, pre: jax.Array, read: _Read) -> jax.Array:
    if spot.instead is None:
        return _applied(spot.run, pre, read)
    return _put_back(spot.instead(_units_last(pre, spot.unit_axis)), spot.post_axis)


def _applied(run: Run, pre: jax.Array, read: _Read) -> jax.Array:
    """What a run makes of its input, read from nowhere else; all that is beside it is read."""
    values: dict[Operand, Any] = {run.pre: pre}
    for node in run.nodes:
        given = [values[x] if x in values else read(x) for x in _jax.variables(node)]
        values.update(zip(node.outputs, _jax.execute(node.equation, *given), strict=True))
    return values[run.post]


def _units_last(x: jax.Array, axis: int | None) -> jax.Array:
    return x[..., None] if axis is None else jnp.moveaxis(x, axis, -1)


def _put_back(x: jax.Array, axis: int | None) -> jax.Array:
    return x[..., 0] if axis is None else jnp.moveaxis(x, -1, axis)
