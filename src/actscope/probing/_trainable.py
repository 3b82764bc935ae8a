"""Which of a function's parameters can be trained, and what they are called."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from actscope.sites._name import path_name

_COLLECTION = "params"  # Linen's, beside which running statistics stand


def trainable(params: Any) -> tuple[Any, Any]:
    """The parameters as two trees, those with a gradient and the rest; None marks the other's.

    Floating arrays can be trained; of Linen's variables those of the collection `params`.
    """
    alone = isinstance(params, Mapping) and _COLLECTION in params

    def learns(path: Any, leaf: Any) -> bool:
        inside = not alone or getattr(path[0], "key", None) == _COLLECTION
        return inside and jnp.issubdtype(jnp.result_type(leaf), jnp.floating)

    def pick(wanted: bool) -> Any:
        return jax.tree_util.tree_map_with_path(
            lambda path, leaf: leaf if learns(path, leaf) is wanted else None, params
        )

    return pick(True), pick(False)


def joined(learning: Any, fixed: Any) -> Any:
    """The parameters that `trainable` took apart."""
    return jax.tree.map(
        lambda one, other: other if one is None else one,
        learning,
        fixed,
        is_leaf=lambda leaf: leaf is None,
    )


def named(tree: Any) -> dict[str, Any]:
    """The leaves by their dotted paths, such as `layers.0.kernel`; without Linen's collection."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    names = (path_name(path) for path, _ in leaves)
    return {
        name.removeprefix(f"{_COLLECTION}."): leaf
        for name, (_, leaf) in zip(names, leaves, strict=True)
    }
