"""A glance against NumPy by hand, against a whole profile, and inside jax's transformations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope.networks import FeedForward
from actscope.probing import Injected, glance, profile

TANH = activations.get("tanh")
SLOPES = {
    "relu": lambda z: (z > 0) * 1.0,
    "leaky_relu": lambda z: np.where(z > 0, 1, 0.1),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
}


def mean_loss(outputs, targets):
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], axis=1).mean()


@pytest.mark.heavy
def test_a_glance_is_what_numpy_works_out_by_hand(network, data):
    tapped, params = network
    signals, losses, gradients = tapped.by_hand(params, *data)
    found = jax.jit(lambda params, x, y: glance(tapped, tapped.loss, params, x, y))(params, *data)
    assert found.loss == pytest.approx(losses.mean(), rel=1e-6)
    for layer, expected in zip(found.gradient, gradients, strict=True):
        for name in ("bias", "kernel"):
            np.testing.assert_allclose(layer[name], expected[name], rtol=1e-5, atol=1e-5)
    for name, site in found.sites.items():
        pre, post, gradient = (signals[f"{name}/{what}"] for what in ("pre", "post", "gradient"))
        slope = np.abs(SLOPES[tapped.name](pre))
        dead = (slope == 0).all(axis=0)
        # relu alone is flat by design, where it is negative.
        sloping = ((pre > 0) | (tapped.name != "relu")) & ~dead
        largest = 0.25 if tapped.name == "sigmoid" else 1
        assert site.pre_mean == pytest.approx(pre.mean(), rel=1e-5, abs=1e-6)
        assert site.pre_variance == pytest.approx(pre.var(), rel=1e-5)
        assert site.post_mean == pytest.approx(post.mean(), rel=1e-5, abs=1e-6)
        assert site.post_variance == pytest.approx(post.var(), rel=1e-5)
        assert site.zeros == pytest.approx((post == 0).mean(), rel=1e-6)
        share = (slope < 0.05 * largest)[sloping].mean()
        assert site.saturated == pytest.approx(share, rel=1e-6)
        np.testing.assert_array_equal(site.dead, dead)
        assert site.gradient == pytest.approx(np.sqrt((gradient**2).mean()), rel=1e-5)
        for bins, values in ((site.pre, pre), (site.post, post), (site.back, gradient)):
            ends = pytest.approx((values.min(), values.max()), rel=1e-4)
            assert (bins.low, bins.high) == ends
            counts, _ = np.histogram(values, 50)
            # A value within rounding of an edge may stand in either neighbour.
            assert np.abs(np.cumsum(bins.counts) - np.cumsum(counts)).max() <= 1
            assert bins.counts.sum() == values.size


def stacked(depth):
    """`tapped` with many sites of one width, `layers.10` behind `layers.9`."""

    def tapped(params, x, activate):
        for index in range(depth):
            x = activate(f"layers.{index}", TANH, x * params[index], {})
        return x

    return tapped, jnp.arange(1.0, depth + 1)


@pytest.mark.heavy
def test_the_order_of_the_sites_can_be_had():
    tapped, params = stacked(11)
    x = jnp.ones((2, 3))
    found = jax.jit(lambda p: glance(tapped, lambda y, _: y.mean(), p, x, None))(params)
    order = [place.name for place in Injected(tapped).places(params, x)]
    assert order == [f"layers.{index}" for index in range(11)]
    assert sorted(order) == list(found.sites) != order
    # In that order each site is fed by the one before.
    signal = 1.0
    for index, name in enumerate(order):
        assert found.sites[name].pre_mean == pytest.approx(signal * (index + 1), rel=1e-5)
        signal = np.tanh(signal * (index + 1))


PRELU = activations.get("leaky_relu", negative_slope=0.25, trainable=["negative_slope"])
IMAGES = np.random.default_rng(0).normal(size=(12, 6, 6)).astype(np.float32)
LABELS = np.arange(12, dtype=np.int32) % 3


def looked_at(network, state):
    return lambda params, x, activate: network.apply(params, state, x, activate=activate)[0]


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("layer", "activation"),
    [
        pytest.param("convolution", activations.get("relu"), marks=pytest.mark.slow),
        ("convolution", PRELU),
        ("residual", TANH),
    ],
)
def test_a_glance_is_what_a_profile_finds(layer, activation):
    network = FeedForward(activation, (5, 4), 3, layer=layer)
    params, state = network.init(jax.random.key(0), IMAGES)
    # A unit that is dead, and one that saturates.
    params["layers"][1]["bias"] = params["layers"][1]["bias"].at[:2].set(jnp.asarray([-99, 2]))
    tapped = looked_at(network, state)
    found = jax.jit(lambda p: glance(tapped, mean_loss, p, IMAGES, LABELS))(params)
    expected = profile(tapped, params, [(IMAGES, LABELS)], mean_loss)
    assert found.loss == pytest.approx(expected.loss, rel=1e-5)
    for site in expected.sites:
        seen = found.sites[site.name]
        assert seen.pre_mean == pytest.approx(site.pre.mean, rel=1e-4, abs=1e-6)
        assert seen.pre_variance == pytest.approx(site.pre.std**2, rel=1e-4)
        assert seen.post_variance == pytest.approx(site.post.std**2, rel=1e-4)
        assert seen.zeros == pytest.approx(site.post.fraction_zero, rel=1e-4)
        assert seen.saturated == pytest.approx(site.saturated_fraction, rel=1e-4, nan_ok=True)
        np.testing.assert_array_equal(seen.dead, site.dead)
        size = np.hypot(site.gradient.std, site.gradient.mean)
        assert seen.gradient == pytest.approx(size, rel=1e-4)
        for bins, signal in (
            (seen.pre, site.pre),
            (seen.post, site.post),
            (seen.back, site.gradient),
        ):
            moved = np.cumsum(bins.counts) - np.cumsum(signal.histogram.rebinned(50).counts)
            assert np.abs(moved).max() <= 1
    assert any(site.dead.any() for site in expected.sites) is (activation is not PRELU)


@pytest.mark.heavy
def test_members_are_seen_as_each_would_be_alone():
    network = FeedForward(PRELU, (5, 4), 3, normalization="batch")
    keys = jax.random.split(jax.random.key(2), 2)
    params, states = jax.vmap(lambda key: network.init(key, IMAGES))(keys)

    def seen(params, state):
        return glance(looked_at(network, state), mean_loss, params, IMAGES, LABELS)

    together = jax.jit(jax.vmap(seen))(params, states)
    for member in range(2):
        one = jax.tree.map(lambda x, member=member: x[member], (params, states))
        alone = jax.jit(seen)(*one)

        def same(a, b, member=member):
            np.testing.assert_allclose(a[member], b, rtol=1e-5, atol=1e-6)

        jax.tree.map(same, together, alone)


def identity(params, x, activate):
    return activate("site", activations.get("leaky_relu"), params * x, {})


def seen_of(x, activation=identity):
    x = jnp.asarray(x, jnp.float32)
    total = glance(activation, lambda outputs, _: outputs.sum(axis=1).mean(), 1.0, x, None)
    return total.sites["site"]


@pytest.mark.heavy
def test_a_constant_stands_in_the_middle():
    site = seen_of(np.full((4, 3), 7.0))
    assert (site.pre.low, site.pre.high, site.pre_mean, site.pre_variance) == (6.5, 7.5, 7.0, 0.0)
    assert site.pre.counts.sum() == site.pre.counts[24:26].sum() == 12


@pytest.mark.heavy
def test_what_is_not_finite_harms_no_histogram():
    x = np.asarray([[1.0, np.nan], [np.inf, 3.0], [2.0, -np.inf]])
    site = seen_of(x)
    assert (site.pre.low, site.pre.high, site.pre.counts.sum()) == (1.0, 3.0, 3)
    assert site.pre_mean == pytest.approx(2)
    assert site.pre_variance == pytest.approx(2 / 3)
    nothing = seen_of(np.full((4, 3), np.nan))
    assert (nothing.pre.low, nothing.pre.high, nothing.pre.counts.sum()) == (-0.5, 0.5, 0)
    assert np.isnan(nothing.pre_mean)
    assert not nothing.dead.any()


@pytest.mark.parametrize("size", [1e-25, 1e25])
def test_neither_small_nor_large_gradients_are_lost(size):
    # Squares of these are 0 and infinite in float32.
    def tapped(params, x, activate):
        return size * activate("site", activations.get("leaky_relu"), x, {})

    site = seen_of(np.full((4, 3), 2.0), tapped)
    assert site.gradient == pytest.approx(size, rel=1e-6)


@pytest.mark.heavy
def test_slopes_are_those_that_were_learned():
    # At a slope of 0 by now every negative input is silent; at 0.01 it is saturated.
    for slope, dead, saturated in ((0.0, True, np.nan), (0.01, False, 1.0), (0.25, False, 0.0)):

        def tapped(params, x, activate, slope=slope):
            return activate("site", PRELU, x, {"negative_slope": jnp.float32(slope)})

        site = seen_of(-np.ones((4, 1)), tapped)
        assert site.dead.tolist() == [dead]
        assert site.saturated == pytest.approx(saturated, nan_ok=True)
        assert site.post_mean == pytest.approx(-slope)
        assert site.gradient == pytest.approx(slope)
