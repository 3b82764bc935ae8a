from dataclasses import replace
from functools import partial

import jax
import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.data import Split
from actscope.networks import FeedForward


@pytest.mark.heavy
def test_begins_with_the_networks_own_first_weights(make_job):
    job = make_job(seed=5)
    expected = job.network.init(jax.random.key(5), np.zeros((7, 8, 8), np.float32))
    # Compiled it may round otherwise: an ulp of weights of size 0.1.
    jax.tree.map(partial(np.testing.assert_allclose, atol=1e-8), job.begin(), expected)


def test_begins_where_it_is_told_to(make_job):
    start = make_job(seed=9).begin()
    assert make_job(seed=1, start=start).begin() is start


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "seed -1; expected 0 to 4294967295"),
        ({"seed": 2**32}, "seed 4294967296; expected 0 to 4294967295"),
        ({"batch_size": 5000}, "batch_size 5000; expected at most the 1247 training examples"),
    ],
)
def test_what_cannot_be_trained_is_refused(make_job, digits, change, message):
    message = message.replace("1247", str(len(digits.train)))
    with pytest.raises(ActscopeError, match=message):
        make_job(**change)


def test_a_network_without_an_output_for_some_class_is_refused(make_job):
    job = make_job()
    with pytest.raises(ActscopeError, match="network of 9 outputs; expected at least 10"):
        replace(job, network=FeedForward(job.network.activation, (4,), num_outputs=9))


def changed_pixel(dataset):
    images = dataset.train.images.copy()
    images[3, 4, 5] ^= 1
    return replace(dataset, train=Split(images, dataset.train.labels))


def swapped_parts(dataset):
    return replace(dataset, train=dataset.validation, validation=dataset.train)


def test_the_identity_is_that_of_everything_the_result_depends_on(make_job, digits):
    jobs = [
        make_job(),
        make_job(seed=1),
        make_job(activation="tanh"),
        make_job(hidden=(16, 16)),
        make_job(epochs=4),
        make_job(learning_rate=0.2),
        make_job(optimizer="adam"),
        make_job(gradient_clip=1.0),
        make_job(task="autoencoding"),
        make_job(dataset=changed_pixel(digits)),
        make_job(dataset=swapped_parts(digits)),
        make_job(dataset=replace(digits, name="other")),
        make_job(dataset=replace(digits, normalization=replace(digits.normalization, std=1.0))),
        make_job(start=make_job().begin()),
        make_job(start=make_job(seed=1).begin()),
    ]
    identities = [job.identity() for job in jobs]
    assert all(a != b for i, a in enumerate(identities) for b in identities[:i])
    assert make_job().identity() == identities[0]


@pytest.mark.parametrize("name", ["autoencoding", "regression"])
def test_but_for_classes_the_number_of_outputs_is_exact(make_job, name):
    job = make_job(task=name)
    wider = FeedForward(job.network.activation, (4,), num_outputs=job.network.num_outputs + 1)
    with pytest.raises(ActscopeError, match=f"outputs; expected {job.network.num_outputs}: {name}"):
        replace(job, network=wider)


def test_initialisers_see_the_first_training_examples_normalised(make_job, digits):
    seen = []

    class Curious(FeedForward):
        def init(self, key, x):  # noqa: ARG002
            seen.append(x.shape)
            return {"mean": x.mean()}, {}

    network = Curious(make_job().network.activation, (4,))
    params, _ = replace(make_job(), network=network).begin()
    first = digits.normalization(digits.train.images[:256])
    assert seen == [first.shape]
    assert float(params["mean"]) == pytest.approx(first.mean(dtype=np.float64), abs=1e-6)
