"""From a member of a study to what is trained."""

from functools import cache
from typing import Any

from actscope import activations, training
from actscope._errors import ActscopeError
from actscope._target import load_target
from actscope.data import Dataset
from actscope.networks import FeedForward
from actscope.study._plan import Member
from actscope.training import Job, Network, Recipe, Task


def job(member: Member, dataset: Dataset) -> Job:
    """The training run of a member.

    Args:
        member: one value of every axis, and a seed.
        dataset: the one that the member names.

    Raises:
        ActscopeError: the values do not go together.
    """
    settings = member.settings
    task = training.task(settings["task"])
    made = network(settings, task, dataset)
    return Job(made, dataset, recipe(settings), member.seed, task=task)


def recipe(settings: Any) -> Recipe:
    """How the settings have a network trained."""
    return Recipe(
        epochs=settings["epochs"],
        patience=settings["patience"],
        batch_size=settings["batch_size"],
        optimizer=settings["optimizer"],
        learning_rate=settings["learning_rate"],
        momentum=settings["momentum"],
        weight_decay=settings["weight_decay"],
        schedule=settings["schedule"],
        gradient_clip=settings["gradient_clip"],
    )


def network(settings: Any, task: Task, dataset: Dataset) -> Network:
    """The network that the settings describe, for a task.

    Raises:
        ActscopeError: a user's own function does not make a network.
    """
    function, outputs = activations.get(settings["activation"]), task.num_outputs(dataset)
    activations.describe(function)  # on the host, before a trace asks for it
    if settings["network"]:
        return _own(settings["network"], function, outputs)
    return FeedForward(
        function,
        settings["hidden_sizes"],
        outputs,
        layer=settings["layer"],
        normalization=settings["normalization"],
        dropout=settings["dropout"],
        initialisation=settings["initialization"],
    )


@cache  # one that is equal to itself alone is compiled once for all its members
def _own(target: str, function: activations.Activation, outputs: int) -> Network:
    build = load_target(target)
    try:
        made: Any = build(function, outputs)
    except Exception as error:  # it is a user's own
        raise ActscopeError(
            f"{target} raised {type(error).__name__}: {error}",
            expected="a network, made of an activation and a number of outputs",
        ) from error
    if not isinstance(made, Network):
        raise ActscopeError(
            f"{target} made a {type(made).__name__}",
            expected="a network: num_outputs, program, init, apply and hyperparameters",
        )
    return made
