"""Whether a user's callable is an activation function at all."""

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from actscope._errors import ActscopeError

if TYPE_CHECKING:
    from actscope.activations._activation import Activation

_EXPECTED = "an elementwise function of arrays, of the same shape and floating dtype as its input"


def require_elementwise(activation: "Activation") -> None:
    """Pass if values and shape at a few points are those of an elementwise function.

    Raises:
        ActscopeError: it raised, returned another shape or dtype, or an element's value depends
            on the others (softmax), on the call (random) or on being traced.
    """
    x = jnp.asarray([[-3.0, -0.5, 0.0], [0.25, 1.0, 4.0]], jnp.float32)
    name = f"activation {activation.name!r}"
    try:
        y = jax.jit(activation.__call__)(x)
        fits = isinstance(y, jax.Array) and (y.shape, y.dtype) == (x.shape, x.dtype)
        alone = [activation(point[None])[0] for point in x.ravel()] if fits else []
    except Exception as error:  # a user's function may raise anything
        raise ActscopeError(
            f"{name} raised {type(error).__name__} for an array of shape {x.shape}: "
            f"{str(error).splitlines()[0] if str(error) else 'no message'}",
            expected=_EXPECTED,
            do="write it with jax.numpy, so that it can be traced",
        ) from error
    if not fits:
        got = f"{y.dtype}{list(y.shape)}" if isinstance(y, jax.Array) else type(y).__name__
        raise ActscopeError(f"{name} made {got} of float32{list(x.shape)}", expected=_EXPECTED)
    # A fused program may round otherwise, by far less than another element would change it.
    if not np.allclose(y.ravel(), alone, rtol=1e-4, atol=1e-6, equal_nan=True):
        raise ActscopeError(
            f"{name} gives an element another value when it stands alone", expected=_EXPECTED
        )
