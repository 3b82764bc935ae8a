"""Gains: by what to scale weights so that a layer keeps the size of what passes through it."""

import math
from collections.abc import Callable
from typing import Any

from actscope._errors import ActscopeError, unknown
from actscope.activations import Activation
from actscope.theory._hosted import hosted
from actscope.theory._moments import Moments, moments

_SIZES: dict[str, tuple[str, Callable[[Moments], float]]] = {
    "forward": ("E[f²]", lambda found: found.second),
    "backward": ("E[f'²]", lambda found: found.slope_second),
    "centred": ("Var f", lambda found: found.variance),
}


def gain(f: Activation | str | Callable[..., Any], mode: str = "forward", q: float = 1.0) -> float:
    """The σ_w = √fan_in · (standard deviation of a weight) that keeps a size from layer to layer.

    For pre-activations z ~ N(0, q) and f homogeneous, as ReLU is, any q gives the same; of other
    functions it is the gain at that q.

    Args:
        f: an activation, its name, or a callable of one array.
        mode: `"forward"`, √(q/E[f²]): pre-activations keep their second moment (He et al., 2015,
            eq. 10, for ReLU); `"backward"`, 1/√E[f'²]: gradients keep their norm (eq. 14);
            `"centred"`, √(q/Var f): pre-activations keep their variance over inputs, once it is
            taken about the mean, as batch normalisation has it.
        q: second moment of the pre-activations.

    Raises:
        ActscopeError: there is no such mode, the size is 0 or infinite, or as for `moments`.
    """
    if mode not in _SIZES:
        raise unknown("mode of gain", mode, _SIZES)
    name, size_of = _SIZES[mode]
    size = size_of(moments(f, q))
    kept = 1.0 if mode == "backward" else q
    if not (0 < size < math.inf and 0 < kept / size < math.inf):
        raise ActscopeError(
            f"{name} of {hosted(f).activation.label} is {size:g} at q = {q:g}",
            expected="a size above 0: nothing is kept of nothing",
        )
    return math.sqrt(kept / size)
