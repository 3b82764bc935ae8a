"""What a member takes: FLOPs, parameters and memory, from the shapes of its arrays alone."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np

from actscope import _archive, training
from actscope.activations import Activation
from actscope.study._tapped import has_sites
from actscope.training import Carry, Examples, Job, Numbers, Rule

# As `training` and the hall do it: examples that a monitor sees, and that are evaluated at once.
SEEN, CHUNK = 256, 1000


@dataclass(frozen=True)
class Cost:
    """What one member of a program takes. Equal for all members of it.

    Attributes:
        parameters: the sizes of the arrays that the network learns, by their dotted names.
        units: how many units each site has, by its name, in the order in which the signal meets
            them; none of a user's own network that does not show its sites.
        examples: of training, validation and test.
        batch: examples a step.
        step: FLOPs of one training step, by XLA's count of the program before it is optimised:
            products, sums and everything elementwise; a transcendental function is one, or none.
        example: FLOPs of one example's evaluation, by the same count.
        data: bytes of the training set and of the order of an epoch's batches.
        weights: bytes of parameters, state and the optimizer's arrays, of the best parameters and
            state so far, and of one gradient.
        signals: bytes of one example's inputs, outputs, and pre- and post-activations.
    """

    parameters: Mapping[str, int]
    units: Mapping[str, int]
    examples: tuple[int, int, int]
    batch: int
    step: float
    example: float
    data: int
    weights: int
    signals: int

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return self.examples[0] // self.batch

    @property
    def after(self) -> float:
        """FLOPs at the end of each epoch: the validation set, and the monitor's step."""
        seen = min(SEEN, self.examples[0])
        return self.examples[1] * self.example + seen / self.batch * self.step

    @property
    def finish(self) -> float:
        """FLOPs at the end of a member: the test set, and dead units over the training set."""
        return (self.examples[0] + self.examples[2]) * self.example

    def flops(self, epochs: int) -> float:
        """FLOPs of so many epochs and what comes after them."""
        return epochs * (self.steps * self.step + self.after) + self.finish

    def memory(self, lanes: int) -> int:
        """Bytes on the device at the peak, with so many members side by side.

        The data; the weights of each lane; and the signals of those examples that go through
        together, in a chunk of an evaluation, or in a step, where each has its gradient beside it.
        XLA frees some of them early, and needs others for dropout and normalisation: for a step
        it asked for 0.1 to 1 times as much in five networks.
        """
        together = max(2 * self.batch, min(CHUNK, max(self.examples)))
        return self.data + lanes * (self.weights + together * self.signals)


def cost(job: Job) -> Cost:
    """What a member takes that is trained so. Nothing is computed and nothing compiled."""
    rule, data, batch = Rule.of(job), job.dataset, job.recipe.batch_size
    carry = _carry(job, rule)
    train = Examples(data.train.images, job.task.targets(data, "train"))
    passed = _passed(job, carry, _batch(train, CHUNK))
    step = jax.jit(training.step, static_argnames="rule")
    ordered = len(data.train) // batch * batch
    return Cost(
        parameters={name: math.prod(x.shape) for name, x in _archive.named(carry.params).items()},
        units=passed.units,
        examples=(len(data.train), len(data.validation), len(data.test)),
        batch=batch,
        step=_flops(step.lower(rule, Numbers.of(job), carry, *_batch(train, batch))),
        example=passed.flops / CHUNK,
        data=_bytes(train) + ordered * np.dtype(np.int32).itemsize,
        weights=_bytes(carry) + _bytes((carry.params, carry.state)) + _bytes(carry.params),
        signals=passed.signals // CHUNK,
    )


def _carry(job: Job, rule: Rule) -> Carry:
    """The shapes of what is handed from step to step."""
    images = jax.ShapeDtypeStruct((SEEN, *job.dataset.image_shape), np.float32)
    params, state = jax.eval_shape(job.network.init, jax.random.key(0), images)
    return jax.eval_shape(partial(training.first_carry, rule), params, state)


def _batch(examples: Examples, count: int) -> Examples:
    """The shapes of so many examples as they enter a network."""
    images, targets = (
        jax.ShapeDtypeStruct((count, *array.shape[1:]), kind)
        for array, kind in zip(examples, (np.float32, examples.targets.dtype), strict=True)
    )
    return Examples(images, targets)


class _Passed(NamedTuple):
    """A chunk of examples through a network: FLOPs, the sites' units, bytes of all signals."""

    flops: float
    units: dict[str, int]
    signals: int


def _passed(job: Job, carry: Carry, batch: Examples) -> _Passed:
    network, task, spread = job.network.program, job.task, np.float32(1)
    sites: dict[str, Any] = {}

    def activate(name: str, activation: Activation, pre: Any, learned: Mapping[str, Any]) -> Any:
        post = activation(pre, **learned)
        sites[name] = (
            jax.ShapeDtypeStruct(pre.shape, pre.dtype),
            jax.ShapeDtypeStruct(post.shape, post.dtype),
        )
        return post

    def run(params: Any, state: Any, batch: Examples) -> Any:
        named: Any = {"activate": activate} if has_sites(network) else {}
        outputs, _ = network.apply(params, state, batch.images, train=False, **named)
        judged = task.judge(outputs, batch.images, batch.targets, spread)
        return outputs, judged.losses.sum(), judged.merits.sum()

    lowered = jax.jit(run).lower(carry.params, carry.state, batch)
    units = {name: post.shape[-1] for name, (_, post) in sites.items()}
    outputs = lowered.out_info[0]
    return _Passed(_flops(lowered), units, _bytes((batch.images, outputs, sites)))


def _flops(lowered: Any) -> float:
    return float(lowered.cost_analysis()["flops"])


def _bytes(tree: Any) -> int:
    return sum(math.prod(x.shape) * x.dtype.itemsize for x in jax.tree.leaves(tree))
