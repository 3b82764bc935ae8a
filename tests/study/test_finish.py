"""What a member gave, against the network that training left behind."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from actscope import activations, training
from actscope.networks import FeedForward
from actscope.study import _build, _finish
from actscope.study._finish import finish
from actscope.study._monitor import monitor
from actscope.training import Evaluation, fit

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def made(make_plan, digits):
    """Trains the one member of a plan and finishes it."""

    def make(*, start=None, **axes):
        (member,) = make_plan(**{"seeds": [5], **axes}).members
        job = replace(_build.job(member, digits), start=start)
        trained = fit(job, observe=monitor)
        return member, job, trained, finish(member, job, trained)

    return make


@pytest.fixture(scope="module")
def relu(made, make_job, digits):
    """Of relu, hardly trained: a unit is dead, and one wakes up for training examples alone."""
    params, state = jax.device_get(make_job(hidden=(8,), seed=5).begin())
    first, last = params["layers"]
    train, test = (pixels(digits, part) @ first["kernel"] for part in ("train", "test"))
    gap = train.max(axis=0) - test.max(axis=0)
    rare = np.argmax(gap)
    bias = first["bias"].copy()
    bias[rare], bias[rare - 1] = gap[rare] / 2 - train[:, rare].max(), -100
    start = {"layers": [{**first, "bias": bias}, last]}, state
    return made(start=start, learning_rate=1e-6)


def pixels(digits, part):
    """The images of a part, normalised, a row each."""
    images = np.asarray(digits.normalization(digits.split(part).images))
    return images.reshape(len(images), -1)


def test_who_it_is(relu):
    member, job, _, outcome = relu
    assert (outcome.id, outcome.phase, outcome.seed) == (member.id, "compare", 5)
    assert (outcome.settings, outcome.columns) == (member.combination.key, member.columns())
    assert outcome.parameters == 64 * 8 + 8 + 8 * 10 + 10
    assert outcome.chance == 1 / job.dataset.num_classes


def test_it_is_judged_on_test_data_as_the_best_epoch_left_it(relu, digits):
    _, _, trained, outcome = relu
    (w0, b0), (w1, b1) = (
        [np.asarray(layer[key], np.float64) for key in ("kernel", "bias")]
        for layer in trained.params["layers"]
    )
    x = pixels(digits, "test")
    outputs = np.maximum(x @ w0 + b0, 0) @ w1 + b1
    assert outcome.test_score == (outputs.argmax(axis=1) == digits.test.labels).mean()
    odds = outputs[np.arange(len(x)), digits.test.labels]
    losses = np.log(np.exp(outputs).sum(axis=1)) - odds
    assert outcome.test_loss == pytest.approx(losses.mean(), rel=1e-5)
    found = training.evaluate(trained.network, trained.params, trained.state, digits)
    assert (outcome.test_loss, outcome.test_score) == found


def test_its_epochs_are_those_of_training(relu):
    _, _, trained, outcome = relu
    assert outcome.epochs == trained.history.epochs
    best = max(outcome.epochs, key=lambda epoch: epoch.validation_score)
    assert (outcome.best_epoch, outcome.validation_score) == (best.number, best.validation_score)
    assert outcome.seconds == sum(epoch.seconds for epoch in outcome.epochs)
    assert outcome.diverged_at is None


def test_dead_units_over_the_whole_training_set(relu, digits):
    _, _, trained, outcome = relu
    first = {key: np.asarray(array) for key, array in trained.params["layers"][0].items()}
    dead, in_test = (
        (pixels(digits, part) @ first["kernel"] + first["bias"] <= 0).all(axis=0).sum()
        for part in ("train", "test")
    )
    assert 1 <= dead < in_test
    assert (outcome.dead, outcome.units) == ((dead,), (8,))


def test_monitors_of_every_epoch(relu):
    *_, trained, outcome = relu
    site = outcome.sites["layers.0"]
    np.testing.assert_array_equal(site["epoch"], [1, 2, 3])
    np.testing.assert_array_equal(site["zero"], trained.observed["sites.layers.0.zero"])
    np.testing.assert_array_equal(site["dead_mask"], trained.observed["sites.layers.0.dead_mask"])
    assert list(outcome.layers) == [
        f"layers.{i}.{key}" for i in (0, 1) for key in ("bias", "kernel")
    ]


def test_one_that_diverged_at_once_is_judged_as_it_began(made, make_job, digits):
    *_, outcome = made(learning_rate=1e30)
    first = make_job(hidden=(8,), seed=5)
    begun = training.evaluate(first.network, *first.begin(), digits)
    assert (outcome.test_loss, outcome.test_score) == begun
    assert 1 <= outcome.diverged_at <= 11
    assert (outcome.epochs, outcome.best_epoch, outcome.validation_score) == ((), None, None)
    assert (outcome.sites, outcome.layers) == ({}, {})
    assert outcome.units == (8,)


class Bare(FeedForward):
    """A network that shows nothing."""

    def apply(self, params, state, x, *, key=None, train=False):
        return super().apply(params, state, x, key=key, train=train)


def test_a_network_that_shows_nothing_has_no_units(relu, made, monkeypatch):
    bare = Bare(activations.get("relu"), (8,))
    monkeypatch.setattr(_build, "network", lambda *_: bare)
    _, job, _, outcome = made(start=relu[1].start, learning_rate=1e-6)
    assert job.network is bare
    assert (outcome.dead, outcome.units, outcome.sites) == ((), (), {})
    assert outcome.test_loss == pytest.approx(relu[3].test_loss, rel=1e-5)
    assert list(outcome.layers) == list(relu[3].layers)


def test_parameters_stand_in_the_order_of_the_network(relu, monkeypatch):
    member, job, trained, _ = relu
    deep = [{"bias": np.zeros(1)} for _ in range(12)]
    observed = {
        f"layers.layers.{i}.bias.weight_rms": np.zeros(1) for i in sorted(range(12), key=str)
    }
    monkeypatch.setattr(_finish, "evaluate", lambda *_, **__: Evaluation(0.0, 0.0))
    monkeypatch.setattr(_finish, "_dead", lambda *_: {})
    outcome = finish(member, job, replace(trained, params={"layers": deep}, observed=observed))
    assert list(outcome.layers) == [f"layers.{i}.bias" for i in range(12)]
