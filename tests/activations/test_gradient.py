"""Gradients at given points, of any callable."""

import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError


@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3, 4)])
def test_the_shape_is_that_of_the_points(shape):
    x = np.linspace(-2, 2, int(np.prod(shape))).reshape(shape).astype(np.float32)
    found = activations.gradient(lambda x: x**3, x)
    assert found.shape == shape
    np.testing.assert_allclose(found, 3 * x**2, rtol=1e-6)


def test_a_users_function_is_differentiated_point_by_point():
    found = activations.gradient(lambda x: jnp.sin(x) * x, [0.5, 1.0])
    x = np.array([0.5, 1.0])
    np.testing.assert_allclose(found, np.cos(x) * x + np.sin(x), rtol=1e-6)


@pytest.mark.parametrize("bad", [lambda x: jnp.stack([x, x]), np.sin, str, lambda x: x > 0])
def test_what_is_not_a_differentiable_function_of_one_number_is_refused(bad):
    with pytest.raises(ActscopeError, match="one number of one number"):
        activations.gradient(bad, [1.0, 2.0])
