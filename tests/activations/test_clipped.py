"""Functions with two corners, against mpmath, jax.nn and torch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from truth import DTYPES, Truth


def _line(low, end):
    """From `low` at -end to 1 at end."""

    def line(x):
        return 1 - (1 - low) * (end - x) / (2 * end)

    pieces = [lambda x: low + 0 * x, line, lambda x: 1 + 0 * x]
    return Truth(pieces, (-end, end), roots=((-end,), (), ()))


TRUTH = {
    "hard_sigmoid": _line(0, 3.0),
    "hard_tanh": _line(-1, 1.0),
    "sparse_sigmoid": _line(0, 1.0),
}
PEERS = {
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "hard_tanh": jax.nn.hard_tanh,
    "sparse_sigmoid": jax.nn.sparse_sigmoid,
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_they_agree_with_jax_nn(name, assert_like_peer):
    assert_like_peer(activations.get(name), PEERS[name])


@pytest.mark.parametrize(
    ("name", "peer"), [("hard_sigmoid", "hardsigmoid"), ("hard_tanh", "hardtanh")]
)
def test_they_agree_with_torch(name, peer):
    functional = pytest.importorskip("torch.nn.functional")
    torch = pytest.importorskip("torch")
    x = np.linspace(-8, 8, 401, dtype=np.float32)
    expected = getattr(functional, peer)(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(activations.get(name)(x), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", TRUTH)
def test_at_a_corner_the_derivative_is_that_of_the_left(name):
    f = activations.get(name)
    corners = jnp.asarray(activations.describe(f).kinks)
    below = jnp.nextafter(corners, -jnp.inf)
    np.testing.assert_array_equal(activations.gradient(f, corners), activations.gradient(f, below))


@pytest.mark.parametrize("name", TRUTH)
def test_infinity_has_its_limits(name):
    f = activations.get(name)
    assert (f(-jnp.inf), f(jnp.inf)) == activations.describe(f).range
    assert activations.gradient(f, [-jnp.inf, jnp.inf]).tolist() == [0, 0]
    assert jnp.isnan(f(jnp.nan))
