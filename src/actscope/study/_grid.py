"""Jobs of a study: every activation with every seed; and the study that `actscope demo` runs."""

from collections.abc import Iterable

from actscope import activations
from actscope.activations import Activation
from actscope.data import Dataset
from actscope.networks import FeedForward
from actscope.training import Job, Recipe

# So many steps for each network of the demo, whatever the data set: three epochs of FashionMNIST,
# or more of a small one. Enough to tell activations apart, and short enough for two cores.
_STEPS = 585
# The six that the tutorial compares; all of the table would take ten times as long.
_COMPARED = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")


def grid(
    dataset: Dataset, functions: Iterable[Activation], recipe: Recipe, seeds: int
) -> dict[str, Job]:
    """The tutorial's network with each activation, from each seed 0 … `seeds` - 1.

    Returns:
        The jobs by a name that can be a folder's, such as `relu-seed-0`.
    """
    return {
        f"{function.slug}-seed-{seed}": Job(
            FeedForward(function, num_outputs=dataset.num_classes), dataset, recipe, seed
        )
        for function in functions
        for seed in range(seeds)
    }


def demo_jobs(dataset: Dataset, seeds: int = 3) -> dict[str, Job]:
    """The six activations that the demo compares, for a few seeds and a few epochs."""
    batch_size = min(Recipe.batch_size, max(1, len(dataset.train) // 16))
    epochs = max(2, round(_STEPS / (len(dataset.train) // batch_size)))
    recipe = Recipe(epochs=epochs, batch_size=batch_size)
    return grid(dataset, map(activations.get, _COMPARED), recipe, seeds)
