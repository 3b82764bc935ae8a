"""What the layers have in common: dropout, learned settings, and where each array comes from."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.networks import FeedForward, layers

RELU = activations.get("relu")
X = np.random.default_rng(0).normal(size=(64, 5, 4)).astype(np.float32)


def dropping(rate, layer="dense", hidden=(60,)):
    network = FeedForward(RELU, hidden, 60, layer, dropout=rate)
    params, _ = network.init(jax.random.key(0), X)
    # An output layer that shows what it gets.
    params["layers"][-1] = {"kernel": jnp.eye(60), "bias": jnp.zeros(60)}
    return network, params


@pytest.mark.heavy
@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_dropout_drops_its_rate_and_scales_the_rest(rate):
    network, params = dropping(rate)
    whole = np.asarray(network.apply(params, {}, X)[0])
    dropped = np.asarray(network.apply(params, {}, X, key=jax.random.key(7), train=True)[0])
    kept = dropped[whole > 0] > 0
    # Four standard errors of a share of n draws.
    n = kept.size
    assert abs(kept.mean() - (1 - rate)) < 4 * np.sqrt(rate * (1 - rate) / n)
    np.testing.assert_allclose(
        dropped[whole > 0][kept], whole[whole > 0][kept] / (1 - rate), rtol=1e-5
    )


@pytest.mark.heavy
def test_dropout_is_for_training_alone():
    network, params = dropping(0.5)
    plain = FeedForward(RELU, (60,), 60)
    whole = plain.apply(params, {}, X)[0]
    np.testing.assert_array_equal(network.apply(params, {}, X)[0], whole)
    np.testing.assert_array_equal(network.apply(params, {}, X, key=jax.random.key(1))[0], whole)
    np.testing.assert_array_equal(plain.apply(params, {}, X, train=True)[0], whole)
    with pytest.raises(ActscopeError, match=r"dropout in training without a key; pass key"):
        network.apply(params, {}, X, train=True)


@pytest.mark.heavy
@pytest.mark.parametrize("layer", layers())
def test_each_key_drops_other_units(layer):
    network = FeedForward(RELU, (20,), 3, layer, dropout=0.5)
    params, _ = network.init(jax.random.key(0), X)
    outputs = jax.jit(lambda key: network.apply(params, {}, X, key=key, train=True)[0])
    zero, one = jax.random.key(0), jax.random.key(1)
    np.testing.assert_array_equal(outputs(zero), outputs(zero))
    assert not np.allclose(outputs(zero), outputs(one))


def test_layers_do_not_share_their_dropped_units():
    # Two layers that hand on what they get: what is left is what both have kept.
    network, params = dropping(0.5, hidden=(60, 60))
    params["layers"][0] = {"kernel": jnp.zeros((20, 60)), "bias": jnp.ones(60)}
    params["layers"][1] = {"kernel": jnp.eye(60), "bias": jnp.zeros(60)}
    left = np.asarray(network.apply(params, {}, X, key=jax.random.key(3), train=True)[0])
    assert set(np.unique(left)) == {0.0, 4.0}
    share, n = (left > 0).mean(), left.size
    assert abs(share - 1 / 4) < 4 * np.sqrt(3 / 16 / n)


PRELU = activations.get("leaky_relu", negative_slope=0.25, trainable=["negative_slope"])


@pytest.mark.heavy
@pytest.mark.parametrize("layer", layers())
def test_each_site_learns_its_own_settings(layer):
    network = FeedForward(PRELU, (6, 6), 3, layer)
    params, state = network.init(jax.random.key(0), X)
    assert state == {}
    assert [layer.get("activation") for layer in params["layers"]] == [
        {"negative_slope": 0.25},
        {"negative_slope": 0.25},
        None,
    ]
    fixed = FeedForward(activations.get("leaky_relu", negative_slope=0.25), (6, 6), 3, layer)
    alike = fixed.init(jax.random.key(0), X)[0]
    for one, other in zip(params["layers"], alike["layers"], strict=True):
        np.testing.assert_array_equal(one["kernel"], other["kernel"])
    np.testing.assert_array_equal(network.apply(params, {}, X)[0], fixed.apply(alike, {}, X)[0])


@pytest.mark.heavy
@pytest.mark.parametrize(
    "activation", [PRELU, activations.get("elu", alpha=0.7, trainable=["alpha"])]
)
def test_the_gradient_of_what_is_learned_is_that_of_finite_differences(activation):
    network = FeedForward(activation, (6, 6), 3)
    params, _ = network.init(jax.random.key(0), X)
    ((name, start),) = params["layers"][0]["activation"].items()

    def value(learned):
        first = params["layers"][0] | {"activation": {name: learned}}
        moved = {"layers": [first, *params["layers"][1:]]}
        return (network.apply(moved, {}, X)[0] ** 2).mean()

    step = 1e-2  # float32: rounding of 1e-7 over the step, and the step's square
    slope = (value(start + step) - value(start - step)) / (2 * step)
    assert jax.grad(value)(start) == pytest.approx(float(slope), rel=2e-3)


@pytest.mark.heavy
@pytest.mark.parametrize("layer", layers())
def test_neither_normalisation_nor_learning_changes_what_is_drawn(layer):
    plain, _ = FeedForward(RELU, (6, 5), 3, layer).init(jax.random.key(0), X)
    other, _ = FeedForward(PRELU, (6, 5), 3, layer, "batch", 0.5).init(jax.random.key(0), X)
    for one, two in zip(plain["layers"], other["layers"], strict=True):
        for name in one:
            np.testing.assert_array_equal(one[name], two[name])
    first = other["layers"][0]
    assert (first["scale"].tolist(), first["offset"].tolist()) == ([1] * 6, [0] * 6)


@pytest.mark.heavy
def test_a_residual_network_draws_what_a_dense_one_does():
    dense, _ = FeedForward(RELU, (6, 5), 3).init(jax.random.key(0), X)
    residual, _ = FeedForward(RELU, (6, 5), 3, "residual").init(jax.random.key(0), X)
    for one, two in zip(dense["layers"], residual["layers"], strict=True):
        np.testing.assert_array_equal(one["kernel"], two["kernel"])
        np.testing.assert_array_equal(one["bias"], two["bias"])
