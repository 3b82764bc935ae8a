"""Gated linear units and maxout's halves against jax.nn, and NumPy in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import erfc, expit

from actscope import activations
from actscope._errors import ActscopeError
from truth import DTYPES

NAMES = activations.names("gated")
# The gate of each and its derivative.
GATES = {
    "glu": (expit, lambda b: expit(b) * expit(-b)),
    "geglu": (
        lambda b: b * erfc(-b / np.sqrt(2)) / 2,
        lambda b: erfc(-b / np.sqrt(2)) / 2 + b * np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi),
    ),
    "swiglu": (
        lambda b: b * expit(b),
        lambda b: expit(b) * (1 + b * expit(-b)),
    ),
    "reglu": (lambda b: np.maximum(b, 0), lambda b: (b > 0) * 1.0),
    "bilinear": (lambda b: b, np.ones_like),
}


def pairs(dtype):
    """Halves of 40 rows, away from where the gates' tails are all but 0."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 3, (40, 5)), rng.uniform(-4, 20, (40, 5))
    x = jnp.asarray(np.concatenate([a, b], axis=1), dtype)
    return x, np.split(np.asarray(x.astype("float64")), 2, axis=1)


def test_every_gate_is_here():
    assert set(GATES) == set(NAMES)


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_value_and_gradient_are_numpys_in_float64(name, dtype):
    gate, slope = GATES[name]
    with jax.enable_x64(True):
        x, (a, b) = pairs(dtype)
        f = activations.get(name)
        y, back = jax.vjp(f, x)
        (found,) = back(jnp.ones_like(y))
        assert y.dtype == found.dtype == x.dtype
        expected = np.concatenate([gate(b), a * slope(b)], axis=1)
        ulp = float(jnp.finfo(dtype).eps)
        wide = max(16 * 1.2e-7, 1.01 * ulp) if dtype != "float64" else 16 * ulp
        np.testing.assert_allclose(y.astype("float64"), a * gate(b), rtol=wide, atol=wide)
        np.testing.assert_allclose(found.astype("float64"), expected, rtol=wide, atol=wide)


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_values_and_both_derivatives_are_finite_to_the_ends_of_the_dtype(name, dtype):
    with jax.enable_x64(True):
        top = float(jnp.finfo(dtype).max)
        b = jnp.asarray([-top, -1e4, -100, 0, 100, 1e4, top], dtype)
        # A half of 1/4: no product overflows.
        x = jnp.stack([jnp.full_like(b, 0.25), b], axis=-1)
        f = activations.get(name)
        first = jax.grad(lambda x: f(x)[0])
        second = jax.vmap(jax.jacfwd(first))(x)
        for found in (f(x), jax.vmap(first)(x), second):
            assert jnp.isfinite(found).all()


def test_glu_is_jaxs():
    x = jnp.asarray(np.random.default_rng(0).normal(0, 3, (40, 10)), jnp.float32)
    np.testing.assert_allclose(activations.get("glu")(x), jax.nn.glu(x), rtol=1e-6)


@pytest.mark.parametrize("name", [*NAMES, "maxout"])
@pytest.mark.parametrize("shape", [(), (5,), (2, 3)])
def test_an_odd_number_has_no_halves(name, shape):
    with pytest.raises(ActscopeError, match="expected an even number of them along the last axis"):
        activations.get(name)(jnp.ones(shape))


@pytest.mark.heavy
@pytest.mark.parametrize("name", [*NAMES, "maxout"])
def test_images_are_halved_along_their_channels(name):
    x = jnp.asarray(np.random.default_rng(1).normal(size=(2, 3, 4, 6)), jnp.float32)
    f = activations.get(name)
    np.testing.assert_array_equal(f(x).reshape(-1, 3), f(x.reshape(-1, 6)))
