import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.data import Split
from actscope.training import evaluate


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


@pytest.mark.parametrize("examples", [1, 999, 1000, 1001, 1247])
def test_equals_numpy_whatever_the_ragged_rest(trained, digits, examples):
    job, params, state = trained
    split = digits.train.first(examples)
    assert len(split) == min(examples, len(digits.train))
    z = logits(params, split.images)
    z -= z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), split.labels]
    found = evaluate(job.network, params, state, split, digits.normalization)
    assert found.accuracy == np.mean(z.argmax(axis=1) == split.labels)
    # float32: each loss to a few 1e-7, and a sum of at most 1000 of them.
    assert found.loss == pytest.approx(losses.mean(), rel=1e-5)


def test_of_equal_logits_the_first_class_is_the_answer(trained, digits):
    job, params, state = trained
    nothing = jax.tree.map(jnp.zeros_like, params)
    found = evaluate(job.network, nothing, state, digits.test, digits.normalization)
    assert found.accuracy == np.mean(digits.test.labels == 0)
    assert found.loss == pytest.approx(np.log(10), rel=1e-6)


def test_nothing_to_evaluate(trained, digits):
    job, params, state = trained
    empty = Split(digits.test.images[:0], digits.test.labels[:0])
    with pytest.raises(ActscopeError, match="without examples"):
        evaluate(job.network, params, state, empty, digits.normalization)
