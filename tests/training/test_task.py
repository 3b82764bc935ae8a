import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.training import fit, task, tasks


@pytest.fixture(scope="module")
def inputs(digits):
    return digits.normalization(digits.test.images[:50])


def judged(name, dataset, outputs, inputs):
    found = task(name)
    targets = found.targets(dataset, "test")[: len(inputs)]
    return found.judge(outputs, inputs, targets, np.float32(found.spread(dataset)))


def test_classification(digits, inputs):
    logits = np.random.default_rng(0).normal(size=(50, 10)).astype(np.float32)
    labels = digits.test.labels[:50]
    losses, merits = judged("classification", digits, logits, inputs)
    z = logits.astype(np.float64)
    expected = np.log(np.exp(z).sum(axis=1)) - z[np.arange(50), labels]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    np.testing.assert_array_equal(merits, z.argmax(axis=1) == labels)
    assert task("classification").chance(digits) == 0.1


def test_autoencoding(digits, inputs):
    found, flat = task("autoencoding"), inputs.reshape(50, 64)
    assert found.num_outputs(digits) == 64
    np.testing.assert_array_equal(judged("autoencoding", digits, flat, inputs).merits, 1)
    # Always giving the mean training image has learned nothing.
    train = digits.normalization(digits.train.images).reshape(-1, 64).astype(np.float64)
    mean = np.broadcast_to(train.mean(axis=0), (50, 64)).astype(np.float32)
    losses, merits = judged("autoencoding", digits, mean, inputs)
    np.testing.assert_allclose(losses, ((mean - flat) ** 2).mean(axis=1), rtol=1e-5)
    variance = train.var(axis=0).mean()
    assert found.spread(digits) == pytest.approx(variance, rel=1e-6)
    np.testing.assert_allclose(merits, 1 - losses / variance, rtol=1e-5, atol=1e-6)


def test_regression(digits, inputs):
    found = task("regression")
    targets = found.targets(digits, "test")[:50]
    assert found.num_outputs(digits) == 1
    losses, merits = judged("regression", digits, targets[:, None] + np.float32(0.5), inputs)
    np.testing.assert_allclose(losses, 0.25, rtol=1e-5)
    spread = found.targets(digits, "train").astype(np.float64).var()
    np.testing.assert_allclose(merits, 1 - 0.25 / spread, rtol=1e-5)
    assert (found.chance(digits), found.score) == (0.0, "R²")


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "rate", "least"),
    [("classification", 0.1, 0.9), ("autoencoding", 0.1, 0.5), ("regression", 0.02, 0.6)],
)
def test_a_network_learns_it(make_job, name, rate, least):
    # The best linear function of an image has 0.69 of what the teacher says of it.
    job = make_job(
        task=name, hidden=(64,), activation="tanh", epochs=25, patience=25, learning_rate=rate
    )
    trained = fit(job)
    assert trained.history.best.validation_score > least


def test_names():
    assert tasks() == ("classification", "autoencoding", "regression")
    with pytest.raises(ActscopeError, match=r"unknown task 'regresion'.*did you mean 'regression'"):
        task("regresion")
