"""What helps a network of ours: changes to it, tried in short trainings by its own recipe."""

from dataclasses import replace
from typing import Any

import jax
import optax

from actscope import diagnosis, training
from actscope.data import Dataset, epoch_order
from actscope.diagnosis import Remedies
from actscope.networks import Saved
from actscope.probing import Model, Profile
from actscope.study._probe import cross_entropy, require_fit
from actscope.training import Job, Numbers, Recipe, Rule

_BATCHES = 64  # over which a short training goes again and again


def remedy(saved: Saved, dataset: Dataset, profile: Profile, **options: Any) -> Remedies:
    """Try what may help against the findings of a network of ours.

    Every training begins anew, with parameters drawn for its seed, and goes by the recipe of the
    run (the default one if it has none) over batches of the training set, without dropout.

    Args:
        saved: the network.
        dataset: its data set.
        profile: of the network, with its findings.
        options: of `diagnosis.remedy`.

    Raises:
        ActscopeError: the data set's images or classes do not fit the network.
    """
    require_fit(saved, dataset)
    return diagnosis.remedy(_model(saved, dataset), profile, **options)


def _model(saved: Saved, dataset: Dataset) -> Model:
    network = replace(saved.network, dropout=0.0)
    recipe = _recipe(saved, dataset)
    job = Job(network, dataset, recipe)
    first = job.dataset.normalization(dataset.train.first(recipe.batch_size).images)
    # Only an activation that is random takes it, where a norm of the batch makes it train.
    key = jax.random.key(0)

    def function(params: Any, images: Any) -> jax.Array:
        return network.apply(params, saved.state, images, key=key, train=bool(saved.state))[0]

    init = jax.jit(lambda key: network.init(key, first)[0])
    batches = _batches(dataset, recipe.batch_size)
    return Model.of(function, saved.params, batches, cross_entropy, init, _optimizer(job))


def _recipe(saved: Saved, dataset: Dataset) -> Recipe:
    told = saved.notes.get("identity", {}).get("recipe", {})
    recipe = Recipe.from_json(told)
    return replace(recipe, batch_size=min(recipe.batch_size, len(dataset.train)))


def _batches(dataset: Dataset, size: int) -> list[Any]:
    train = dataset.train
    order = epoch_order(len(train), size, seed=0, epoch=0)[:_BATCHES]
    return [(dataset.normalization(train.images[rows]), train.labels[rows]) for rows in order]


def _optimizer(job: Job) -> optax.GradientTransformation:
    """The recipe's optimizer with its learning rate, as optax has them."""
    rule, numbers = Rule.of(job), Numbers.of(job)

    def init(params: Any) -> Any:
        return training.first_carry(rule, params, {})._replace(params=None)

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        change, memory = training.update(rule, numbers, state._replace(params=params), updates)
        return change, state._replace(optimizer=memory, step=state.step + 1)

    return optax.GradientTransformation(init, update)
