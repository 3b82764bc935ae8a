"""Small networks, healthy and broken, as a user would write them."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.diagnosis import examined
from actscope.probing import Model


def cross_entropy(logits, labels):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1).mean()


def forward(params, x, act=jax.nn.relu):
    for layer in params["layers"]:
        x = act(x @ layer["kernel"] + layer["bias"][None])
    return x @ params["out"]["kernel"]


@pytest.fixture(scope="session")
def batch():
    """Two hundred examples of six numbers, of three classes that can be told apart."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(200, 6)).astype(np.float32)
    return x, (x @ draw.normal(size=(6, 3))).argmax(axis=1).astype(np.int32)


@pytest.fixture(scope="session")
def weights():
    """`weights(depth, gain, seed)`: parameters of 16 units a layer, σ_w = gain."""

    def draw(depth=3, gain=2**0.5, seed=1):
        rng = np.random.default_rng(seed)
        sizes = [6, *[16] * depth]

        def kernel(a, b):
            return jnp.asarray(gain * rng.normal(size=(a, b)) / a**0.5, jnp.float32)

        layers = [{"kernel": kernel(a, b), "bias": jnp.zeros(b)} for a, b in pairwise(sizes)]
        return {"layers": layers, "out": {"kernel": kernel(16, 3)}}

    return draw


@pytest.fixture
def findings(batch):
    """`findings(function, params)`: what is found, by rule."""

    def find(params, function=forward, data=batch, loss=cross_entropy, optimizer=None):
        model = Model.of(function, params, data, loss, None, optimizer)
        found = examined(model).findings
        return {each.rule: each for each in found}

    return find
