"""Numbers in, floating-point arrays out."""

import jax
import jax.numpy as jnp


def floating(x: jax.typing.ArrayLike) -> jax.Array:
    """`x` as an array of its own floating dtype, or of JAX's default one for whole numbers."""
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.result_type(float))
