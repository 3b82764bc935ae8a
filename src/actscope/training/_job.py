"""What is to be trained: a network, on a task of a data set, by a recipe, from a seed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import numpy as np

from actscope import _archive
from actscope._errors import ActscopeError
from actscope.data import Dataset
from actscope.training._network import Network, Params, State
from actscope.training._recipe import Recipe
from actscope.training._task import CLASSIFICATION, Task

_SEEDS = 2**32  # jax.random.key takes 32 bits of a seed and drops the others without a word
OBSERVED = 256  # examples that an instrument sees


@dataclass(frozen=True, eq=False)
class Job:
    """One training run, all that its result depends on.

    Attributes:
        network: hyperparameters, `init` and `apply`.
        dataset: what it learns and is judged on.
        recipe: how it learns.
        seed: of the first weights and of the order of the batches, 0 to 2³² - 1.
        start: parameters and state to begin with in place of `network.init(key(seed))`.
        task: what is to be learned of the data set.

    Raises:
        ActscopeError: the seed is outside its range, the training set has fewer examples than a
            batch, or the network another number of outputs than the task needs (to classify, at
            least as many as there are classes).
    """

    network: Network
    dataset: Dataset
    recipe: Recipe = field(default_factory=Recipe)
    seed: int = 0
    start: tuple[Params, State] | None = None
    task: Task = CLASSIFICATION

    def __post_init__(self):
        if not 0 <= self.seed < _SEEDS:
            raise ActscopeError(f"seed {self.seed}", expected=f"0 to {_SEEDS - 1}")
        name, examples = self.dataset.name, len(self.dataset.train)
        if examples < self.recipe.batch_size:
            raise ActscopeError(
                f"batch_size {self.recipe.batch_size}",
                expected=f"at most the {examples} training examples of {name}",
            )
        width, wanted = self.network.num_outputs, self.task.num_outputs(self.dataset)
        if width < wanted or (width > wanted and self.task != CLASSIFICATION):
            most = "at least " if self.task == CLASSIFICATION else ""
            raise ActscopeError(
                f"a network of {width} outputs",
                expected=f"{most}{wanted}: {self.task.name} of {name}",
            )

    def begin(self, *, compiled: bool = True) -> tuple[Params, State]:
        """Parameters and state before the first step.

        Initialisers that look at the data see the first 256 training examples.

        Args:
            compiled: takes seconds once, and then no time. Otherwise layers of one shape share
                what is compiled; numbers may differ in their last bit.
        """
        if self.start:
            return self.start
        first = self.dataset.train.first(OBSERVED)
        images = self.dataset.normalization(first.images)
        key = jax.random.key(self.seed)
        return _begin(self.network, key, images) if compiled else self.network.init(key, images)

    def identity(self) -> dict[str, Any]:
        """JSON values that are equal for two jobs only if they give the same result."""
        data = self.dataset
        rows = [
            array for part in (data.train, data.validation) for array in (part.images, part.labels)
        ]
        normalization = data.normalization
        return {
            "network": self.network.hyperparameters(),
            "task": self.task.name,
            "recipe": self.recipe.to_json(),
            "seed": self.seed,
            "dataset": {
                "name": data.name,
                "checksums": dict(data.checksums),
                "normalization": [normalization.scale, normalization.mean, normalization.std],
                "rows": _digest(rows),  # the same files can be split in another way
            },
            "start": _digest(_archive.flatten(self.start).values())
            if self.start
            else "from the seed",
        }


@partial(jax.jit, static_argnames="network")
def _begin(network: Network, key: jax.Array, images: jax.Array) -> tuple[Params, State]:
    return network.init(key, images)


def _digest(arrays: Iterable[np.ndarray]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
