"""Starts by their rule, what is drawn, and that networks do keep their signals."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.theory import bias_initializer, critical, gain, initializer, start
from actscope.theory._initializer import SIGMA_BS


@pytest.mark.parametrize(("f", "sigma_b"), [("relu", 0.0), ("tanh", 0.1), ("gelu", 0.5)])
def test_the_first_biases_with_a_stable_point(f, sigma_b):
    found = start(f)
    assert (found.sigma_b, found.message, found.branch) == (sigma_b, "", 1)
    (point,) = critical(f, sigma_b).points
    assert (found.sigma_w, found.q) == (point.sigma_w, point.q)
    for smaller in SIGMA_BS[: SIGMA_BS.index(sigma_b)]:
        assert not [one for one in critical(f, smaller).points if one.stable and one.q != 0]


@pytest.mark.heavy
@pytest.mark.parametrize(("f", "why"), [("softplus", "V(q) > q"), ("squared_relu", "moves away")])
def test_the_backward_gain_where_none_is_stable(f, why):
    found = start(f)
    assert found.sigma_w == pytest.approx(gain(f, "backward"))
    assert (found.sigma_b, found.q) == (0, 1)
    assert why in found.message
    with pytest.warns(UserWarning, match="no stable critical point"):
        initializer(f)


def test_a_convolution_starts_as_a_dense_layer_and_a_residual_one_with_small_branches():
    assert start("tanh", "convolution") == start("tanh")
    found = start("tanh", "residual", 16)
    assert (found.branch, found.sigma_w) == (0.25, start("tanh").sigma_w)
    assert "no critical point" in found.message


@pytest.mark.heavy
@pytest.mark.parametrize("shape", [(400, 300), (3, 3, 40, 300)])
def test_weights_have_their_variance(shape):
    """Within 4 standard errors, √(2/n) of it each."""
    weights = initializer("tanh")(jax.random.key(0), shape, jnp.float32)
    assert weights.dtype == jnp.float32
    variance = start("tanh").sigma_w ** 2 / math.prod(shape[:-1])
    assert float(weights.var()) == pytest.approx(variance, rel=4 * math.sqrt(2 / weights.size))


def test_axes_as_in_equinox():
    weights = initializer("relu", in_axis=-1, out_axis=-2)(jax.random.key(0), (300, 50))
    assert float(weights.var()) == pytest.approx(2 / 50, rel=4 * math.sqrt(2 / 15_000))


def test_biases():
    drawn = bias_initializer("tanh")(jax.random.key(0), (20_000,), jnp.float32)
    assert float(drawn.std()) == pytest.approx(0.1, rel=0.02)
    assert not bias_initializer("relu")(jax.random.key(0), (8,), jnp.float32).any()


@pytest.mark.heavy
def test_the_first_layer_makes_the_variance_that_stays():
    found = start("tanh")
    assert found.first_sigma_w(0.3) ** 2 * 0.3 + found.sigma_b**2 == pytest.approx(found.q)
    assert start("relu").first_sigma_w(0.25) == 2
    weights = initializer("tanh", 0.3)(jax.random.key(0), (400, 300))
    expected = found.first_sigma_w(0.3) ** 2 / 400
    assert float(weights.var()) == pytest.approx(expected, rel=4 * math.sqrt(2 / weights.size))


@pytest.mark.slow
@pytest.mark.parametrize("f", ["relu", "tanh", "gelu", "sigmoid"])
def test_deep_networks_keep_signal_and_gradient(f):
    """30 layers of 256 units, 40 networks: mean squares of signal and gradient stay.

    Allowed are 4 standard errors over networks and 10 % for finite width, which counts in
    multiples of depth/width = 12 %.
    """
    found, width, networks, depth = start(f), 256, 40, 30
    function = activations.get(f)

    def layer(h, key):
        one, other = jax.random.split(key)
        weights = initializer(f)(one, (width, width))
        return function(h) @ weights + bias_initializer(f)(other, (width,)), None

    def sizes(key):
        first, other, rest = jax.random.split(key, 3)
        q = 1.0 if found.q is None else found.q
        h = math.sqrt(q) * jax.random.normal(first, (width,))
        out, back = jax.vjp(lambda h: jax.lax.scan(layer, h, jax.random.split(rest, depth))[0], h)
        (gradient,) = back(jax.random.normal(other, (width,)))
        return (out**2).mean() / q, (gradient**2).mean()

    for size in jax.jit(jax.vmap(sizes))(jax.random.split(jax.random.key(0), networks)):
        error = np.std(size, ddof=1) / math.sqrt(networks)
        assert abs(np.mean(size) - 1) < 4 * error + 0.1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: start("tanh", "recurrent"), "kind of layer"),
        (lambda: start("tanh", "residual", 0), "at least 1"),
        (lambda: start("tanh").first_sigma_w(0.0), "mean square 0"),
        (lambda: start(lambda x: 0 * x), "above 0"),
    ],
)
def test_what_cannot_start(call, said, unchecked):
    with pytest.raises(ActscopeError, match=said):
        call()
