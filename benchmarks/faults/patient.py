"""A network that may be ill, and a fault that can be planted in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from designs import Design

_ADAM = optax.scale_by_adam()


def _update(updates: Any, state: Any, params: Any = None) -> Any:
    rate, inner = state
    found, inner = _ADAM.update(updates, inner, params)
    return jax.tree.map(lambda x: (-rate * x).astype(x.dtype), found), (rate, inner)


def adam(rate: float) -> optax.GradientTransformation:
    """Adam, whose rate is part of its state: all rates share one compilation."""
    return optax.GradientTransformation(
        lambda params: (jnp.float32(rate), _ADAM.init(params)), _update
    )


def cross_entropy(outputs: Any, targets: Any) -> Any:
    """Mean of the cross-entropy."""
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], 1).mean()


USUAL = adam(1e-3)


@dataclass(frozen=True, eq=False)
class Patient:
    """A network, its data and how it is trained.

    Attributes:
        design: of the network.
        function: of packed parameters and inputs.
        params: of single layers.
        x: inputs.
        y: targets.
        loss: of outputs and targets.
        optimizer: with which it is trained.
    """

    design: Design
    function: Callable[[Any, Any], Any]
    params: Any
    x: Any
    y: Any
    loss: Callable[[Any, Any], Any] = cross_entropy
    optimizer: Any = USUAL


@dataclass(frozen=True, eq=False)
class Plant:
    """A fault.

    Attributes:
        rules: that should find it.
        strength: in words.
        apply: the patient with the fault; None where the design cannot have it.
        looks: what these rules look at of what the probe finds: `gradients` with all else,
            `signals` alone, or `nothing`.
    """

    rules: tuple[str, ...]
    strength: str
    apply: Callable[[Patient, np.random.Generator], Patient | None]
    looks: str = "gradients"
