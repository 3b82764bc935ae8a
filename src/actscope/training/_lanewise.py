"""A function of one run, for several at a time."""

from collections.abc import Callable
from typing import Any

import jax


def lanewise(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, for arguments and results with a leading lane axis; to be used under `jit`.

    A single lane is computed without that axis: a batched matrix product of one is slower, and so
    a run alone gives the same bits as `function` itself.
    """

    def alone(*arguments: Any) -> Any:
        bare = jax.tree.map(lambda x: x[0], arguments)
        return jax.tree.map(lambda x: x[None], function(*bare))

    def lanes(*arguments: Any) -> Any:
        width = len(jax.tree.leaves(arguments)[0])
        return (alone if width == 1 else jax.vmap(function))(*arguments)

    return lanes
