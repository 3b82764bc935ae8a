"""χ₁ over a plane of (σ_w, σ_b): where a deep network is ordered, and where chaotic."""

import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError
from actscope.theory._hosted import hosted
from actscope.theory._maps import Function
from actscope.theory._scan import LARGEST, SMALLEST, VARIANCES, scan

_LAYERS = 3000
_SETTLED = 1e-6  # relative change in a layer


def chi_plane(
    f: Function, sigma_ws: Float[np.ndarray, " row"], sigma_bs: Float[np.ndarray, " column"]
) -> Float[np.ndarray, "row column"]:
    """χ₁ at the variance that signals of variance 1 settle at, to about 1 %: to be looked at.

    NaN where they settle at none up to 1e4 within 3000 layers. A variance below 1e-8 counts as
    that.

    Args:
        f: an activation, its name, or a callable of one array.
        sigma_ws: σ_w of the rows.
        sigma_bs: σ_b of the columns.

    Raises:
        ActscopeError: a number is negative or not finite, or `f` is no elementwise fixed function.
    """
    if not all((each >= 0).all() and np.isfinite(each).all() for each in (sigma_ws, sigma_bs)):
        raise ActscopeError(
            "a σ_w or σ_b that is negative or not finite", expected="finite numbers of at least 0"
        )
    second, slope_second = scan(hosted(f)).grid
    grid = np.log(VARIANCES)
    weights, biases = sigma_ws[:, None] ** 2, sigma_bs[None, :] ** 2
    q = np.ones((len(sigma_ws), len(sigma_bs)))
    change = np.ones_like(q)
    for _ in range(_LAYERS):
        # Linear in between, relative to q: exact for what is homogeneous.
        ratio = np.interp(np.log(q), grid, second / VARIANCES)
        following = np.clip(weights * ratio * q + biases, SMALLEST, 2 * LARGEST)
        change, q = np.abs(following / q - 1), following
        if (change < _SETTLED).all():
            break
    stays = (change < _SETTLED) & (q < LARGEST)
    return np.where(stays, weights * np.interp(np.log(q), grid, slope_second), np.nan)
