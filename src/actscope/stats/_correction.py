"""P-values of several tests, adjusted for being several."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from actscope._errors import ActscopeError


def holm(p: Sequence[float] | Float[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
    """Holm's adjusted p-values: rejecting where they are ≤ α, any false rejection has chance ≤ α.

    The i-th smallest of m is multiplied by m - i + 1, raised to the one before it and cut at 1.
    Holds however the tests depend on each other.

    Raises:
        ActscopeError: a p that is not between 0 and 1.

    Reference:
        Holm (1979), A simple sequentially rejective multiple test procedure.
    """
    values = _checked_p(p)
    order, m = np.argsort(values, kind="stable"), len(values)
    stepped = values[order] * (m - np.arange(m))
    return _unsorted(np.maximum.accumulate(stepped), order)


def benjamini_hochberg(
    p: Sequence[float] | Float[np.ndarray, " m"],
) -> Float[np.ndarray, " m"]:
    """Adjusted p-values: rejecting where they are ≤ α, the expected share of false ones is ≤ α.

    The i-th smallest of m is multiplied by m/i, lowered to the one after it and cut at 1. Holds
    for tests that are independent or positively dependent.

    Raises:
        ActscopeError: a p that is not between 0 and 1.

    Reference:
        Benjamini and Hochberg (1995), Controlling the false discovery rate.
    """
    values = _checked_p(p)
    order, m = np.argsort(values, kind="stable"), len(values)
    stepped = values[order] * m / np.arange(1, m + 1)
    return _unsorted(np.minimum.accumulate(stepped[::-1])[::-1], order)


def _unsorted(values: Float[np.ndarray, " m"], order: np.ndarray) -> np.ndarray:
    found = np.empty_like(values)
    found[order] = np.minimum(values, 1)
    return found


def _checked_p(p: Sequence[float] | np.ndarray) -> np.ndarray:
    values = np.asarray(p, np.float64)
    bad = np.flatnonzero(~((values >= 0) & (values <= 1)))
    if bad.size:
        raise ActscopeError(f"p-value {bad[0]} is {values[bad[0]]}", expected="one between 0 and 1")
    return values
