from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.training import Evaluation, evaluate, task
from actscope.training._evaluate import evaluations
from actscope.training._rule import Problem
from actscope.training._step import Examples


@pytest.fixture(scope="module")
def trained(make_job):
    job = make_job(seed=3)
    return job, *job.begin()


def logits(params, images):
    """A ReLU network in float64."""
    x = images.reshape(len(images), -1) / 16.0 * 2 - 1
    for index, layer in enumerate(params["layers"]):
        x = np.maximum(x, 0) if index else x
        x = x @ np.float64(layer["kernel"]) + np.float64(layer["bias"])
    return x


@pytest.mark.heavy
@pytest.mark.parametrize("examples", [1, 999, 1000, 1001, 1247])
def test_equals_numpy_whatever_the_ragged_rest(trained, digits, examples):
    job, params, state = trained
    split = digits.train.first(examples)
    assert len(split) == min(examples, len(digits.train))
    z = logits(params, split.images)
    z -= z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), split.labels]
    found = evaluate(job.network, params, state, replace(digits, test=split))
    assert found.score == np.mean(z.argmax(axis=1) == split.labels)
    # float32: each loss to a few 1e-7, and a sum of at most 1000 of them.
    assert found.loss == pytest.approx(losses.mean(), rel=1e-5)


def test_of_equal_logits_the_first_class_is_the_answer(trained, digits):
    job, params, state = trained
    nothing = jax.tree.map(jnp.zeros_like, params)
    found = evaluate(job.network, nothing, state, digits)
    assert found.score == np.mean(digits.test.labels == 0)
    assert found.loss == pytest.approx(np.log(10), rel=1e-6)


def test_nothing_to_evaluate(trained, digits):
    job, params, state = trained
    empty = replace(digits, test=digits.test.first(0))
    with pytest.raises(ActscopeError, match="without examples"):
        evaluate(job.network, params, state, empty)


def test_several_networks_at_once_are_each_evaluated_alone(trained, digits):
    job, params, state = trained
    others = [params, jax.tree.map(lambda x: 2 * x, params), jax.tree.map(jnp.zeros_like, params)]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *others)
    problem = Problem(job.network.program, job.task, digits.normalization)
    examples = Examples(digits.test.images, digits.test.labels)
    found = evaluations(problem, stacked, state, np.ones(3, np.float32), examples)
    alone = [evaluate(job.network, each, state, digits) for each in others]
    # Another program: float32 sums to a few 1e-7.
    np.testing.assert_allclose(found, alone, rtol=1e-5)
    assert isinstance(found[0], Evaluation)


@pytest.mark.heavy
def test_a_task_is_judged_by_its_own_targets(make_job, digits):
    job = make_job(task="regression")
    params, state = job.begin()
    nothing = jax.tree.map(jnp.zeros_like, params)
    found = evaluate(job.network, nothing, state, digits, "validation", task=task("regression"))
    targets = task("regression").targets(digits, "validation").astype(np.float64)
    # Always saying 0 costs the mean square of the targets.
    assert found.loss == pytest.approx(np.mean(targets**2), rel=1e-5)
    spread = np.var(task("regression").targets(digits, "train"), dtype=np.float64)
    assert found.score == pytest.approx(1 - np.mean(targets**2) / spread, abs=1e-5)
