"""Numbers to twice the precision, as sums of two: for exponents that must not be rounded.

Of e^y an error of y becomes a relative one. Where y is -80, rounding it to float32 costs the result
32 ulps; with the rest r of y, as e^y (1 + r), it costs none.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Twofold = tuple[jax.Array, jax.Array]  # a number, and what it is off by, up to half an ulp


def constant(value: float, rest: float, like: jax.Array) -> Twofold:
    """A constant, value + rest, both float64, in the precision of `like`."""
    high = value if like.dtype == jnp.float64 else float(np.float32(value))
    return jnp.asarray(high, like.dtype), jnp.asarray(value - high + rest, like.dtype)


def exactly(x: jax.Array) -> Twofold:
    """A number that is off by nothing."""
    return x, jnp.zeros_like(x)


def times(a: Twofold, b: Twofold) -> Twofold:
    """Product, a · b.

    The compiler may fuse a product and a sum, and round once. Dekker's way of 1971 then fails,
    where what the rounded product is off by is measured from one that was not rounded. Here each
    product that counts is exact, fused or not.
    """
    (a_high, a_low), (b_high, b_low) = _halves(a[0]), _halves(b[0])
    high = a_high * b_high
    low = a_high * b_low + a_low * b_high + a_low * b_low
    product = high + low
    return product, low - (product - high) + (a[0] * b[1] + a[1] * b[0])


def plus(a: Twofold, b: Twofold) -> Twofold:
    """Sum, a + b (Knuth 1969)."""
    total = a[0] + b[0]
    added = total - a[0]
    rest = (a[0] - (total - added)) + (b[0] - added)
    return total, rest + (a[1] + b[1])


def exp_of_square(x: jax.Array, factor: float) -> jax.Array:
    """e^(factor x²), for a factor from -1 to -1/4 that is a power of two."""
    x = jnp.clip(x, -60, 60)  # where it is 0, and x² no overflow
    square, rest = times(exactly(x), exactly(x))
    return jnp.exp(factor * square) * (1 + factor * rest)


def _halves(x: jax.Array) -> Twofold:
    """`x` in two parts of half the digits, whose products are exact."""
    info = jnp.finfo(x.dtype)
    high = lax.reduce_precision(x, exponent_bits=info.nexp, mantissa_bits=info.nmant // 2 - 1)
    return high, x - high
