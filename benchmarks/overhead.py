"""What a probe costs: beside a plain gradient pass, and beside the notebook's way of looking.

Everything is compiled before the first round. Rounds are interleaved; ratios are taken within a
round, and their median and range are printed. The notebook's way needs torch. Some minutes.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from contenders import CORES
from machine import machine, table
from workload import HIDDEN, WIDTHS, dataset, is_real

from actscope import activations, data, networks, probing, study
from actscope.data import Dataset
from actscope.probing._passes import Passes

_EXAMPLES = 2048  # of the batch that is probed
_NOTEBOOKS = 256  # of a batch of the notebook's loader
_OURS = 1024

Work = Callable[[], Any]


def loss(outputs: Any, targets: Any) -> Any:
    """Mean cross-entropy."""
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], 1).mean()


def dense(params: Any, x: Any) -> Any:
    """The tutorial's network: an activation has 4,300 operations of matrix products behind it."""
    x = x.reshape(len(x), -1)
    for kernel in params[:-1]:
        x = jax.nn.relu(x @ kernel)
    return x @ params[-1]


def convolution(params: Any, x: Any) -> Any:
    """Seven layers of 3 x 3 with skips, at 14 x 14: an activation has 5,000 behind it."""

    def conv(x: Any, kernel: Any, stride: int = 1) -> Any:
        numbers = ("NHWC", "HWIO", "NHWC")
        strides = (stride, stride)
        return jax.lax.conv_general_dilated(x, kernel, strides, "SAME", dimension_numbers=numbers)

    x = conv(x[..., None], params[0], 2)
    for kernel in params[1:-1]:
        x = x + conv(jax.nn.gelu(x), kernel)
    return jax.nn.relu(x).mean((1, 2)) @ params[-1]


def kernels(*shapes: tuple[int, ...]) -> list[jax.Array]:
    """Random ones that keep the size of a signal."""
    rng = np.random.default_rng(0)
    made = (rng.normal(size=shape) * (2 / np.prod(shape[:-1])) ** 0.5 for shape in shapes)
    return [jnp.asarray(each, jnp.float32) for each in made]


NETWORKS: dict[str, tuple[Callable[[Any, Any], Any], list[jax.Array]]] = {
    "dense": (dense, kernels(*pairwise(WIDTHS))),
    "convolution": (convolution, kernels((3, 3, 1, 32), *[(3, 3, 32, 32)] * 6, (32, 10))),
}


def interleaved(works: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """Seconds of each in every round, begun by another one than the last."""
    for work in works.values():
        work()
    names, seconds = list(works), {name: [] for name in works}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            start = time.perf_counter()
            works[name]()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def of_one_batch(name: str, dataset: Dataset) -> dict[str, Work]:
    """A gradient pass over a batch; its statistics; all that `actscope.probe` finds of it."""
    function, params = NETWORKS[name]
    inputs, targets = next(iter(data.batches(dataset.train, dataset.normalization, _EXAMPLES)))
    probe = probing.Probe(function, loss)
    opened = probe.opened(params, inputs)
    gradient = jax.jit(jax.value_and_grad(lambda p, x, y: loss(function(p, x), y)))

    def statistics_alone() -> None:
        places = opened.places(params, inputs)
        Passes(lambda *_: opened, params, loss, places).first([(inputs, targets)])

    return {
        "gradient pass": lambda: jax.block_until_ready(gradient(params, inputs, targets)),
        "statistics": statistics_alone,
        "probe": lambda: probe(params, [(inputs, targets)]),
    }


def of_all(dataset: Dataset) -> dict[str, Work]:
    """Every training image: dead neurons, and moments and histograms of all nine tensors."""
    network = networks.FeedForward(hidden_sizes=HIDDEN, activation=activations.get("relu"))
    saved = study.untrained(network, dataset, 0)
    batches = data.batches(dataset.train, dataset.normalization, _OURS)
    params = NETWORKS["dense"][1]
    alone, gradients = probing.Probe(dense), probing.Probe(dense, loss)
    works: dict[str, Work] = {
        "dead neurons": lambda: study.dead_units(saved, dataset),
        "nine tensors": lambda: alone(params, batches),
        "nine tensors and gradients": lambda: gradients(params, batches),
    }
    if find_spec("torch"):
        works["dead neurons, the notebook's way"] = lambda: _dead(params, dataset)
        works["nine tensors, the notebook's way"] = lambda: _nine(params, dataset)
    return works


@jax.jit
def _activations(params: Any, x: Any) -> list[jax.Array]:
    """All nine tensors: each layer's output before and after its activation, and the logits."""
    x = x.reshape(len(x), -1)
    found = []
    for kernel in params[:-1]:
        found += [x @ kernel, jax.nn.relu(x @ kernel)]
        x = found[-1]
    return [*found, x @ params[-1]]


def _loaded(dataset: Dataset) -> Iterator[Any]:
    from torch.utils.data import DataLoader
    from tutorial_loop import _collate, _examples

    return iter(DataLoader(_examples(dataset.train), _NOTEBOOKS, collate_fn=_collate))


def _dead(params: Any, dataset: Dataset) -> list[Any]:
    dead = [np.ones(width, bool) for width in HIDDEN]
    for images, _ in _loaded(dataset):
        after = _activations(params, images)[1::2]
        dead = [
            each & np.asarray((x == 0).all(axis=0)) for each, x in zip(dead, after, strict=True)
        ]
    return dead


def _nine(params: Any, dataset: Dataset) -> list[Any]:
    found = [jax.device_get(_activations(params, images)) for images, _ in _loaded(dataset)]
    whole = [np.concatenate(each).ravel() for each in zip(*found, strict=True)]
    return [(x.mean(), x.std(), np.histogram(x, 100)) for x in whole]


def print_ratios(seconds: Mapping[str, list[float]], pairs: list[tuple[str, str, str]]) -> None:
    """A row for each pair: how many times the second takes as long as the first."""
    rows = [["", "goal", "median", "smallest to largest", "median seconds"]]
    for one, other, goal in pairs:
        if one in seconds and other in seconds:
            each = sorted(b / a for a, b in zip(seconds[one], seconds[other], strict=True))
            middle = statistics.median(each)
            took = " and ".join(f"{statistics.median(seconds[x]):.3f}" for x in (one, other))
            spread = f"{each[0]:.2f} to {each[-1]:.2f}"
            rows.append([f"{other} / {one}", goal, f"**{middle:.2f}**", spread, took])
    print(table(rows), end="\n\n", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    images = dataset()
    print(table([["machine", ""], *map(list, machine(CORES).items())]), end="\n\n")
    for name in NETWORKS:
        print(f"{name}, one batch of {_EXAMPLES}\n")
        plain = "gradient pass"
        goals = [(plain, "statistics", "at most 1.5"), (plain, "probe", "at most 2")]
        print_ratios(interleaved(of_one_batch(name, images), rounds), goals)
    print(f"{'FashionMNIST' if is_real() else 'synthetic images'}, all {len(images.train)}\n")
    pairs = [
        ("dead neurons", "dead neurons, the notebook's way", "at least 2.5"),
        ("nine tensors", "nine tensors, the notebook's way", "at least 3.5"),
        ("nine tensors", "nine tensors and gradients", "–"),
    ]
    print_ratios(interleaved(of_all(images), rounds), pairs)


if __name__ == "__main__":
    main()
