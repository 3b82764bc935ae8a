from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope.data import epoch_order
from actscope.training._snapshot import begin, copied
from actscope.training._step import Carry, Examples, Rule, advance, step


@pytest.fixture(scope="module")
def job(make_job):
    return make_job(hidden=(12, 9), activation="tanh", batch_size=100, seed=4)


@pytest.fixture(scope="module")
def rule(job):
    return Rule(job.network, job.recipe, job.dataset.normalization)


@pytest.fixture(scope="module")
def examples(job):
    train = job.dataset.train
    return Examples(jnp.asarray(train.images), jnp.asarray(train.labels))


@pytest.fixture(scope="module")
def order(job):
    return epoch_order(len(job.dataset.train), job.recipe.batch_size, seed=4, epoch=0)


def by_hand(params, velocity, x, labels):
    """One step of a tanh network in float64, by the chain rule on paper: batch 100, rate 0.1."""
    signals = [x]
    for index, (kernel, bias) in enumerate(params):
        z = signals[-1] @ kernel + bias
        signals.append(z if index == len(params) - 1 else np.tanh(z))
    p = np.exp(signals[-1] - signals[-1].max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(x))
    loss = -np.log(p[rows, labels]).mean()
    accuracy = np.mean(p.argmax(axis=1) == labels)
    error = p.copy()
    error[rows, labels] -= 1
    error /= len(x)
    gradients = []
    for index in reversed(range(len(params))):
        gradients.insert(0, (signals[index].T @ error, error.sum(axis=0)))
        error = (error @ params[index][0].T) * (1 - signals[index] ** 2)
    velocity = [
        [0.9 * v + g for v, g in zip(*p, strict=True)]
        for p in zip(velocity, gradients, strict=True)
    ]
    params = [
        [w - 0.1 * v for w, v in zip(*p, strict=True)] for p in zip(params, velocity, strict=True)
    ]
    return params, velocity, loss, accuracy


def arrays(params):
    return [[np.float64(layer["kernel"]), np.float64(layer["bias"])] for layer in params["layers"]]


def test_steps_are_back_propagation_with_momentum(job, rule, order):
    carry = begin(job).carry
    params = arrays(carry.params)
    velocity = [[0 * array for array in layer] for layer in params]
    compiled = jax.jit(step, static_argnames="rule")
    for rows in order[:4]:  # from the second on the momentum tells
        images, labels = job.dataset.train.images[rows], job.dataset.train.labels[rows]
        x = images.reshape(100, 64) / 16.0 * 2 - 1
        params, velocity, loss, accuracy = by_hand(params, velocity, x, labels)
        carry, scores = compiled(rule, carry, job.dataset.normalization(images), labels)
        # Sums of 100 float32 products of size 1 keep about six digits.
        assert float(scores.loss) == pytest.approx(loss, rel=1e-5)
        assert float(scores.accuracy) == pytest.approx(accuracy, abs=1e-7)
        for ours, right in ((carry.params, params), (carry.optimizer[0].trace, velocity)):
            jax.tree.map(partial(np.testing.assert_allclose, atol=2e-6), arrays(ours), right)


def test_the_compiled_epoch_is_a_plain_loop_over_batches(job, rule, examples, order):
    network, data = job.network, job.dataset
    params, state = job.begin()
    sgd = optax.sgd(0.1, momentum=0.9)
    memory, losses = sgd.init(params), []

    def mean_loss(params, x, labels):
        logits, _ = network.apply(params, state, x, train=True)
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1).mean()

    gradient = jax.jit(jax.value_and_grad(mean_loss))
    for rows in order:
        x, labels = data.normalization(data.train.images[rows]), data.train.labels[rows]
        loss, grads = gradient(params, x, labels)
        updates, memory = sgd.update(grads, memory, params)
        params = optax.apply_updates(params, updates)
        losses.append(float(loss))

    carry, scores = advance(rule, copied(begin(job).carry), examples, order, 0, len(order))
    # Other programs round otherwise: a few ulp a step, for a dozen steps.
    np.testing.assert_allclose(scores.loss, losses, rtol=1e-5)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-6), carry.params, params)


@settings(max_examples=20, deadline=None)
@given(st.sets(st.integers(1, 11)))
def test_where_an_epoch_is_cut_changes_no_bit(job, rule, examples, order, cuts):
    whole, scores = advance(rule, copied(begin(job).carry), examples, order, 0, len(order))
    carry, losses = copied(begin(job).carry), []
    ends = [*sorted(cuts), len(order)]
    for first, end in zip([0, *ends], ends, strict=False):
        carry, part = advance(rule, carry, examples, order, first, end)
        assert not np.asarray(part.loss)[end:].any()
        losses.extend(np.asarray(part.loss)[first:end])
    np.testing.assert_array_equal(losses, scores.loss)
    jax.tree.map(np.testing.assert_array_equal, carry, whole)


def test_the_carry_is_consumed(job, rule, examples, order):
    carry = copied(begin(job).carry)
    advance(rule, carry, examples, order, 0, 1)
    assert all(array.is_deleted() for array in jax.tree.leaves(carry))


def test_float_images_are_trained_on_as_well(job, rule, examples, order):
    floats = Examples(examples.images.astype(jnp.float32), examples.labels)
    carry = advance(rule, copied(begin(job).carry), examples, order, 0, len(order))[0]
    other = advance(rule, copied(begin(job).carry), floats, order, 0, len(order))[0]
    assert isinstance(carry, Carry)
    # XLA divides by 16 exactly; the two programs may still differ by how they are fused.
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-6), carry, other)
