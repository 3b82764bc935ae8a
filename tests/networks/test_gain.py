"""The forward gain: closed forms, and scipy's adaptive quadrature."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.networks._gain import forward_gain


def normal(cdf_at):
    return (1 + math.erf(cdf_at / math.sqrt(2))) / 2


# E[f(z)²] worked out by hand: halves of a Gaussian, and E[e^(tz)] = e^(t²/2).
CLOSED = {
    "relu": (activations.get("relu"), 1 / 2),
    "leaky_relu": (activations.get("leaky_relu", negative_slope=0.3), (1 + 0.3**2) / 2),
    "elu": (
        activations.get("elu", alpha=2.0),
        1 / 2 + 4 * (math.exp(2) * normal(-2) - 2 * math.exp(0.5) * normal(-1) + 1 / 2),
    ),
    "identity": (Activation("identity", lambda x: x), 1.0),
    "exp": (Activation("exp", jnp.exp), math.exp(2)),
    "sine": (Activation("sine", jnp.sin), (1 - math.exp(-2)) / 2),
    # E[x² e^(x²/5 · 2)]: a Gaussian of variance 5 in disguise, with tails that reach far.
    "steep": (Activation("steep", lambda x: jnp.exp(x**2 / 5)), math.sqrt(5)),
    # A jump at a place that no panel ends at by itself.
    "step": (Activation("step", lambda x: jnp.where(x > 0.3, 1.0, 0.0) + 0 * x), 1 - normal(0.3)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_closed_forms(name):
    activation, moment = CLOSED[name]
    # The jump of `step` is found to 1e-9 only.
    rel = 1e-9 if name == "step" else 1e-13
    assert forward_gain(activation) == pytest.approx(1 / math.sqrt(moment), rel=rel)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("tanh", np.tanh),
        ("sigmoid", lambda z: 1 / (1 + np.exp(-z))),
        ("swish", lambda z: z / (1 + np.exp(-z))),
    ],
)
def test_scipys_quadrature(name, function):
    def integrand(z):
        return function(z) ** 2 * math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)

    moment, _ = quad(integrand, -30, 30, points=[0], epsabs=1e-14, epsrel=1e-13, limit=200)
    assert forward_gain(activations.get(name)) == pytest.approx(1 / math.sqrt(moment), rel=1e-11)


def test_what_is_trainable_counts_as_it_starts():
    ordinary = activations.get("leaky_relu", negative_slope=0.25)
    learned = activations.get(ordinary, trainable=["negative_slope"])
    assert forward_gain(learned) == forward_gain(ordinary)


@pytest.mark.parametrize(
    ("function", "moment"),
    [
        (lambda x: 0 * x, "0"),
        (lambda x: jnp.exp(x**2 / 4), "inf"),  # each panel as much as the one before
        (lambda x: jnp.exp(x**2), "inf"),  # beyond float64 as well
        (jnp.log, "nan"),
    ],
)
def test_no_gain_without_a_second_moment(function, moment):
    mine = Activation("mine", function)
    with pytest.raises(ActscopeError, match=rf"mine: the mean of f\(z\)² .* is {moment}; expected"):
        forward_gain(mine)


@pytest.mark.parametrize("wrap", [jax.jit, jax.vmap, lambda f: jax.jit(jax.vmap(jax.grad(f)))])
def test_it_is_known_while_its_caller_is_traced(wrap):
    forward_gain.cache_clear()
    found = wrap(lambda x: forward_gain(activations.get("relu")) * x)(jnp.ones(3))
    np.testing.assert_allclose(found, np.full(3, math.sqrt(2)), rtol=1e-6)
