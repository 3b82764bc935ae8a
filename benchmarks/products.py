"""The limit: how fast this machine multiplies large float32 matrices with NumPy's BLAS."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context

import numpy as np
from workload import Done, Member, Play

_TOGETHER = 4096  # side of what all threads multiply: large enough that the rate no longer grows
_ALONE = 2048  # of what a single thread does
_SHARE = (_TOGETHER // _ALONE) ** 3  # small products that are as much work as a large one


@contextmanager
def on_all_threads(members: Sequence[Member], *, cores: int) -> Iterator[Play]:
    """Rounds of as many products as cores, each by all threads."""

    def play(members: Sequence[Member]) -> Done:
        del members
        for _ in range(cores):
            _multiply(_TOGETHER)
        return Done(cores * 2.0 * _TOGETHER**3)

    play(members)
    yield play


@contextmanager
def in_processes(members: Sequence[Member], *, cores: int) -> Iterator[Play]:
    """Rounds of as many operations, in as many processes as cores, each with one thread."""
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    count = cores * _SHARE
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:

        def play(members: Sequence[Member]) -> Done:
            del members
            seconds = sum(pool.map(_multiply, [_ALONE] * count))
            return Done(count * 2.0 * _ALONE**3, elsewhere=seconds)

        for _ in range(2):  # a process that came up late has done nothing in the first
            play(members)
        yield play


def _multiply(side: int) -> float:
    """CPU seconds of a product, of all threads of this process."""
    matrix, result = _matrices(side)
    start = time.process_time()
    np.matmul(matrix, matrix, out=result)
    return time.process_time() - start


@cache
def _matrices(side: int) -> tuple[np.ndarray, np.ndarray]:
    matrix = np.random.default_rng(0).normal(size=(side, side)).astype(np.float32)
    return matrix, np.empty_like(matrix)
