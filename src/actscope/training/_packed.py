"""Many small arrays as few, on their way from a device.

Each array that is fetched takes a twentieth of a millisecond of Python, during which no other
thread can run: of what an instrument sees of a small network, a third of an epoch.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped

from actscope import _archive


@partial(jax.tree_util.register_dataclass, data_fields=["vectors"], meta_fields=["layout"])
@dataclass(frozen=True, eq=False)
class Packed:
    """The leaves of a pytree, each with a leading lane axis, one behind the other.

    Attributes:
        vectors: one for each element type, by its name.
        layout: of each leaf its dotted path, element type, and shape without the lane axis.
    """

    vectors: Mapping[str, Shaped[Any, "lane _"]]
    layout: tuple[tuple[str, str, tuple[int, ...]], ...]

    @classmethod
    def of(cls, tree: Any) -> "Packed":
        """The leaves of a pytree; to be used under `jit`.

        Raises:
            ActscopeError: two of them have the same dotted path.
        """
        layout, parts = list[tuple[str, str, tuple[int, ...]]](), defaultdict[str, list[Any]](list)
        for name, leaf in _archive.named(tree).items():
            layout.append((name, leaf.dtype.name, leaf.shape[1:]))
            parts[leaf.dtype.name].append(leaf.reshape(len(leaf), -1))
        vectors = {kind: jnp.concatenate(each, axis=1) for kind, each in parts.items()}
        return cls(vectors, tuple(layout))

    def lane(self, lane: int) -> dict[str, Shaped[np.ndarray, "..."]]:
        """The leaves of one lane by their dotted paths, once they are NumPy's."""
        ends, found = dict.fromkeys(self.vectors, 0), dict[str, np.ndarray]()
        for name, kind, shape in self.layout:
            start, ends[kind] = ends[kind], ends[kind] + math.prod(shape)
            found[name] = self.vectors[kind][lane, start : ends[kind]].reshape(shape)
        return found
