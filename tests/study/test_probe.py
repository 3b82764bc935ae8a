"""Our networks before the instruments: against plain NumPy."""

import jax
import numpy as np
import pytest

from actscope import activations, networks, study
from actscope._errors import ActscopeError


def _forward(params, images):
    """Post-activations of a ReLU network in float64, and its logits."""
    x, posts = images.reshape(len(images), -1).astype(np.float64), []
    for layer in params["layers"][:-1]:
        x = np.maximum(x @ np.asarray(layer["kernel"], np.float64) + np.asarray(layer["bias"]), 0)
        posts.append(x)
    last = params["layers"][-1]
    return posts, x @ np.asarray(last["kernel"], np.float64) + np.asarray(last["bias"])


@pytest.mark.heavy
def test_an_untrained_network_is_where_training_begins(make_job):
    job = make_job(seed=7)
    saved = study.untrained(job.network, job.dataset, 7)
    assert jax.tree.all(
        jax.tree.map(lambda a, b: bool((a == b).all()), (saved.params, saved.state), job.begin())
    )


@pytest.mark.parametrize("seed", [-1, 2**32, 10**30])
def test_a_seed_that_jax_would_cut_off_is_refused(make_job, seed):
    job = make_job()
    with pytest.raises(ActscopeError, match=f"seed {seed}; expected 0 to 4294967295"):
        study.untrained(job.network, job.dataset, seed)


@pytest.mark.heavy
def test_a_profile_is_what_numpy_finds(digits, make_job):
    saved = study.untrained(make_job(hidden=(24, 12)).network, digits, 3)
    profile = study.probe(saved, digits, digits.test)
    posts, logits = _forward(saved.params, digits.normalization(digits.test.images))
    labels = digits.test.labels
    shifted = logits - logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]
    assert profile.loss == pytest.approx(losses.mean(), rel=1e-5)
    assert profile.accuracy == (logits.argmax(axis=1) == labels).mean()
    for site, post in zip(profile.sites, posts, strict=True):
        assert site.post.mean == pytest.approx(post.mean(), rel=1e-5)
        assert site.dead.tolist() == (post == 0).all(axis=0).tolist()
    assert [each.name for each in profile.parameters] == [
        f"layers.{index}.{kind}" for index in range(3) for kind in ("bias", "kernel")
    ]


@pytest.mark.heavy
def test_dead_units_are_counted_over_the_training_set(digits, make_job):
    saved = study.untrained(make_job(hidden=(24, 12)).network, digits, 0)
    saved.params["layers"][0]["bias"] = saved.params["layers"][0]["bias"].at[:5].set(-1e3)
    posts, _ = _forward(saved.params, digits.normalization(digits.train.images))
    expected = tuple(int((post == 0).all(axis=0).sum()) for post in posts)
    assert expected[0] >= 5
    found = study.dead_units(saved, digits).values()
    assert tuple(int(site.dead.sum()) for site in found) == expected


def test_a_data_set_that_does_not_fit_is_refused(digits, make_job):
    saved = study.untrained(make_job().network, digits, 0)
    fewer = networks.Saved(
        networks.FeedForward(activations.get("relu"), (16,), 4), saved.params, {}
    )
    with pytest.raises(
        ActscopeError, match="digits has 10 classes; expected at most 4, as the network has; name"
    ):
        study.probe(fewer, digits, digits.test)
    wider = networks.FeedForward(activations.get("relu"), (16,))
    wider = networks.Saved(wider, *wider.init(jax.random.key(0), np.zeros((1, 65), np.float32)))
    with pytest.raises(
        ActscopeError, match=r"digits: .* \(1, 8, 8\); expected 65 numbers .*; name"
    ):
        study.dead_units(wider, digits)


@pytest.mark.heavy
def test_running_statistics_are_those_of_the_saved_network(digits):
    network = networks.FeedForward(activations.get("relu"), (8,), normalization="batch")
    images = digits.normalization(digits.test.images)
    params, state = network.init(jax.random.key(0), images)
    state = {"layers": [{"mean": state["layers"][0]["mean"] + 2, "variance": np.full(8, 4.0)}]}
    found = study.probe(networks.Saved(network, params, state), digits, digits.test)
    flat, first = images.reshape(len(images), -1).astype(np.float64), params["layers"][0]
    pre = (flat @ np.asarray(first["kernel"]) + np.asarray(first["bias"]) - 2) / 2
    assert found.sites[0].pre.mean == pytest.approx(pre.mean(), rel=1e-4)
    assert found.sites[0].pre.std == pytest.approx(pre.std(), rel=1e-4)
