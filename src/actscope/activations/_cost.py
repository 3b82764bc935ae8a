"""What a function costs beside ReLU, measured on the machine that asks."""

import time
from collections.abc import Callable, Iterable, Iterator
from statistics import median

import jax
import jax.numpy as jnp

from actscope.activations._activation import Activation
from actscope.activations._rectified import RECTIFIED

_ROWS, _UNITS = 1024, 1024  # 4 MiB of float32: more than a core keeps to itself
_ROUNDS = 15
_RELU = RECTIFIED[0]


def costs(functions: Iterable[Activation]) -> Iterator[tuple[Activation, float]]:
    """The time of each function relative to ReLU's, as a training step has it.

    That is the value and the gradient with respect to the input, for a million float32 numbers out
    of N(0, 1), a call each. The two take turns, and the median of the ratios counts. A function
    that reads two numbers gets twice as many. Where XLA fuses a function with the matrix product
    before it, what it costs is less.

    Yields:
        each function with its ratio, as soon as it is known.
    """
    peer = _pass(_RELU)
    for function in functions:
        ours = _pass(function)
        # The first turn compiles.
        ratios = [_seconds(ours) / _seconds(peer) for _ in range(_ROUNDS + 1)][1:]
        yield function, median(ratios)


def _pass(activation: Activation) -> Callable[[], object]:
    shape = (_ROWS, _UNITS * activation.reads)
    x = jax.random.normal(jax.random.key(0), shape)
    made = jnp.ones((_ROWS, _UNITS * activation.makes))

    @jax.jit
    def there_and_back(x: jax.Array, cotangent: jax.Array) -> tuple[jax.Array, jax.Array]:
        y, back = jax.vjp(activation.__call__, x)
        return y, *back(cotangent)

    return lambda: jax.block_until_ready(there_and_back(x, made))


def _seconds(run: Callable[[], object]) -> float:
    before = time.perf_counter()
    run()
    return time.perf_counter() - before
