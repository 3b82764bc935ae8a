import json
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.networks import FeedForward, build, plainly

RELU = activations.get("relu")
X = np.random.default_rng(0).normal(size=(6, 2, 3)).astype(np.float32)
FUNCTIONS = {
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "swish": lambda z: z / (1 + np.exp(-z)),
}


def bits(tree):
    return jax.tree.map(lambda x: np.asarray(x).tobytes(), tree)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_forward_pass_is_numpys(name):
    network = FeedForward(activations.get(name), (7, 5), 4)
    params, state = network.init(jax.random.key(0), X)
    z = X.reshape(6, 6).astype(np.float64)
    for index, layer in enumerate(params["layers"]):
        z = FUNCTIONS[name](z) if index else z
        z = z @ np.asarray(layer["kernel"], np.float64) + np.asarray(layer["bias"], np.float64)
    logits, new_state = network.apply(params, state, X)
    np.testing.assert_allclose(logits, z, rtol=1e-5, atol=1e-6)
    assert (state, new_state) == ({}, {})


def test_parameters_are_a_list_of_layers():
    params, _ = FeedForward(RELU, (7, 5), 4).init(jax.random.key(0), X)
    shapes = [{name: array.shape for name, array in layer.items()} for layer in params["layers"]]
    assert shapes == [
        {"bias": (7,), "kernel": (6, 7)},
        {"bias": (5,), "kernel": (7, 5)},
        {"bias": (4,), "kernel": (5, 4)},
    ]


@pytest.mark.heavy
@pytest.mark.parametrize("make", [jax.random.key, jax.random.PRNGKey])
def test_layers_are_drawn_alone(make):
    # Neither deeper layers nor the activation change one, nor the width of a layer further on.
    params, _ = FeedForward(RELU, (7, 5), 4).init(make(3), X)
    deeper, _ = FeedForward(activations.get("tanh"), (7, 5, 9, 9), 4).init(make(3), X)
    other, _ = FeedForward(RELU, (7, 8), 4).init(make(3), X)
    assert bits(deeper["layers"][:2]) == bits(params["layers"][:2])
    assert bits(other["layers"][0]) == bits(params["layers"][0])
    assert bits(FeedForward(RELU, (7, 5), 4).init(make(4), X)[0]) != bits(params)


def test_layers_of_one_shape_are_not_copies():
    params, _ = FeedForward(RELU, (6, 6), 6).init(jax.random.key(0), X)
    kernels = [np.asarray(layer["kernel"]).ravel() for layer in params["layers"]]
    # 36 independent pairs: the correlation's standard error is 1/6.
    assert np.abs(np.corrcoef(kernels)[np.triu_indices(3, 1)]).max() < 4 / 6


@pytest.mark.heavy
def test_members_are_what_each_would_be_alone():
    network = FeedForward(RELU, (7, 5), 4)
    keys = jax.random.split(jax.random.key(1), 3)
    together, _ = jax.vmap(lambda key: network.init(key, X))(keys)
    for index, key in enumerate(keys):
        alone, _ = network.init(key, X)
        assert bits(jax.tree.map(lambda x, index=index: x[index], together)) == bits(alone)


def test_inputs_of_any_shape_are_flattened():
    network = FeedForward(RELU, (7,), 4)
    params, _ = network.init(jax.random.key(0), X)
    flat = network.apply(params, {}, X.reshape(6, 6))[0]
    np.testing.assert_array_equal(network.apply(params, {}, X)[0], flat)


@pytest.mark.heavy
def test_all_nine_tensors_pass_through_activate():
    network = FeedForward(activations.get("tanh"), (7, 6, 5, 4), 3)
    params, _ = network.init(jax.random.key(0), X)
    seen = []

    def activate(name, activation, pre, learned):
        seen.append((name, pre, activation(pre)))
        return seen[-1][2]

    logits, _ = network.apply(params, {}, X, activate=activate)
    assert [name for name, _, _ in seen] == [f"layers.{index}" for index in range(4)]
    assert [pre.shape for _, pre, _ in seen] == [(6, width) for width in (7, 6, 5, 4)]
    signal = jnp.asarray(X.reshape(6, 6))
    for layer, (_, pre, post) in zip(params["layers"], seen, strict=False):
        np.testing.assert_allclose(
            pre, signal @ layer["kernel"] + layer["bias"][None], rtol=1e-5, atol=1e-6
        )
        np.testing.assert_array_equal(post, activations.get("tanh")(pre))
        signal = post
    np.testing.assert_array_equal(logits, network.apply(params, {}, X)[0])


def test_what_activate_returns_goes_on():
    network = FeedForward(RELU, (7,), 4)
    params, _ = network.init(jax.random.key(0), X)
    nothing, _ = network.apply(params, {}, X, activate=lambda _, __, pre, ___: jnp.zeros_like(pre))
    np.testing.assert_array_equal(nothing, np.tile(params["layers"][1]["bias"], (6, 1)))


def test_plainly_applies_the_activation_alone():
    pre = jnp.linspace(-1, 1, 6).reshape(2, 3)
    np.testing.assert_array_equal(plainly("layers.0", RELU, pre, {}), np.maximum(pre, 0))


def test_without_hidden_layers_it_is_linear():
    network = FeedForward(RELU, (), 4, initialisation="lecun_normal")
    params, _ = network.init(jax.random.key(0), X)
    expected = X.reshape(6, 6) @ np.asarray(params["layers"][0]["kernel"])
    np.testing.assert_allclose(network.apply(params, {}, X)[0], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "network",
    [
        FeedForward(RELU),
        FeedForward(
            activations.get("leaky_relu", negative_slope=0.2), (3,), 2, initialisation="he_normal"
        ),
        FeedForward(activations.get("jax.nn:softplus"), (), 1, initialisation="tutorial"),
        FeedForward(
            activations.get("elu", trainable=["alpha"]), (3,), 2, "convolution", "batch", 0.25
        ),
    ],
)
def test_hyperparameters_build_the_same_network(network):
    again = build(json.loads(json.dumps(network.hyperparameters())))
    assert again == network
    assert hash(again) == hash(network)


