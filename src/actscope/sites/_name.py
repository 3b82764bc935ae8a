"""What a site is called: by the parameter before it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import jax

from actscope.sites._graph import Node, Operand
from actscope.sites._origin import Origins, of

_BOX = jax.tree_util.GetAttrKey("value")  # of a variable of Flax NNX
_COLLECTION = "params"  # Linen's outermost key, which every name would begin with


def path_name(path: tuple[Any, ...]) -> str:
    """A leaf's path in a tree, with dots, such as `layers.0.kernel`."""
    path = path[:-1] if len(path) > 1 and path[-1] == _BOX else path
    return jax.tree_util.keystr(path, simple=True, separator=".")


def place(operand: Operand, node: Node, origins: Origins) -> str:
    """Path of the layer whose parameter acted last; else the scopes around; else the line."""
    *layer, leaf = of(origins, operand).leaf.split(".")
    if layer[:1] == [_COLLECTION]:
        del layer[0]
    return ".".join(layer) or leaf or node.path or node.source or node.primitive


def unlike(names: Sequence[str]) -> list[str]:
    """The names, numbered from the second of each on."""
    met: Counter[str] = Counter()
    told: list[str] = []
    for name in names:
        met[name] += 1
        told.append(name if met[name] == 1 else f"{name}#{met[name]}")
    return told
