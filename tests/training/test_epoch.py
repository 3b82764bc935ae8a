from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.data import Split, epoch_order
from actscope.training import Evaluation, evaluate, fit
from actscope.training import _epoch as epoch_module
from actscope.training._rule import Numbers, Rule
from actscope.training._snapshot import begin
from actscope.training._step import step


def weights(rule, numbers, carry, inputs, targets):
    return carry.params


def step_by_step(job, epochs):
    """The loss and accuracy of every step, and the parameters after each epoch; no early stop."""
    rule, numbers = Rule.of(job), Numbers.of(job)
    one = jax.jit(lambda carry, x, labels: step(rule, numbers, carry, x, labels))
    train, carry, scores, after = job.dataset.train, begin(job).carry, [], []
    for epoch in range(epochs):
        size = job.recipe.batch_size
        for rows in epoch_order(len(train), size, seed=job.seed, epoch=epoch):
            x = job.dataset.normalization(train.images[rows])
            carry, score = one(carry, x, train.labels[rows])
            scores.append([float(number) for number in score])
        after.append(carry.params)
    return np.array(scores), after


def float_dataset(digits, n):
    """The first `n` training images as float32 numbers that need no scaling."""
    parts = (digits.train.first(n), digits.validation, digits.test)
    train, validation, test = (Split(p.images.astype(np.float32) / 16, p.labels) for p in parts)
    unit = replace(digits.normalization, scale=1.0, mean=0.5, std=0.5)
    return replace(digits, train=train, validation=validation, test=test, normalization=unit)


@pytest.mark.heavy
def test_an_epoch_is_the_mean_of_its_steps_and_an_evaluation(make_job):
    job = make_job(epochs=2, seed=1)
    scores, after = step_by_step(job, 2)
    trained = fit(job)
    steps = len(job.dataset.train) // job.recipe.batch_size
    data = job.dataset
    for index, epoch in enumerate(trained.history.epochs):
        loss, accuracy = scores[index * steps : (index + 1) * steps].mean(axis=0)
        assert epoch.number == index + 1
        # Another program: losses agree to a few ulp a step; an accuracy is off by a tie at most.
        assert epoch.train_loss == pytest.approx(loss, rel=1e-5)
        assert epoch.train_score == pytest.approx(accuracy, abs=1e-3)
        found = evaluate(job.network, after[index], {}, data, "validation")
        assert epoch.validation_loss == pytest.approx(found.loss, rel=1e-5)
        assert epoch.validation_score == pytest.approx(found.score, abs=5e-3)
        assert epoch.seconds > 0


@pytest.mark.parametrize(
    ("accuracies", "run", "best"),
    [
        ([0.3, 0.8, 0.5, 0.8, 0.6, 0.9], 5, 2),  # patience 3; the second 0.8 is not better
        ([0.3, 0.4, 0.5, 0.6, 0.7, 0.8], 6, 6),
        ([0.9, 0.1, 0.2, 0.3, 1.0, 1.0], 4, 1),
    ],
)
def test_the_first_of_the_best_networks_is_kept(make_job, monkeypatch, accuracies, run, best):
    scripted = iter(accuracies)
    monkeypatch.setattr(epoch_module, "evaluations", lambda *_: (Evaluation(1.0, next(scripted)),))
    trained = fit(make_job(epochs=6, patience=3), observe=weights)
    assert len(trained.history.epochs) == run
    assert trained.history.best.number == best
    for index, layer in enumerate(trained.params["layers"]):
        kernels = trained.observed[f"layers.{index}.kernel"]
        np.testing.assert_array_equal(layer["kernel"], kernels[best - 1])
        assert len({kernel.tobytes() for kernel in kernels}) == run


@pytest.mark.heavy
def test_a_rate_too_high_diverges_at_the_step_where_the_plain_loop_does(make_job):
    job = make_job(hidden=(16, 16), learning_rate=1e6)
    scores, _ = step_by_step(job, 1)
    first = int(np.flatnonzero(~np.isfinite(scores[:, 0]))[0]) + 1
    assert first > 1
    trained = fit(job)
    assert trained.history.diverged_at == first
    assert trained.history.epochs == ()
    jax.tree.map(np.testing.assert_array_equal, (trained.params, trained.state), job.begin())


@pytest.mark.heavy
def test_diverging_later_keeps_the_best_before(make_job, digits):
    dataset = float_dataset(digits, 100)
    # One image that the first epoch leaves out, in its ragged rest, is not a number.
    seen = [epoch_order(100, 30, seed=2, epoch=epoch) for epoch in range(2)]
    bad = next(row for row in seen[1].ravel() if row not in seen[0])
    dataset.train.images[bad] = np.nan
    job = make_job(dataset=dataset, seed=2, batch_size=30, epochs=9)
    trained = fit(job, observe=lambda *_: jnp.zeros(()))
    step_of_epoch = int(np.flatnonzero((seen[1] == bad).any(axis=1))[0]) + 1
    assert trained.history.diverged_at == 3 + step_of_epoch
    assert len(trained.history.epochs) == len(trained.observed[""]) == 1
    one = fit(replace(job, recipe=replace(job.recipe, epochs=1)))
    jax.tree.map(np.testing.assert_array_equal, trained.params, one.params)


@pytest.mark.heavy
def test_a_network_that_cannot_be_evaluated_has_diverged(make_job, digits):
    dataset = float_dataset(digits, 100)
    dataset.validation.images[7] = np.inf
    trained = fit(make_job(dataset=dataset, batch_size=30))
    assert (trained.history.diverged_at, trained.history.epochs) == (3, ())


@pytest.mark.heavy
def test_whoever_watches_sees_every_few_steps_and_every_epoch(make_job, monkeypatch):
    monkeypatch.setattr(epoch_module, "_STEPS_A_CALL", 4)
    told = []
    trained = fit(make_job(epochs=2, batch_size=100), watch=told.append)
    assert [(p.epoch, p.step, len(p.history.epochs)) for p in told] == [
        (1, 4, 0),
        (1, 8, 0),
        (1, 12, 0),
        (1, 12, 1),
        (2, 4, 1),
        (2, 8, 1),
        (2, 12, 1),
        (2, 12, 2),
    ]
    assert {(p.epochs, p.steps) for p in told} == {(2, 12)}
    assert told[-1].history == trained.history


def test_how_often_somebody_watches_changes_no_number(make_job, monkeypatch):
    runs = []
    for steps in (1, 5, 1000):
        monkeypatch.setattr(epoch_module, "_STEPS_A_CALL", steps)
        runs.append(fit(make_job(epochs=2)))
    for other in runs[1:]:
        jax.tree.map(np.testing.assert_array_equal, other.params, runs[0].params)
        assert without_seconds(other.history) == without_seconds(runs[0].history)


def without_seconds(history):
    return [replace(epoch, seconds=0.0) for epoch in history.epochs]
