"""PyTorch at its best: normalised images in memory, no loader, fused SGD, nothing but the loop."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from itertools import pairwise
from multiprocessing import get_context

import torch
from torch import nn
from torch.nn import functional
from workload import (
    BATCH,
    LEARNING_RATE,
    MOMENTUM,
    STEPS,
    WIDTHS,
    Done,
    Member,
    Outcome,
    Play,
    dataset,
    done,
)

from actscope.data import Split

_EVALUATED = 1000  # examples a batch of the validation, as many as ours
_FUNCTIONS = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": partial(nn.LeakyReLU, 0.1),
    "elu": nn.ELU,
    "swish": nn.SiLU,
}
Run = Callable[[torch.Tensor], torch.Tensor]
Examples = tuple[torch.Tensor, torch.Tensor]


@contextmanager
def on_all_threads(members: Sequence[Member], *, cores: int, compiled: bool) -> Iterator[Play]:
    """Rounds on all cores, one network after the other; what is to be compiled is compiled."""
    torch.set_num_threads(cores)
    train = _trainer(compiled)

    def play(members: Sequence[Member]) -> Done:
        return done([train(member) for member in members])

    play(members)
    yield play


@contextmanager
def in_processes(members: Sequence[Member], *, cores: int) -> Iterator[Play]:
    """Rounds in as many processes as cores, each with one thread."""
    os.environ["OMP_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(cores, get_context("spawn"), torch.set_num_threads, (1,)) as pool:

        def play(members: Sequence[Member]) -> Done:
            outcomes, seconds = zip(*pool.map(_train_here, members), strict=True)
            return done(outcomes, elsewhere=sum(seconds))

        for _ in range(2):  # a process that came up late has done nothing in the first
            play(members)
        yield play


def _train_here(member: Member) -> tuple[Outcome, float]:
    """With the CPU seconds that it took this process."""
    train, start = _eager(), time.process_time()
    return train(member), time.process_time() - start


@cache
def _eager() -> Callable[[Member], Outcome]:
    return _trainer(compiled=False)


def _trainer(compiled: bool) -> Callable[[Member], Outcome]:
    """Trains a member for an epoch and validates it; networks are made once and begun anew."""
    data = dataset()
    train, validation = _tensors(data.train), _tensors(data.validation)
    networks = {name: _network(function) for name, function in _FUNCTIONS.items()}
    runs = {name: _compiled(each) if compiled else each for name, each in networks.items()}

    def train_one(member: Member) -> Outcome:
        network, run = networks[member.activation], runs[member.activation]
        _begin(network, member.seed)
        loss = _epoch(run, network.parameters(), train)
        found, accuracy = _evaluate(run, validation)
        return Outcome(*member, (loss, found), accuracy)

    return train_one


def _network(function: Callable[[], nn.Module]) -> nn.Sequential:
    layers = [layer for sizes in pairwise(WIDTHS) for layer in (nn.Linear(*sizes), function())]
    return nn.Sequential(*layers[:-1])


def _compiled(network: nn.Module) -> Run:
    """The network, compiled at its first call.

    torch keeps what it compiles with the code object, looks through all of it at each call, and
    after eight gives up: so each network has one of its own.
    """

    def forward(images: torch.Tensor) -> torch.Tensor:
        return network(images)

    forward.__code__ = forward.__code__.replace()
    return torch.compile(forward, dynamic=False)


def _begin(network: nn.Module, seed: int) -> None:
    torch.manual_seed(seed)
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()


def _tensors(split: Split) -> Examples:
    images = (split.images.reshape(len(split), -1) / 255 - 0.5) / 0.5
    return torch.from_numpy(images).float(), torch.from_numpy(split.labels).long()


def _epoch(run: Run, parameters: Iterator[nn.Parameter], examples: Examples) -> float:
    """Mean loss of the steps."""
    images, labels = examples
    optimizer = torch.optim.SGD(parameters, lr=LEARNING_RATE, momentum=MOMENTUM, fused=True)
    loss_sum, right = torch.zeros(()), torch.zeros((), dtype=torch.long)
    for rows in torch.randperm(len(labels)).split(BATCH)[:STEPS]:
        wanted = labels[rows]
        logits = run(images.index_select(0, rows))
        loss = functional.cross_entropy(logits, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach()
        right += (logits.detach().argmax(1) == wanted).sum()  # as everybody shows it
    return loss_sum.item() / STEPS


@torch.inference_mode()
def _evaluate(run: Run, examples: Examples) -> tuple[float, float]:
    """Mean loss and accuracy."""
    loss, right = 0.0, 0
    for images, labels in zip(*(tensor.split(_EVALUATED) for tensor in examples), strict=True):
        logits = run(images)
        loss += functional.cross_entropy(logits, labels, reduction="sum").item()
        right += int((logits.argmax(1) == labels).sum())
    return loss / len(examples[1]), right / len(examples[1])
