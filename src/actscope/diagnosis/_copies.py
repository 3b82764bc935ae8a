"""Units that are copies of each other by their weights: they say the same whatever the data."""

from collections.abc import Iterator

import jax.numpy as jnp
import numpy as np

_ROUNDINGS = 8  # of a weight that was computed in another order


def by_weights(kernel: np.ndarray, units: int, dtype: np.dtype) -> Iterator[np.ndarray]:
    """The group of each unit: all of one have the same weights, up to rounding.

    Once for each end of the matrix that may be the units': frameworks differ. Only with copies.
    """
    eps = float(jnp.finfo(dtype).eps) if jnp.issubdtype(dtype, jnp.floating) else 0.0
    for axis in {0, kernel.ndim - 1}:
        if kernel.shape[axis] == units:
            found = _groups(np.moveaxis(kernel, axis, -1), _ROUNDINGS * eps)
            if share(found):
                yield found


def confirmed(groups: np.ndarray, met: np.ndarray) -> np.ndarray:
    """These groups, cut where the units are given different things: another bias, or a skip.

    Args:
        groups: as of `by_weights`, whose end of the matrix may have been the wrong one.
        met: input of the site, units last, of some examples.
    """
    given = _groups(met, float(jnp.finfo(met.dtype).eps) ** 0.5)
    return np.unique(np.stack([groups, given]), axis=1, return_inverse=True)[1].ravel()


def share(groups: np.ndarray) -> float:
    """Share of the units that are not alone in their group."""
    _, each, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return float((sizes[each] > 1).mean())


def _groups(x: np.ndarray, tolerance: float) -> np.ndarray:
    """Groups of columns (the last axis) that are equal within a tolerance of their largest."""
    columns = x.reshape(-1, x.shape[-1]).astype(np.float64)
    # Equal columns have equal sums with any weights, and so are neighbours in their order.
    order = np.argsort(np.random.default_rng(0).normal(size=len(columns)) @ columns)
    ordered = columns[:, order]
    apart = np.abs(np.diff(ordered, axis=1)).max(axis=0)
    new = ~(apart <= tolerance * np.abs(ordered[:, 1:]).max(axis=0))
    groups = np.empty(len(order), int)
    groups[order] = np.concatenate([[0], np.cumsum(new)])
    return groups
