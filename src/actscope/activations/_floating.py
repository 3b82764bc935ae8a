"""Numbers in, floating-point arrays out."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

Numbers = jax.typing.ArrayLike | Sequence[Any]  # what jnp.asarray takes


def floating(x: Numbers) -> jax.Array:
    """`x` as an array of its own floating dtype, or of JAX's default one for whole numbers."""
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.result_type(float))
