import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.sites._tap import tap


@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit], ids=["op by op", "jit"])
def test_a_tap_passes_every_bit(wrap):
    x = jnp.asarray([0.0, -0.0, 1.5, -1e-45, 3e38, jnp.inf, -jnp.inf, jnp.nan], jnp.float32)
    through = wrap(tap)(x, jnp.zeros_like(x))
    np.testing.assert_array_equal(
        np.asarray(through).view(np.uint32), np.asarray(x).view(np.uint32)
    )


def test_the_witness_sees_the_gradient_and_the_gradient_goes_on():
    x = jnp.linspace(-2, 2, 12).reshape(3, 4)
    weight = jnp.arange(12.0).reshape(3, 4)

    def value(x, witness):
        return (weight * jnp.sin(tap(x, witness))).sum()

    to_x, to_witness = jax.grad(value, argnums=(0, 1))(x, jnp.zeros_like(x))
    np.testing.assert_allclose(to_witness, weight * np.cos(x), rtol=1e-6)
    np.testing.assert_array_equal(to_x, to_witness)


def test_two_taps_in_a_row_do_not_mix():
    def value(x, first, second):
        return tap(3 * tap(x, first), second).sum()

    x = jnp.ones(2)
    gradients = jax.grad(value, argnums=(0, 1, 2))(x, jnp.zeros(2), jnp.zeros(2))
    np.testing.assert_array_equal(gradients, [[3, 3], [3, 3], [1, 1]])
