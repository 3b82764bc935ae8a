from dataclasses import replace

import jax
import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.data import Split
from actscope.networks import MLP


def test_begins_with_the_networks_own_first_weights(make_job):
    job = make_job(seed=5)
    expected = job.network.init(jax.random.key(5), np.zeros((7, 8, 8), np.float32))
    jax.tree.map(np.testing.assert_array_equal, job.begin(), expected)


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
    with pytest.raises(ActscopeError, match="network of 9 classes; expected at least the 10"):
        replace(job, network=MLP(job.network.activation, (4,), num_classes=9))


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
