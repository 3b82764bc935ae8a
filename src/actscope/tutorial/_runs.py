"""The tutorial's recipe over many seeds."""

from collections.abc import Mapping

from actscope import activations, study
from actscope.data import Dataset
from actscope.study import Run
from actscope.training import Job, Recipe
from actscope.tutorial._exhibits import by_activation
from actscope.tutorial._pair import ACTIVATIONS


def jobs(dataset: Dataset, seeds: int) -> dict[str, Job]:
    """The six networks by the tutorial's recipe from each seed 0 … `seeds` - 1."""
    return study.grid(dataset, map(activations.get, ACTIVATIONS), Recipe(), seeds)


def accuracies(runs: Mapping[str, Run]) -> dict[str, list[float]]:
    """Test accuracy of each seed, by activation."""
    groups = by_activation(runs)
    return {label: [run.test.score for run in found] for label, found in groups.items()}


def learning(runs: Mapping[str, Run]) -> dict[str, tuple[float, ...]]:
    """Validation accuracy after each epoch of the first seed's run, by activation."""
    return {
        label: tuple(epoch.validation_score for epoch in found[0].history.epochs)
        for label, found in by_activation(runs).items()
    }
