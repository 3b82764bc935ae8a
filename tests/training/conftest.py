"""A job small enough to be trained in a blink: scikit-learn's digits, one narrow layer."""

from collections.abc import Callable
from typing import Any

import pytest

from actscope import activations, data
from actscope.data import Dataset
from actscope.networks import MLP
from actscope.training import Job, Recipe


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return data.load("digits")


@pytest.fixture(scope="session")
def make_job(digits: Dataset) -> Callable[..., Job]:
    def make(*, hidden=(16,), activation="relu", dataset=digits, seed=0, start=None, **recipe: Any):
        network = MLP(activations.get(activation), hidden)
        settings = {"epochs": 3, "batch_size": 128, "learning_rate": 0.1, **recipe}
        return Job(network, dataset, Recipe(**settings), seed, start)

    return make
