"""How the functions of the table are compared with the truth, with peers and with differences."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from truth import ULPS, Truth, errors


@pytest.fixture
def assert_right():
    """Checks value, gradient and curvature in a dtype against the truth, wherever it reaches."""

    def check(function, truth: Truth, dtype: str, ulps=None):
        allowed = ULPS[dtype] if ulps is None else ulps
        for order in range(3):
            wrong = [row for row in errors(function, truth, dtype, order) if not row[-1] <= allowed]
            assert not wrong, (order, wrong[:5])

    return check


@pytest.fixture
def assert_like_peer():
    """Checks values and gradients against another library's, and curvature by differences."""

    def check(function, peer, x=None, tolerance=1e-5):
        x = jnp.linspace(-8, 8, 1601) + 0.0012 if x is None else jnp.asarray(x)
        np.testing.assert_allclose(function(x), peer(x), rtol=tolerance, atol=tolerance / 10)
        slope = jax.vmap(jax.grad(peer))(x)
        # Where theirs cancels (1 - tanh²) it is theirs that is off, by a few ulps of 1.
        np.testing.assert_allclose(
            activations.gradient(function, x), slope, rtol=tolerance, atol=tolerance / 10
        )

    return check


@pytest.fixture
def assert_differences():
    """Checks the second derivative against central differences of the first, away from breaks."""

    def check(function, x=(-30.0, -5.0, -1.1, -0.1, 0.2, 1.1, 5.0, 30.0)):
        with jax.enable_x64(True):
            slope = partial(activations.gradient, function)
            at = jnp.asarray(x)
            second = jax.vmap(jax.grad(jax.grad(function)))(at)
            expected = (slope(at + 1e-5) - slope(at - 1e-5)) / 2e-5
            np.testing.assert_allclose(second, expected, rtol=1e-7, atol=1e-8)

    return check
