"""ReLU, LeakyReLU and ELU against mpmath, jax.nn and central differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations

DTYPES = ("float16", "bfloat16", "float32", "float64")


@pytest.mark.parametrize("jitted", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu"])
def test_value_and_gradient_are_right_wherever_the_dtype_reaches(name, dtype, jitted, assert_right):
    assert_right(name, dtype, jitted)


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("relu", jax.nn.relu),
        ("leaky_relu", lambda x: jax.nn.leaky_relu(x, 0.1)),
        ("elu", jax.nn.elu),
    ],
)
def test_they_agree_with_jax_nn_and_with_differences(name, peer, assert_like_peer):
    assert_like_peer(name, peer)


def test_parameters_change_the_function_and_its_kink():
    x = jnp.asarray([-2.0, 0.0, 3.0])
    leaky = activations.get("leaky_relu", negative_slope=0.25)
    np.testing.assert_array_equal(leaky(x), [-0.5, 0.0, 3.0])
    np.testing.assert_array_equal(activations.gradient(leaky, x), [0.25, 0.25, 1.0])
    elu = activations.get("elu", alpha=2.0)
    np.testing.assert_allclose(elu(x), [2 * np.expm1(-2.0), 0.0, 3.0], rtol=1e-6)
    np.testing.assert_allclose(activations.gradient(elu, x), [2 * np.exp(-2.0), 2, 1], rtol=1e-6)


def test_relu_has_slope_0_at_0_and_keeps_what_is_not_a_number():
    relu = activations.get("relu")
    assert activations.gradient(relu, 0.0) == 0
    assert jnp.isnan(relu(jnp.nan))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu"])
def test_whole_numbers_become_floating_point(name):
    f = activations.get(name)
    assert jnp.array_equal(f([-1, 0, 2]), f(jnp.asarray([-1.0, 0.0, 2.0])))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu"])
def test_infinity_has_its_limits(name):
    low, high = activations.describe(activations.get(name)).range
    assert activations.get(name)(jnp.inf) == high
    assert activations.get(name)(-jnp.inf) == low
