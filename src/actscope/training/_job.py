"""What is to be trained: a network, on a data set, by a recipe, from a seed."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from actscope import _archive
from actscope._errors import ActscopeError
from actscope.data import Dataset
from actscope.training._network import Network, Params, State
from actscope.training._recipe import Recipe

_SEEDS = 2**32  # jax.random.key takes 32 bits of a seed and drops the others without a word


@dataclass(frozen=True, eq=False)
class Job:
    """One training run, all that its result depends on.

    Attributes:
        network: hyperparameters, `init` and `apply`.
        dataset: what it learns and is judged on.
        recipe: how it learns.
        seed: of the first weights and of the order of the batches, 0 to 2³² - 1.
        start: parameters and state to begin with in place of `network.init(key(seed))`.

    Raises:
        ActscopeError: the seed is outside its range, the training set has fewer examples than a
            batch, or the network fewer outputs than there are classes.
    """

    network: Network
    dataset: Dataset
    recipe: Recipe = field(default_factory=Recipe)
    seed: int = 0
    start: tuple[Params, State] | None = None

    def __post_init__(self):
        if not 0 <= self.seed < _SEEDS:
            raise ActscopeError(f"seed {self.seed}", expected=f"0 to {_SEEDS - 1}")
        name, examples = self.dataset.name, len(self.dataset.train)
        if examples < self.recipe.batch_size:
            raise ActscopeError(
                f"batch_size {self.recipe.batch_size}",
                expected=f"at most the {examples} training examples of {name}",
            )
        if self.network.num_classes < self.dataset.num_classes:
            raise ActscopeError(
                f"a network of {self.network.num_classes} classes",
                expected=f"at least the {self.dataset.num_classes} of {name}",
            )

    def begin(self) -> tuple[Params, State]:
        """Parameters and state before the first step."""
        if self.start:
            return self.start
        image = jnp.zeros((1, *self.dataset.image_shape))
        return self.network.init(jax.random.key(self.seed), image)

    def identity(self) -> dict[str, Any]:
        """JSON values that are equal for two jobs only if they give the same result."""
        data = self.dataset
        rows = [
            array for part in (data.train, data.validation) for array in (part.images, part.labels)
        ]
        normalization = data.normalization
        return {
            "network": self.network.hyperparameters(),
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


def _digest(arrays: Any) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
