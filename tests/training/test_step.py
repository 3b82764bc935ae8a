from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope.data import epoch_order
from actscope.training._lanes import Lanes
from actscope.training._rule import Numbers, Rule
from actscope.training._snapshot import begin
from actscope.training._step import Carry, Examples, advance, step, update


@pytest.fixture(scope="module")
def job(make_job):
    return make_job(hidden=(12, 9), activation="tanh", batch_size=100, seed=4)


@pytest.fixture(scope="module")
def rule(job):
    return Rule.of(job)


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
        carry, scores = compiled(
            rule, Numbers.of(job), carry, job.dataset.normalization(images), labels
        )
        # Sums of 100 float32 products of size 1 keep about six digits.
        assert float(scores.loss) == pytest.approx(loss, rel=1e-5)
        assert float(scores.score) == pytest.approx(accuracy, abs=1e-7)
        for ours, right in ((carry.params, params), (carry.optimizer[1].trace, velocity)):
            jax.tree.map(partial(np.testing.assert_allclose, atol=2e-6), arrays(ours), right)


@pytest.mark.heavy
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

    numbers, carry = lanes(job)
    bounds = (0, len(order))
    carry, scores = advance(rule, numbers, carry, examples, order[None], bounds)
    # Other programs round otherwise: a few ulp a step, for a dozen steps.
    np.testing.assert_allclose(scores.loss[0], losses, rtol=1e-5)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a[0], b, atol=2e-6), carry.params, params)


@pytest.mark.heavy
@settings(max_examples=20)
@given(st.sets(st.integers(1, 11)))
def test_where_an_epoch_is_cut_changes_no_bit(job, rule, examples, order, cuts):
    numbers, carry = lanes(job)
    order = order[None]
    steps = order.shape[1]
    whole, scores = advance(rule, numbers, carry, examples, order, (0, steps))
    (_, carry), losses = lanes(job), []
    ends = [*sorted(cuts), steps]
    for first, end in zip([0, *ends], ends, strict=False):
        carry, part = advance(rule, numbers, carry, examples, order, (first, end))
        assert not np.asarray(part.loss)[0, end:].any()
        losses.extend(np.asarray(part.loss)[0, first:end])
    np.testing.assert_array_equal(losses, scores.loss[0])
    jax.tree.map(np.testing.assert_array_equal, carry, whole)


def test_the_carry_is_consumed(job, rule, examples, order):
    numbers, carry = lanes(job)
    advance(rule, numbers, carry, examples, order[None], (0, 1))
    assert all(array.is_deleted() for array in jax.tree.leaves(carry))


@pytest.mark.heavy
def test_float_images_are_trained_on_as_well(job, rule, examples, order):
    floats = Examples(examples.images.astype(jnp.float32), examples.targets)
    bounds = (0, len(order))
    carry, other = (
        advance(rule, *lanes(job), data, order[None], bounds)[0] for data in (examples, floats)
    )
    assert isinstance(carry, Carry)
    # XLA divides by 16 exactly; the two programs may still differ by how they are fused.
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-6), carry, other)


@pytest.mark.heavy
def test_each_lane_goes_its_own_way(make_job, rule, examples, order):
    jobs = [
        make_job(hidden=(12, 9), activation="tanh", batch_size=100, seed=seed, learning_rate=rate)
        for seed, rate in ((4, 0.1), (5, 0.1), (4, 0.02))
    ]
    orders = np.stack([order, order[::-1], order])
    bounds = (0, 1)  # of one step the lanes differ from a run alone by a few ulp only
    together, scores = advance(rule, *lanes(*jobs), examples, orders, bounds)
    for lane, job in enumerate(jobs):
        alone, score = advance(rule, *lanes(job), examples, orders[lane : lane + 1], bounds)
        np.testing.assert_allclose(scores.loss[lane], score.loss[0], rtol=1e-5)
        jax.tree.map(
            lambda a, b, lane=lane: np.testing.assert_allclose(a[lane], b[0], atol=1e-6),
            together.params,
            alone.params,
        )


@pytest.mark.heavy
def test_a_lane_that_breaks_does_its_neighbours_no_harm(make_job, rule, examples, order):
    same = {"hidden": (12, 9), "activation": "tanh", "batch_size": 100}
    well, ill = make_job(**same, seed=4), make_job(**same, seed=4, learning_rate=3e38)
    bounds, orders = (0, len(order)), np.stack([order, order])
    with_ill, scores = advance(rule, *lanes(well, ill), examples, orders, bounds)
    with_well, _ = advance(rule, *lanes(well, well), examples, orders, bounds)
    assert not np.isfinite(scores.loss[1]).all()
    jax.tree.map(
        lambda a, b: np.testing.assert_array_equal(a[0], b[0]), with_ill.params, with_well.params
    )


@pytest.mark.heavy
def test_an_update_is_what_a_step_adds(job, rule, order):
    rows, carry, numbers = order[0], begin(job).carry, Numbers.of(job)
    inputs = job.dataset.normalization(job.dataset.train.images[rows])
    labels = job.dataset.train.labels[rows]
    after, _ = step(rule, numbers, carry, inputs, labels)

    def loss(params):
        return optax.softmax_cross_entropy_with_integer_labels(
            job.network.apply(params, {}, inputs)[0], labels
        ).mean()

    change, _ = update(rule, numbers, carry, jax.grad(loss)(carry.params))
    # Weights of size 0.1 are float32 to 1e-8.
    jax.tree.map(
        lambda new, old, add: np.testing.assert_allclose(new - old, add, atol=5e-8),
        after.params,
        carry.params,
        change,
    )


def lanes(*jobs):
    """Numbers and carry of the jobs side by side, in buffers of their own."""
    made = Lanes.of(jobs, [begin(job) for job in jobs], None)
    return made.numbers, made.carry
