"""The random numbers that the tutorial's networks started from, to the bit.

The tutorial was made with a JAX whose default random stream has since been replaced, and with
Linen modules that nobody named. Both decide which numbers a seed gives.
"""

import hashlib

import jax
import jax.numpy as jnp

from actscope._errors import ActscopeError
from actscope.networks import FeedForward, Params, initialiser
from actscope.tutorial._pair import require_notebooks_own

_IMAGE = 28 * 28
_LARGEST_SEED = 2**63


def initial_params(network: FeedForward, *, seed: int, features: int = _IMAGE) -> Params:
    """The parameters that the tutorial's `net.init(random.PRNGKey(seed), images)` gives.

    Args:
        network: its widths, its outputs and its initialisation; the activation plays no part.
        seed: from -2⁶³ to 2⁶³ - 1; only its lowest 32 bits count, as in the tutorial's JAX.
        features: numbers in one input.

    Returns:
        Parameters in the layout of `network.init`, float32.

    Raises:
        ActscopeError: the seed is out of range; the network is not one of plain dense layers, or
            is initialised by more than its key.
    """
    if not -_LARGEST_SEED <= seed < _LARGEST_SEED:
        raise ActscopeError(f"seed {seed}", expected=f"{-_LARGEST_SEED} to {_LARGEST_SEED - 1}")
    draw = initialiser(network.initialisation)
    if not draw.needs_key_alone:
        raise ActscopeError(
            f"initialisation {draw.name!r} with the tutorial's random numbers",
            expected="one that looks at neither activation nor data, such as 'pytorch'",
        )
    require_notebooks_own(network)
    layers: list[dict[str, jax.Array]] = []
    # JAX made the partitionable stream its default in version 0.5. The scope is this thread's.
    with jax.threefry_partitionable(False):
        key = jax.random.key(seed % 2**32, impl="threefry2x32")
        for index, width in enumerate((*network.hidden_sizes, network.num_outputs)):
            kernel_key, bias_key = _linen_key(key, index, 1), _linen_key(key, index, 2)
            kernel = draw.kernel(kernel_key, (features, width), jnp.float32)
            bias = draw.bias(features)(bias_key, (width,), jnp.float32)
            layers.append({"kernel": kernel, "bias": bias})
            features = width
    return {"layers": layers}


def _linen_key(key: jax.Array, layer: int, draw: int) -> jax.Array:
    """The key that Linen hands to the `draw`-th parameter (from 1) of an unnamed Dense layer.

    It folds in the first four bytes of the SHA-1 sum of the layer's name and that number, one
    byte, with nothing between them (`flax.core.scope.LazyRng`).
    """
    digest = hashlib.sha1(f"Dense_{layer}".encode() + bytes([draw])).digest()
    return jax.random.fold_in(key, jnp.uint32(int.from_bytes(digest[:4], "big")))
