"""Stretches of operations that are one activation, though no table has them."""

import jax
import jax.numpy as jnp
import pytest

from actscope.sites import trace
from tapping import LAYERS, X, first, second

pytestmark = pytest.mark.usefixtures("as_users_write")


def bell(h):
    return jnp.exp(-(h**2) / 3)


def cauchy(h):
    return 1 / (3 + h**2)


def hyperbola(h):
    return jnp.sqrt(3 + h**2)


def signed_root(h):
    return jnp.sign(h) * jnp.sqrt(jnp.abs(h) + 1e-4)


def read_twice(h):
    h = jax.nn.relu(h)
    return h / jnp.abs(h).sum()


def own_slope(h):
    return jnp.maximum(h, 0.3 * h)


@pytest.mark.parametrize(
    ("function", "labels"),
    [
        (bell, ["custom(integer_pow, neg, div, exp)"]),
        (cauchy, ["custom(integer_pow, add, div)"]),
        (hyperbola, []),
        (signed_root, ["custom(sign, abs, add, sqrt, mul)"]),
        (read_twice, ["relu"]),
        (own_slope, ["leaky_relu(negative_slope=0.3)"]),
    ],
)
def test_what_acts(function, labels):
    found = trace(lambda p, x: second(p, function(first(p, x))), LAYERS, X)
    assert [spot.label for spot in found.spots] == labels
