"""What a network does with activations that learn per unit, read or make two numbers, or draw."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations, probing, training
from actscope.networks import FeedForward, Saved, layers, load, save

X = np.random.default_rng(0).normal(size=(6, 5, 4)).astype(np.float32)
WIDTHS = (4, 3)
TWOFOLD = [name for name in activations.names() if not activations.get(name).elementwise]


def made(activation, layer, normalization="none"):
    network = FeedForward(activation, WIDTHS, 2, layer, normalization)
    return network, *network.init(jax.random.key(0), X)


@pytest.mark.heavy
@pytest.mark.parametrize("layer", layers())
@pytest.mark.parametrize("normalization", ["layer", "batch"])
def test_every_unit_learns_its_own(layer, normalization, tmp_path):
    network, params, state = made(activations.get("prelu", per_unit=True), layer, normalization)
    slopes = [site["activation"]["negative_slope"] for site in params["layers"][:2]]
    for slope, width in zip(slopes, WIDTHS, strict=True):
        np.testing.assert_array_equal(slope, np.full(width, 0.25, np.float32))
    shared = made(activations.get("prelu"), layer, normalization)[1]
    count, alike = (sum(x.size for x in jax.tree.leaves(each)) for each in (params, shared))
    assert count == alike + sum(width - 1 for width in WIDTHS)

    gradient = jax.grad(lambda p: (network.apply(p, state, X)[0] ** 2).sum())(params)
    for site in gradient["layers"][:2]:
        assert (site["activation"]["negative_slope"] != 0).any()

    # Each its own number, in the file as in the network.
    for site, width in zip(params["layers"], WIDTHS, strict=False):
        site["activation"]["negative_slope"] = jnp.linspace(-1, 1, width)
    save(tmp_path / "network.safetensors", Saved(network, params, state))
    found = load(tmp_path)
    assert found.network == network
    np.testing.assert_array_equal(
        found.network.apply(found.params, found.state, X)[0], network.apply(params, state, X)[0]
    )


def test_a_units_own_setting_acts_on_that_unit():
    network, params, _ = made(activations.get("prelu", per_unit=True), "convolution")
    seen = []

    def activate(name, activation, pre, learned):
        seen.append((pre, activation(pre, **learned)))
        return seen[-1][1]

    slopes = np.asarray([-1, 0, 0.5, 2], np.float32)
    params["layers"][0]["activation"]["negative_slope"] = jnp.asarray(slopes)
    network.apply(params, {}, X, activate=activate)
    pre, post = (np.asarray(x) for x in seen[0])
    np.testing.assert_array_equal(post, np.where(pre > 0, pre, slopes * pre))


# All of them in dense layers, and one of each kind in the others; of these, each once each time.
PLAIN = {("crelu", "convolution"), ("maxout", "dense"), ("glu", "residual")}


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "layer"),
    [
        pytest.param(name, layer, marks=() if (name, layer) in PLAIN else pytest.mark.slow)
        for layer in layers()
        for name in (TWOFOLD if layer == "dense" else ("crelu", "maxout", "glu"))
    ],
)
def test_units_that_read_or_make_two_numbers_fit_into_every_layer(name, layer, tmp_path):
    activation = activations.get(name)
    network, params, state = made(activation, layer)
    outs = [site["kernel"].shape[-1] for site in params["layers"]]
    ins = [site["kernel"].shape[-2] for site in params["layers"]]
    assert outs == [width * activation.reads for width in WIDTHS] + [2]
    assert ins[1:] == [width * activation.makes for width in WIDTHS]
    gradient = jax.grad(lambda p: (network.apply(p, state, X)[0] ** 2).sum())(params)
    assert all((site["kernel"] != 0).any() for site in gradient["layers"])
    save(tmp_path / "network.safetensors", Saved(network, params, state))
    found = load(tmp_path)
    np.testing.assert_array_equal(
        found.network.apply(found.params, {}, X)[0], network.apply(params, {}, X)[0]
    )

    def tapped(params, inputs, activate):
        return network.apply(params, {}, inputs, activate=activate)[0]

    profile = probing.profile(
        tapped, params, [(jnp.asarray(X), jnp.arange(6) % 2)], lambda y, _: (y**2).mean()
    )
    for site, width in zip(profile.sites, WIDTHS, strict=True):
        assert site.units == width * activation.makes == len(site.dead)
        assert not site.dead_structural.any()


@pytest.mark.heavy
def test_what_is_random_draws_in_training_alone():
    network, params, _ = made(activations.get("rrelu"), "dense")
    plain = network.apply(params, {}, X)[0]
    np.testing.assert_array_equal(plain, network.apply(params, {}, X, key=jax.random.key(1))[0])
    one, other = (
        network.apply(params, {}, X, key=jax.random.key(seed), train=True)[0] for seed in (1, 2)
    )
    assert not np.allclose(one, other)
    assert not np.allclose(one, plain)


@pytest.mark.heavy
@pytest.mark.parametrize(
    "activation",
    [
        "prelu",
        {"name": "prelu", "per_unit": True},
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("pade", "b_spline")),
    ],
    ids=str,
)
def test_on_the_digits_what_is_learned_moves(activation, make_job):
    job = make_job(activation=activation)
    trained = training.fit(job)
    # Of ten classes, a tenth by chance.
    assert trained.history.epochs[-1].validation_score > 0.5
    learned, start = trained.params["layers"][0]["activation"], job.network.activation.parameters
    assert set(learned) == set(job.network.activation.trainable)
    moved = {
        name: np.abs(np.asarray(value) - np.float32(start[name])).min()
        for name, value in learned.items()
    }
    # Of the splines those that no signal comes near to stay.
    idle = {f"c_{index}" for index in (0, 1, 7, 8)}
    assert min(by for name, by in moved.items() if name not in idle) > 1e-5