def test_the_tutorials_architecture_is_the_default():
    assert FeedForward(RELU).hyperparameters() == {
        "architecture": "feed_forward",
        "activation": "relu",
        "hidden_sizes": [512, 256, 256, 128],
        "num_outputs": 10,
        "layer": "dense",
        "normalization": "none",
        "dropout": 0.0,
        "initialisation": "pytorch",
    }


def test_a_list_of_widths_does_too():
    assert FeedForward(RELU, [3, 4]) == FeedForward(RELU, (3, 4))  # pyright: ignore[reportArgumentType]


GOOD = FeedForward(RELU, (3,), 2).hyperparameters()


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (None, "unknown architecture 'None'"),
        ([1], "unknown architecture 'None'"),
        (
            GOOD | {"architecture": "feed_forwrad"},
            "unknown architecture 'feed_forwrad'; .*did you mean 'feed_forward'",
        ),
        (
            {"architecture": "feed_forward"},
            r"hyperparameters \[\]; expected exactly \['activation', 'dro",
        ),
        (GOOD | {"rate": 0.5}, r"hyperparameters \[.*'rate'.*\]; expected exactly"),
        (GOOD | {"activation": "rleu"}, "unknown activation 'rleu'.*did you mean 'relu'"),
        (GOOD | {"activation": 5}, "activation 5; expected a name, or a table"),
        (GOOD | {"activation": {"name": "relu", "slope": 1}}, "relu has no parameter 'slope'"),
        (GOOD | {"dropout": "0.5"}, "dropout '0.5'; expected a number"),
        (GOOD | {"dropout": True}, "dropout True; expected a rate from 0 to below 1"),
        (GOOD | {"dropout": 1}, "dropout 1; expected a rate from 0 to below 1"),
        (GOOD | {"dropout": float("nan")}, "dropout nan; expected a rate"),
        (GOOD | {"layer": "dens"}, "unknown layer 'dens'; .*did you mean 'dense'"),
        (GOOD | {"normalization": "batc"}, "unknown normalization 'batc'; .*'batch'"),
        (GOOD | {"hidden_sizes": "64"}, "hidden_sizes '64'; expected a list of widths"),
        (
            GOOD | {"hidden_sizes": [64, "64"]},
            r"hidden_sizes\[1\] is '64'; expected a whole number",
        ),
        (GOOD | {"hidden_sizes": [[64]]}, r"hidden_sizes\[0\] is \[64\]; expected a whole number"),
        (GOOD | {"hidden_sizes": [10**9]}, r"widths \(1000000000, 2\); expected .* 1 to 1,000,000"),
        (GOOD | {"num_outputs": "2"}, "num_outputs '2'; expected a whole number"),
        (GOOD | {"num_outputs": True}, r"widths \(3, True\); expected whole numbers"),
        (GOOD | {"num_outputs": 0}, r"widths \(3, 0\); expected whole numbers from 1"),
        (GOOD | {"initialisation": ["he_normal"]}, r"initialisation \['he_normal'\]; expected a"),
        (GOOD | {"initialisation": "xavier"}, "unknown initialisation 'xavier'"),
    ],
)
def test_bad_hyperparameters_are_refused(bad, message):
    with pytest.raises(ActscopeError, match=message):
        build(bad)


def test_inputs_of_another_size_are_refused():
    network = FeedForward(RELU, (7,), 4)
    params, _ = network.init(jax.random.key(0), X)
    with pytest.raises(ActscopeError, match=r"shape \(5, 32, 32, 3\); expected 6 numbers each"):
        network.apply(params, {}, jnp.zeros((5, 32, 32, 3)))
    with pytest.raises(ActscopeError, match=r"shape \(5, 0\); expected one number each"):
        network.init(jax.random.key(0), jnp.zeros((5, 0)))


@pytest.mark.heavy
def test_networks_that_differ_in_their_start_share_a_program():
    one, other = (
        FeedForward(RELU, (7,), 4, "residual", "layer", 0.5, name) for name in ("lsuv", "critical")
    )
    assert one != other
    assert one.program == other.program == FeedForward(RELU, (7,), 4, "residual", "layer", 0.5)
    params, state = one.init(jax.random.key(0), X)
    found, _ = one.program.apply(params, state, X)
    np.testing.assert_array_equal(found, one.apply(params, state, X)[0])


@pytest.mark.heavy
def test_the_gradient_is_that_of_finite_differences():
    network = FeedForward(activations.get("tanh"), (7,), 4)
    params, _ = network.init(jax.random.key(0), X)

    def value(params):
        return (network.apply(params, {}, X)[0] ** 2).sum()

    gradient = jax.grad(value)(params)["layers"][0]["kernel"]
    step = 1e-2  # float32: rounding of 1e-6 over the step, and the step's square
    for i, j in ((0, 0), (3, 6), (5, 2)):
        ends = []
        for sign in (1, -1):
            moved = jax.tree.map(lambda x: x, params)
            moved["layers"][0]["kernel"] = moved["layers"][0]["kernel"].at[i, j].add(sign * step)
            ends.append(float(value(moved)))
        slope = (ends[0] - ends[1]) / (2 * step)
        assert math.isclose(gradient[i, j], slope, rel_tol=2e-3, abs_tol=2e-3)
