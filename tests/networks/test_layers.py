"""Each kind of layer and of normalisation, once more by hand in NumPy's float64."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from scipy.signal import correlate2d

from actscope import activations
from actscope._errors import ActscopeError
from actscope.networks import FeedForward, layers, normalizations

TANH = activations.get("tanh")
RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(5, 7, 6, 2)).astype(np.float32)


def made(layer, normalization="none", *, x=IMAGES, hidden=(4, 4, 3), activation=TANH):
    """A network whose every array is drawn anew, so that none is 0 or 1 by default."""
    network = FeedForward(activation, hidden, 3, layer, normalization)
    params, state = network.init(jax.random.key(0), x)

    def fresh(leaf):
        weights = leaf.ndim > 1
        scale = 1 / math.sqrt(math.prod(leaf.shape[:-1])) if weights else 0.3
        return jnp.asarray(RNG.normal(0 if weights else 1, scale, leaf.shape), jnp.float32)

    return network, jax.tree.map(fresh, params), jax.tree.map(fresh, state)


def wide(tree):
    return jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), tree)


def convolved(x, kernel, stride):
    """Zero-padded so that a stride of s makes ⌈n/s⌉ of n, the odd row of padding at the end."""
    pads = []
    for size in x.shape[1:3]:
        total = max((math.ceil(size / stride) - 1) * stride + 3 - size, 0)
        pads.append((total // 2, total - total // 2))
    padded = np.pad(x, [(0, 0), *pads, (0, 0)])
    out = sum(
        np.stack(
            [
                np.stack(
                    [correlate2d(image[:, :, c], kernel[:, :, c, k], "valid") for image in padded]
                )
                for k in range(kernel.shape[3])
            ],
            axis=-1,
        )
        for c in range(x.shape[3])
    )
    return out[:, ::stride, ::stride]


def normalised(z, layer, kind, statistics):
    if kind == "none":
        return z
    axes = tuple(range(1, z.ndim)) if kind == "layer" else tuple(range(z.ndim - 1))
    mean, variance = z.mean(axis=axes, keepdims=True), z.var(axis=axes, keepdims=True)
    if statistics:
        mean, variance = statistics["mean"], statistics["variance"]
    return (z - mean) / np.sqrt(variance + 1e-5) * layer["scale"] + layer["offset"]


def by_hand(network, params, state, x):
    """Pre-activations of every site, and the outputs; running statistics where there are any."""
    *hidden, last = wide(params)["layers"]
    kept = wide(state).get("layers", [None] * len(hidden))
    x = x.astype(np.float64)
    x = x if network.layer == "convolution" else x.reshape(len(x), -1)
    pres, before = [], None
    for index, (layer, statistics) in enumerate(zip(hidden, kept, strict=True)):
        if network.layer == "convolution":
            z = convolved(x, layer["kernel"], 2 if index % 2 else 1) + layer["bias"]
        else:
            z = x @ layer["kernel"] + layer["bias"]
        if network.layer == "residual" and index:
            around = before @ layer["shortcut"] if "shortcut" in layer else before
            z = around + z / math.sqrt(len(hidden) - 1)
        before = z
        pres.append(normalised(z, layer, network.normalization, statistics))
        x = np.tanh(pres[-1])
    x = x.mean(axis=(1, 2)) if network.layer == "convolution" else x
    return pres, x @ last["kernel"] + last["bias"]


@pytest.mark.heavy
@pytest.mark.parametrize("normalization", normalizations())
@pytest.mark.parametrize("layer", layers())
def test_the_forward_pass_is_numpys(layer, normalization):
    network, params, state = made(layer, normalization)
    seen = {}

    def activate(name, activation, pre, learned):
        seen[name] = pre
        return activation(pre)

    outputs, after = network.apply(params, state, IMAGES, activate=activate)
    pres, expected = by_hand(network, params, state, IMAGES)
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-4)
    assert list(seen) == [f"layers.{index}" for index in range(3)]
    for pre, found in zip(pres, seen.values(), strict=True):
        np.testing.assert_allclose(found, pre, rtol=1e-4, atol=1e-4)
    assert after is state


@pytest.mark.heavy
def test_every_second_convolution_halves_the_image():
    network, params, _ = made("convolution", hidden=(2,) * 6)
    shapes = []

    def activate(name, activation, pre, learned):
        shapes.append(pre.shape)
        return activation(pre)

    network.apply(params, {}, IMAGES, activate=activate)
    sizes = [(7, 6), (4, 3), (4, 3), (2, 2), (2, 2), (1, 1)]
    assert shapes == [(5, *size, 2) for size in sizes]


@pytest.mark.heavy
def test_images_without_a_channel_get_one():
    network, params, _ = made("convolution", x=IMAGES[..., :1])
    bare = network.apply(params, {}, IMAGES[..., 0])[0]
    np.testing.assert_array_equal(bare, network.apply(params, {}, IMAGES[..., :1])[0])


@pytest.mark.heavy
@pytest.mark.parametrize("shape", [(5, 84), (5,), (5, 2, 2, 2, 2)])
def test_what_is_no_image_does_not_enter_a_convolution(shape):
    network, params, _ = made("convolution")
    x = np.ones(shape, np.float32)
    with pytest.raises(ActscopeError, match=r"to a convolution; expected images: \(batch, height"):
        network.apply(params, {}, x)
    if len(shape) > 1:
        with pytest.raises(ActscopeError, match="to a convolution; expected images"):
            network.init(jax.random.key(0), x)


def test_another_number_of_channels_is_refused():
    network, params, _ = made("convolution")
    with pytest.raises(ActscopeError, match=r"shape \(5, 7, 6, 3\); expected 2 channels each"):
        network.apply(params, {}, np.ones((5, 7, 6, 3), np.float32))


@pytest.mark.heavy
def test_a_shortcut_is_where_widths_differ():
    _, params, _ = made("residual", hidden=(4, 4, 6, 6))
    shortcuts = [layer["shortcut"].shape for layer in params["layers"] if "shortcut" in layer]
    assert shortcuts == [(4, 6)]
    assert "shortcut" in params["layers"][2]


def test_without_hidden_layers_a_convolution_is_linear_in_the_mean():
    network, params, _ = made("convolution", hidden=())
    last = wide(params)["layers"][0]
    expected = IMAGES.astype(np.float64).mean(axis=(1, 2)) @ last["kernel"] + last["bias"]
    np.testing.assert_allclose(network.apply(params, {}, IMAGES)[0], expected, rtol=1e-5)


@pytest.mark.heavy
@pytest.mark.parametrize("layer", ["dense", "convolution"])
def test_batch_statistics_are_flaxs(layer):
    network, params, state = made(layer, "batch", hidden=(4,))
    seen = []

    def activate(name, activation, pre, learned):
        seen.append(pre)
        return activation(pre)

    _, after = network.apply(params, state, IMAGES, train=True, activate=activate)
    plain = FeedForward(TANH, (4,), 3, layer)
    before = []

    def keep(name, activation, pre, learned):
        before.append(pre)
        return activation(pre)

    plain.apply(params, {}, IMAGES, activate=keep)
    first, (kept,) = params["layers"][0], state["layers"]
    reference = nn.BatchNorm(use_running_average=False, momentum=0.9, epsilon=1e-5)
    variables = {
        "params": {"scale": first["scale"], "bias": first["offset"]},
        "batch_stats": {"mean": kept["mean"], "var": kept["variance"]},
    }
    expected, updated = reference.apply(variables, before[0], mutable=["batch_stats"])
    np.testing.assert_allclose(seen[0], expected, rtol=1e-4, atol=1e-5)
    (found,) = after["layers"]
    np.testing.assert_allclose(found["mean"], updated["batch_stats"]["mean"], rtol=1e-5)
    np.testing.assert_allclose(found["variance"], updated["batch_stats"]["var"], rtol=1e-4)


def test_layer_statistics_are_flaxs():
    network, params, _ = made("convolution", "layer", hidden=(4,))
    seen = []

    def activate(name, activation, pre, learned):
        seen.append(pre)
        return activation(pre)

    network.apply(params, {}, IMAGES, activate=activate)
    FeedForward(TANH, (4,), 3, "convolution").apply(params, {}, IMAGES, activate=activate)
    first = params["layers"][0]
    reference = nn.LayerNorm(epsilon=1e-5, reduction_axes=(1, 2, 3), feature_axes=-1)
    variables = {"params": {"scale": first["scale"], "bias": first["offset"]}}
    np.testing.assert_allclose(seen[0], reference.apply(variables, seen[1]), rtol=1e-4, atol=1e-5)


def test_running_statistics_come_to_those_of_the_data():
    network, params, _ = made("dense", "batch", hidden=(4,))
    _, state = network.init(jax.random.key(0), IMAGES)
    assert wide(state)["layers"][0]["mean"].tolist() == [0] * 4
    assert wide(state)["layers"][0]["variance"].tolist() == [1] * 4
    step = jax.jit(lambda state: network.apply(params, state, IMAGES, train=True)[1])
    for _ in range(150):
        state = step(state)
    first = wide(params)["layers"][0]
    z = IMAGES.reshape(5, -1).astype(np.float64) @ first["kernel"] + first["bias"]
    # What is left of the start is 0.9¹⁵⁰, 1e-7.
    np.testing.assert_allclose(state["layers"][0]["mean"], z.mean(axis=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(state["layers"][0]["variance"], z.var(axis=0), rtol=1e-4)
    trained, _ = network.apply(params, state, IMAGES, train=True)
    np.testing.assert_allclose(
        network.apply(params, state, IMAGES)[0], trained, rtol=1e-4, atol=1e-4
    )


def test_a_state_of_another_network_is_refused():
    network, params, state = made("dense", "batch")
    with pytest.raises(ActscopeError, match=r"without any statistics; expected .* 'batch'"):
        network.apply(params, {}, IMAGES)
    plain, params, _ = made("dense")
    with pytest.raises(ActscopeError, match=r"with running statistics; expected .* 'none'"):
        plain.apply(params, state, IMAGES)
