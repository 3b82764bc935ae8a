"""What helps our own networks: their own recipe, data and starts."""

from dataclasses import replace

import jax
import numpy as np
import optax
import pytest

from actscope import activations, networks, study
from actscope.study._remedy import _model, _optimizer
from actscope.training import Job, Recipe


@pytest.fixture
def saved(digits):
    network = networks.FeedForward(activations.get("sigmoid"), (8,) * 6, 10, dropout=0.5)
    return study.untrained(network, digits, 0)


def test_the_recipes_optimizer_is_optaxs(digits, saved):
    recipe = Recipe(learning_rate=0.1, momentum=0.5, weight_decay=0.01)
    ours = _optimizer(Job(saved.network, digits, recipe))
    # Weight decay of SGD is added to the gradient, before momentum.
    theirs = optax.chain(optax.add_decayed_weights(0.01), optax.sgd(0.1, 0.5))
    params = {"w": np.linspace(-1, 1, 5, dtype=np.float32)}
    one, two = ours.init(params), theirs.init(params)
    for step in range(3):
        gradient = {"w": np.full(5, step + 0.5, np.float32)}
        (mine, one), (other, two) = (
            each.update(gradient, state, params) for each, state in ((ours, one), (theirs, two))
        )
        np.testing.assert_allclose(mine["w"], other["w"], rtol=1e-6)


@pytest.mark.heavy
def test_a_short_training_is_of_the_run(digits, saved):
    told = {"identity": {"recipe": Recipe(batch_size=100, learning_rate=0.3).to_json()}}
    model = _model(replace(saved, notes=told), digits)
    (images, labels), *_ = model.batches
    assert images.shape[0] == len(labels) == 100
    assert (images.min(), images.max()) == (-1, 1)  # normalised: from 0 to 16
    key = jax.random.key(3)
    start = saved.network.init(key, digits.normalization(digits.train.first(100).images))[0]
    for one, other in zip(jax.tree.leaves(model.init(key)), jax.tree.leaves(start), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)
    without_dropout = replace(saved.network, dropout=0.0).apply(saved.params, {}, images)[0]
    np.testing.assert_allclose(model.function(saved.params, images), without_dropout, rtol=1e-6)


@pytest.mark.heavy
def test_sigmoid_layers_by_pytorchs_default_want_another_start(digits, saved):
    profile = study.examine(saved, digits, digits.train)
    assert "vanishing_gradient" in {each.rule for each in profile.findings}
    found = study.remedy(saved, digits, profile, steps=30, screen=1, seeds=3)
    assert [each.name for each in found.tried] == [
        "critical initialisation",
        "critical initialisation, updates x 0.1",
        "leaky_relu instead",
        "gelu instead",
        "layer normalisation before each activation",
    ]
    assert all(each.varied == "seeds" for each in found.tried)
    assert (
        dict(found.not_applied)["residual branches from 0"] == "no residual branch was recognised"
    )
