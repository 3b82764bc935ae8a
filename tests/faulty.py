"""Activations that do a worker harm; the driver, which looks at them first, is spared."""

import os
import signal
import time
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

# Of tests that begin two nodes. To begin one, Ray forks and executes another program
# at once: jax's threads do not mind.
TWO_NODES = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings(r"ignore:os\.fork\(\) was called:RuntimeWarning"),
]
PLACE = "ACTSCOPE_TESTS_FAULTS"  # a folder; in it `driver` holds a process
HUNGER = 4_000_000_000  # bytes


def _on_a_worker():
    return int((_place() / "driver").read_text()) != os.getpid()


def _place():
    return Path(os.environ[PLACE])


def killed(x):
    """Kills its process as often as the file `kill` has bytes."""
    left = _place() / "kill"
    if _on_a_worker() and (times := left.stat().st_size):
        os.truncate(left, times - 1)
        os.kill(os.getpid(), signal.SIGKILL)
    return jnp.tanh(x)


def greedy(x):
    """Asks for more memory than there is, once it is given a batch."""
    if _on_a_worker() and x.shape[0] > 100:
        raise RuntimeError("RESOURCE_EXHAUSTED: out of memory")
    return jnp.tanh(x)


def hungry(x):
    """Takes 4 GB, and holds them until its process is killed for it."""
    if _on_a_worker() and x.shape[0] > 100:
        taken = np.ones(HUNGER // 8)
        time.sleep(120)
        raise AssertionError(f"nobody minds {taken.nbytes} bytes")
    return jnp.tanh(x)


def raising(x):
    """Is wrong on a worker alone."""
    if _on_a_worker():
        raise ValueError("no such library here")
    return jnp.tanh(x)
