import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope.networks import FeedForward, Saved
from actscope.tutorial import Dead, dead_neurons, initial_params, load, measure, pretrained
from actscope.tutorial._measure import HIDDEN_SIZES, initial
from actscope.tutorial._pair import ACTIVATIONS

SMALL = (6,)  # as in conftest.py


def always_zero(params, split):
    """Counts of ReLU neurons that stay at 0, by plain NumPy in float32."""
    layers = [{name: np.asarray(a) for name, a in layer.items()} for layer in params["layers"]]
    awake = [np.zeros(layer["bias"].shape, bool) for layer in layers[:-1]]
    for start in range(0, len(split), 10_000):
        images = split.images[start : start + 10_000]
        x = (images.reshape(len(images), -1).astype(np.float32) / 255 - 0.5) / 0.5
        for index, layer in enumerate(layers[:-1]):
            x = np.maximum(x @ layer["kernel"] + layer["bias"], 0)
            awake[index] |= (x > 0).any(axis=0)
    return tuple(int((~mask).sum()) for mask in awake)


# Published in the tutorial's section on dead neurons; here as well, so that a change of the data
# file does not go unseen.
@pytest.mark.heavy
@pytest.mark.parametrize(
    ("network", "counts"),
    [("untrained", (0, 0, 3, 7)), ("deep", (0, 1, 1, 19, 75, 53, 71, 57, 64, 69))],
)
def test_dead_neurons_of_the_untrained_networks(fashion, network, counts):
    saved = initial("relu", 42, network)
    found = dead_neurons(saved, fashion)
    assert found.counts == counts
    assert found.counts == always_zero(saved.params, fashion.train)
    assert found.widths == HIDDEN_SIZES[network]
    assert tuple(int(mask.sum()) for mask in found.masks) == counts


@pytest.mark.heavy
def test_dead_neurons_of_the_trained_network(fashion, checkpoints):
    saved = load(checkpoints / "FashionMNIST_relu.tar")
    found = dead_neurons(saved, fashion)
    assert found.counts == (0, 0, 3, 3) == always_zero(saved.params, fashion.train)
    assert found.percentages == (0.0, 0.0, 1.17, 2.34)


@pytest.mark.heavy
def test_dead_neurons_of_a_network_that_nobody_published(fashion):
    network = FeedForward(activations.get("relu"), (64, 30, 40))
    saved = Saved(network, initial_params(network, seed=3), {})
    counts = dead_neurons(saved, fashion).counts
    assert counts == always_zero(saved.params, fashion.train)
    assert any(counts)


def test_percentages_to_two_decimals():
    dead = Dead((0, 1, 75, 71), (7, 3, 256, 128))
    assert dead.percentages == (0.0, 33.33, 29.3, 55.47)


@pytest.mark.heavy
def test_what_is_measured_without_a_trained_network(begun):
    assert set(begun.curves) == set(begun.gradients) == set(ACTIVATIONS)
    assert set(begun.signals) == set(begun.accuracy) == {"tanh"}
    assert begun.missing == {"relu": "it is elsewhere"}
    assert begun.altered == ("tanh",)
    rectified = ("relu", "leaky_relu", "elu", "swish")
    assert set(begun.dead) == {f"{a}.{n}" for a in rectified for n in ("untrained", "deep")}
    assert begun.gradients["elu"].examples == 64


@pytest.mark.heavy
def test_gradients_are_those_of_the_mean_loss_at_key_0(begun, noise):
    network = FeedForward(activations.get("tanh"), SMALL)
    params = initial_params(network, seed=0)
    images = noise.train.images.reshape(64, -1).astype(np.float32)
    labels = noise.train.labels

    def loss(layers):
        x = (images / 255 - 0.5) / 0.5
        for layer in layers[:-1]:
            x = jnp.tanh(x @ layer["kernel"] + layer["bias"][None])
        logits = x @ layers[-1]["kernel"] + layers[-1]["bias"][None]
        return -jax.nn.log_softmax(logits)[np.arange(64), labels].mean()

    gradients = jax.grad(loss)(params["layers"])
    found = {one.name: one.gradient.l2 for one in begun.gradients["tanh"].parameters}
    for index, layer in enumerate(gradients):
        for name, array in layer.items():
            norm = float(np.linalg.norm(np.asarray(array, np.float64)))
            # Sums over 64 examples in float32, in another order.
            assert found[f"layers.{index}.{name}"] == pytest.approx(norm, rel=1e-4)


@pytest.mark.slow
def test_everything_on_the_tutorials_own_data(fashion, checkpoints):
    found = measure(fashion, pretrained(checkpoints))
    assert found.accuracy["relu"] == 0.8865
    assert found.accuracy["leaky_relu"] == 0.8833
    assert {profile.examples for profile in found.gradients.values()} == {256}
    assert {profile.examples for profile in found.signals.values()} == {256}
    assert not found.altered
