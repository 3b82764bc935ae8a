"""What a training program is compiled for, and the numbers that it takes as arguments."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from actscope.data import Normalization
from actscope.training._job import Job
from actscope.training._network import Network
from actscope.training._optimizers import Settings
from actscope.training._task import Task


@dataclass(frozen=True)
class Problem:
    """What a network computes and what is asked of it.

    Attributes:
        network: its `program`, without the initialisation.
        task: what is learned.
        normalization: of the images.
    """

    network: Network
    task: Task
    normalization: Normalization


@dataclass(frozen=True)
class Rule:
    """Runs with equal rules share a program, and can go side by side in it.

    Attributes:
        problem: what a step differentiates.
        optimizer: its name.
        schedule: its name.
        clips: whether gradients are clipped.
        batch_size: examples a step.
    """

    problem: Problem
    optimizer: str
    schedule: str
    clips: bool
    batch_size: int

    @classmethod
    def of(cls, job: Job) -> "Rule":
        """The rule by which a job is trained."""
        recipe = job.recipe
        return cls(
            Problem(job.network.program, job.task, job.dataset.normalization),
            optimizer=recipe.optimizer,
            schedule=recipe.schedule,
            clips=recipe.gradient_clip is not None,
            batch_size=recipe.batch_size,
        )


class Numbers(NamedTuple):
    """What one run has of its own and never changes.

    Attributes:
        settings: of the optimizer.
        seed: of what is random in training.
        spread: of the task.
    """

    settings: Settings
    seed: Shaped[Any, "*lane"]
    spread: Float[Any, "*lane"]

    @classmethod
    def of(cls, job: Job) -> "Numbers":
        """Those of a job."""
        recipe = job.recipe
        steps = recipe.epochs * (len(job.dataset.train) // recipe.batch_size)
        clip = recipe.gradient_clip or 0.0  # which no program without clipping looks at
        numbers = (recipe.learning_rate, recipe.momentum, recipe.weight_decay, clip, steps)
        return cls(
            Settings(*(np.float32(number) for number in numbers)),
            np.uint32(job.seed),
            np.float32(job.task.spread(job.dataset)),
        )
