"""A function that shows its sites: where they are, and what happens at each of them."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, no_type_check, runtime_checkable

import jax
import jax.numpy as jnp

from actscope import sites
from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.probing._response import Response, response
from actscope.sites import Acted

Learned = Mapping[str, jax.Array]
Activate = Callable[[str, Activation, jax.Array, Learned], jax.Array]
Tapped = Callable[[Any, Any, Activate], Any]
Witnesses = Mapping[str, jax.Array]


@dataclass(frozen=True)
class Place:
    """A site as it stands in a function.

    Attributes:
        name: of the site.
        activation: what the activation that acts there is called.
        function: the activation itself; None if no table holds it.
        response: how that responds.
        source: the line that applies it.
        shape: of one batch of its input, units last; within loops a row for every step comes first.
        dtype: of that.
        units: features of its output.
        role: `hidden` or `output`.
        rows: lengths of the loops around it, outermost first.
    """

    name: str
    activation: str
    function: Activation | None
    response: Response
    source: str
    shape: tuple[int, ...]
    dtype: Any
    units: int
    role: str = "hidden"
    rows: tuple[int, ...] = ()


@runtime_checkable
class Opened(Protocol):
    """A function that shows its sites; hashable, and two equal ones compute the same."""

    def places(self, params: Any, inputs: Any) -> tuple[Place, ...]:
        """The sites in the order in which the signal meets them, by shapes alone."""
        ...

    def run(
        self, params: Any, inputs: Any, witnesses: Witnesses | None
    ) -> tuple[Any, dict[str, Acted]]:
        """Outputs, and what happened at each site.

        `witnesses` are zeros, shaped like the sites' inputs; the gradient with respect to one is
        that with respect to the input. None: nobody asks for gradients.
        """
        ...


@dataclass(frozen=True)
class Injected:
    """A function that hands each site's input to `activate`.

    Attributes:
        tapped: `tapped(params, inputs, activate) -> outputs`, which calls `activate(name,
            activation, pre, learned) -> post` at each of its sites.
    """

    tapped: Tapped

    def places(self, params: Any, inputs: Any) -> tuple[Place, ...]:
        """As of `Opened`.

        Raises:
            ActscopeError: two sites have the same name.
        """
        found: dict[str, Place] = {}

        @no_type_check  # whose wrapper would stand between this and the caller
        def activate(
            name: str, activation: Activation, x: jax.Array, learned: Learned
        ) -> jax.Array:
            if name in found:
                raise ActscopeError(
                    f"two sites are named {name!r}", expected="a name for each site"
                )
            caller = sys._getframe(1)
            file = "/".join(Path(caller.f_code.co_filename).parts[-3:])
            source = f"{file}:{caller.f_lineno}"
            post = activation(x, **learned)
            found[name] = Place(
                name=name,
                activation=activation.label,
                function=activation,
                response=response(activation),
                source=source,
                shape=x.shape,
                dtype=x.dtype,
                units=post.shape[-1],
            )
            return post

        jax.eval_shape(lambda params, inputs: self.tapped(params, inputs, activate), params, inputs)
        return tuple(found.values())

    def run(
        self, params: Any, inputs: Any, witnesses: Witnesses | None
    ) -> tuple[Any, dict[str, Acted]]:
        """As of `Opened`."""
        acted: dict[str, Acted] = {}

        def activate(
            name: str, activation: Activation, x: jax.Array, learned: Learned
        ) -> jax.Array:
            pre = x if witnesses is None else sites.tap(x, witnesses[name])
            post = activation(pre, **learned)
            still = jax.lax.stop_gradient((pre, dict(learned)))
            slope = local_derivative(activation, *still)
            acted[name] = Acted(pre, post, slope, jnp.array(True))
            return post

        return self.tapped(params, inputs, activate), acted


def local_derivative(activation: Activation, pre: jax.Array, learned: Learned) -> jax.Array:
    """What the program makes of a unit tangent at every input of a site, in its dtype."""
    return jax.jvp(partial(activation, **learned), (pre,), (jnp.ones_like(pre),))[1]
