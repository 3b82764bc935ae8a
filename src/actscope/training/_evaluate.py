"""How good a network is on a part of the data."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from actscope._errors import ActscopeError
from actscope.data import Dataset
from actscope.training._lanewise import lanewise
from actscope.training._network import Network, Params, State
from actscope.training._rule import Problem
from actscope.training._step import Examples
from actscope.training._task import CLASSIFICATION, Task

_CHUNK = 1000  # measured: 500 to 2000 stay in a CPU's cache, a third faster than 10,000 at once


class Evaluation(NamedTuple):
    """Mean loss (of classification in nats) and score of a task, over all examples."""

    loss: float
    score: float


def evaluate(
    network: Network,
    params: Params,
    state: State,
    dataset: Dataset,
    part: str = "test",
    *,
    task: Task = CLASSIFICATION,
) -> Evaluation:
    """Loss and score of a network, computed where its parameters are.

    The data goes through in chunks of 1000, the ragged rest at its own shape; every example weighs
    the same.

    Args:
        network: hyperparameters and `apply`.
        params: its parameters.
        state: its state.
        dataset: whose images and targets.
        part: `train`, `validation` or `test`.
        task: what the network has learned.

    Raises:
        ActscopeError: that part is empty.
    """
    problem = Problem(network.program, task, dataset.normalization)
    spread = np.float32(task.spread(dataset))
    params, state, spread = jax.tree.map(lambda x: jnp.asarray(x)[None], (params, state, spread))
    examples = Examples(dataset.split(part).images, task.targets(dataset, part))
    (found,) = evaluations(problem, params, state, spread, examples)
    return found


def evaluations(
    problem: Problem, params: Params, state: State, spread: Float[Any, " lane"], examples: Examples
) -> tuple[Evaluation, ...]:
    """The evaluation of every lane.

    Raises:
        ActscopeError: there are no examples.
    """
    count = len(examples.images)
    if not count:
        raise ActscopeError("a split without examples", expected="at least one")
    parts = [slice(first, first + _CHUNK) for first in range(0, count, _CHUNK)]
    totals = [
        _totals(problem, params, state, spread, Examples(*(array[part] for array in examples)))
        for part in parts
    ]
    means = np.array(jax.device_get(totals), np.float64).sum(axis=0) / count
    return tuple(Evaluation(*lane) for lane in means.T.tolist())


@partial(jax.jit, static_argnames="problem")
def _totals(
    problem: Problem, params: Params, state: State, spread: Float[Any, " lane"], examples: Examples
) -> tuple[Float[Array, " lane"], Float[Array, " lane"]]:
    """Sums of the losses and of the merits."""
    inputs = problem.normalization(examples.images)

    def run(params: Params, state: State, spread: Array) -> tuple[Array, Array]:
        outputs, _ = problem.network.apply(params, state, inputs, train=False)
        losses, merits = problem.task.judge(outputs, inputs, examples.targets, spread)
        return losses.sum(), merits.sum()

    return lanewise(run)(params, state, spread)
