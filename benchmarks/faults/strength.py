"""How strong a fault is, measured without the probe and the rules that should find it."""

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from designs import ACTIVATIONS, Design, affine, entering, leaving

LEAST = 2.0**-25  # half of float16's least number: what is smaller is rounded to 0

Loss = Callable[[Any, Any], Any]


@cache
def _along(design: Design, loss: Loss) -> Any:
    act = ACTIVATIONS[design.activation]

    @jax.jit
    def run(params: Any, x: Any, y: Any) -> Any:
        def whole(taps: list[Any]) -> Any:
            z, sizes = entering(design, x), []
            for layer, tap in zip(params["layers"], taps, strict=True):
                z = affine(layer, z) + tap
                sizes.append(jnp.sqrt(jnp.square(z).mean()))
                z = act(z)
            return loss(leaving(design, z) @ params["out"]["kernel"], y), jnp.stack(sizes)

        shape = (len(x), *design.spots, design.width)
        gradients, sizes = jax.grad(whole, has_aux=True)([jnp.zeros(shape)] * design.depth)
        return sizes, jnp.stack([jnp.sqrt(jnp.square(each).sum()) for each in gradients])

    return run


def along_depth(
    design: Design, params: Any, x: Any, y: Any, loss: Loss
) -> tuple[np.ndarray, np.ndarray]:
    """Of each layer without skips the size of what its activation gets, and of its gradient."""
    sizes, gradients = jax.device_get(_along(design, loss)(params, x, y))
    return sizes.astype(np.float64), gradients.astype(np.float64)


def scale_for(ratio: Callable[[float], float], wanted: float) -> float | None:
    """The factor of all weights at which a ratio is as wanted, to 5 %; None if there is none.

    Smaller weights are looked for where a small ratio is wanted, larger ones otherwise.
    """
    near, far = (0.0, np.log(1e-3)) if wanted < 1 else (0.0, np.log(30.0))
    for _ in range(30):
        middle = (near + far) / 2
        found = ratio(float(np.exp(middle)))
        if 0 < found < np.inf and abs(np.log(found / wanted)) < 0.05:
            return float(np.exp(middle))
        beyond = not np.isfinite(found) or (found < wanted if wanted < 1 else found > wanted)
        near, far = (near, middle) if beyond else (middle, far)
    return None


def lost_share(function: Any, loss: Loss, params: Any, batch: tuple[Any, Any], share: float) -> Any:
    """By which a loss is to be multiplied for a share of its gradient to be lost in float16."""

    @jax.jit
    def gradient(params: Any, x: Any, y: Any) -> Any:
        return jax.grad(lambda params: loss(function(params, x), y))(params)

    leaves = jax.tree.leaves(jax.device_get(gradient(params, *batch)))
    sizes = np.abs(np.concatenate([leaf.ravel() for leaf in leaves]))
    return LEAST / float(np.quantile(sizes[sizes > 0], share))
