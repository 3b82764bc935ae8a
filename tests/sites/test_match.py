"""Activations told by their values, beside jax.nn's own functions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope.sites._match import GRID, match

# Of the same function under another name, the table's first counts.
SAME = {"celu": "elu"}


def values(function):
    with jax.enable_x64(True):
        return np.asarray(function(jnp.asarray(GRID)), np.float64)[:, None]


def fixed():
    for name in activations.names():
        known = activations.get(name)
        if known.elementwise and not known.random and not known.trainable:
            yield name


@pytest.mark.heavy
@pytest.mark.parametrize("name", [n for n in fixed() if n not in ("identity", "squared_relu")])
def test_every_fixed_function_is_known_by_its_values(name):
    found = match(values(activations.get(name)))
    assert found is not None
    assert found.activation.label == SAME.get(name, name)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("peer", "label"),
    [
        (jax.nn.relu, "relu"),
        (jax.nn.silu, "swish"),
        (jax.nn.gelu, "gelu_tanh"),
        (lambda x: jax.nn.gelu(x, approximate=False), "gelu"),
        (jax.nn.mish, "mish"),
        (jax.nn.hard_silu, "hard_swish"),
        (jax.nn.log_sigmoid, "log_sigmoid"),
        (jax.nn.selu, "selu"),
        (jax.nn.leaky_relu, "leaky_relu(negative_slope=0.01)"),
        (lambda x: jax.nn.leaky_relu(x, 0.1), "leaky_relu"),
        (lambda x: jax.nn.elu(x, 0.3), "elu(alpha=0.3)"),
        (lambda x: jax.nn.celu(x, 2.0), "celu(alpha=2)"),
        (lambda x: x * jax.nn.sigmoid(1.3 * x), "trainable_swish(beta=1.3)"),
        (lambda x: jax.nn.softplus(3 * x) / 3, "softplus(beta=3)"),
    ],
)
def test_functions_that_others_wrote(peer, label):
    assert match(values(peer)).activation.label == label


@pytest.mark.heavy
@pytest.mark.parametrize(
    "unknown",
    [
        lambda x: x + jnp.tanh(x),
        lambda x: 2 * jax.nn.relu(x),
        lambda x: jnp.clip(x, -5, 5),
        jnp.square,
        lambda x: 3 * x + 1,
        jnp.log,
        jnp.exp,
    ],
)
def test_what_is_not_in_the_table_is_not_known(unknown):
    assert match(values(unknown)) is None


def test_numbers_rounded_to_half_precision_still_tell():
    tanh = np.asarray(jnp.tanh(jnp.asarray(GRID, jnp.bfloat16)), np.float64)[:, None]
    assert match(tanh) is None
    assert match(tanh, half=True).activation.name == "tanh"


def test_what_is_learned_is_told_by_its_numbers():
    slopes = np.array([0.1, -0.7, 2.0, 0.25])
    found = match(np.where(GRID[:, None] > 0, GRID[:, None], slopes * GRID[:, None]), [slopes])
    assert found.activation.name == "prelu"
    a, b = np.array([0.5, 2.0]), np.array([1.5, 0.25])
    x = GRID[:, None]
    pelu = np.where(x > 0, a / b * x, a * np.expm1(np.minimum(x, 0) / b))
    assert match(pelu, [b, a]).activation.name == "pelu"
