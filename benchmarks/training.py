"""How near a training epoch comes to this machine's matrix product, and to torch.

Seconds depend on the machine and on who else works on it, so nothing but ratios is printed, each
of things timed in turn within one round. Images are random: they cost as much as real ones. Nothing
else may run meanwhile: on a busy machine torch's threads wait for each other, and look many times
slower.
"""

import os
import statistics
import time
from collections.abc import Callable
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

from actscope import activations
from actscope.data import Dataset, Normalization, Split
from actscope.networks import FeedForward
from actscope.training import Job, Recipe, fit

try:
    import torch
except ImportError:
    torch = None

ROUNDS = 7
EXAMPLES, BATCH = 50_000, 256
WIDTHS = (784, 512, 256, 256, 128, 10)
BUSY = 0.5  # load average of the last minute, from which on the ratios are not to be believed
SIDE = 2048  # of the square product: large enough that its rate no longer grows


def epoch_flop() -> float:
    """Floating-point operations of an epoch's matrix products.

    Two for each weight and example forward, as many for the weight's gradient, and as many for the
    gradient of the layer's input, which the first layer has no need of.
    """
    weights = [a * b for a, b in pairwise(WIDTHS)]
    return 2 * (3 * sum(weights) - weights[0]) * (EXAMPLES // BATCH * BATCH)


def product() -> Callable[[], float]:
    """A timer of a large float32 product; gives seconds for one floating-point operation."""
    matrix = jnp.ones((SIDE, SIDE), jnp.float32)
    multiply = jax.jit(jnp.matmul)

    def timed() -> float:
        start = time.perf_counter()
        multiply(matrix, matrix).block_until_ready()
        return (time.perf_counter() - start) / (2 * SIDE**3)

    return timed


def ours(images: np.ndarray, labels: np.ndarray) -> Callable[[], float]:
    """A timer of an epoch of `training.fit`, in seconds."""
    train, rest = Split(images, labels), Split(images[:1], labels[:1])
    names = tuple("0123456789")
    dataset = Dataset("random", train, rest, rest, names, Normalization(255, 0.5, 0.5), {})
    network = FeedForward(activations.get("relu"), hidden_sizes=WIDTHS[1:-1])
    job = Job(network, dataset, Recipe(epochs=1, batch_size=BATCH))
    return lambda: fit(job).history.epochs[0].seconds


def theirs(images: np.ndarray, labels: np.ndarray) -> Callable[[], float]:
    """A timer of the same epoch in torch: all in memory, no loader to wait for."""
    layers = []
    for fan_in, fan_out in pairwise(WIDTHS):
        layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
    network = torch.nn.Sequential(torch.nn.Flatten(), *layers[:-1])
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    pixels, classes = torch.from_numpy(images), torch.from_numpy(labels).long()

    def timed() -> float:
        start = time.perf_counter()
        for rows in torch.randperm(EXAMPLES).split(BATCH)[: EXAMPLES // BATCH]:
            logits = network((pixels[rows].float() / 255 - 0.5) / 0.5)
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(logits, classes[rows]).backward()
            optimizer.step()
        return time.perf_counter() - start

    return timed


def report(what: str, ratios: list[float]) -> None:
    """One line: the median, and how far the rounds lie apart."""
    print(f"{what}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def main() -> None:
    """Time all of it in turn, the first round for warming up."""
    if (load := os.getloadavg()[0]) > BUSY:
        print(f"this machine is busy (load {load:.1f}): do not believe the ratios")
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (EXAMPLES, 28, 28), np.uint8)
    labels = generator.integers(0, 10, EXAMPLES, np.int32)
    timers = [product(), ours(images, labels), *([theirs(images, labels)] if torch else [])]
    rounds = [[timer() for timer in timers] for _ in range(ROUNDS + 1)][1:]
    print(f"{ROUNDS} rounds: median (smallest to largest)")
    share = [epoch_flop() * row[0] / row[1] for row in rounds]
    report("an epoch's matrix products, at the rate of a large one / the epoch", share)
    if torch:
        report("an epoch in torch / an epoch here", [row[2] / row[1] for row in rounds])


if __name__ == "__main__":
    main()
