"""Gradients of weights against networks that are drawn, differentiated by JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from sklearn.datasets import load_digits

from actscope import activations
from actscope._errors import ActscopeError
from actscope.networks import FeedForward
from actscope.theory import law, network, weight_gradients

INPUTS, LABELS = (part[:100] for part in load_digits(return_X_y=True))
INPUTS = (INPUTS / 8 - 1).astype(np.float32)
WIDTHS = (200, 200, 200)


def _measured(name, initialisation, networks=24):
    """Root mean square of each layer's weights' gradient over networks and weights."""
    made = FeedForward(activations.get(name), WIDTHS, 10, initialisation=initialisation)

    def loss(params):
        outputs, _ = made.apply(params, {}, INPUTS)
        return optax.softmax_cross_entropy_with_integer_labels(outputs, LABELS).mean()

    @jax.jit
    @jax.vmap
    def squares(key):
        params, _ = made.init(key, INPUTS)
        return [jnp.square(layer["kernel"]).mean() for layer in jax.grad(loss)(params)["layers"]]

    return np.sqrt(np.mean(squares(jax.random.split(jax.random.key(0), networks)), axis=1))


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "initialisation"),
    [("sigmoid", "pytorch"), ("tanh", "lecun_normal"), ("relu", "he_normal")],
)
def test_it_is_that_of_networks_that_are_drawn(name, initialisation):
    layers = network((64, *WIDTHS, 10), law(initialisation))
    found = weight_gradients(name, layers, INPUTS, LABELS, rng=np.random.default_rng(0))
    # 24 networks of width 200: a mean square scatters by about √(layers · 5/200/24), and is off by
    # layers/200 at that width.
    np.testing.assert_allclose(found, _measured(name, initialisation), rtol=0.12)


def test_what_does_not_fit_is_refused():
    layers = network((64, 5, 10), law("pytorch"))
    rng = np.random.default_rng(0)
    with pytest.raises(ActscopeError, match="inputs of 64 numbers"):
        weight_gradients("tanh", layers, INPUTS[:, :3], LABELS, rng=rng)
    with pytest.raises(ActscopeError, match="labels from 0 to 12"):
        weight_gradients("tanh", layers, INPUTS[:2], np.array([0, 12]), rng=rng)
