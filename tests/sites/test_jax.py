"""Which line of whose code an operation is of."""

import equinox
import jax
import jax.numpy as jnp

from actscope.probing._modules import function_of
from actscope.sites import trace


def test_where_the_user_wrote_no_line_of_a_model_it_is_the_frameworks():
    model = equinox.nn.MLP(4, 3, 5, 1, key=jax.random.key(0))
    (spot,) = trace(*function_of(model), jnp.ones((2, 4))).spots
    assert spot.source.startswith("equinox/nn/_mlp.py:")


def test_a_line_of_the_users_own_goes_before():
    class Mine(equinox.Module):
        layer: equinox.nn.Linear

        def __call__(self, x):
            return jnp.tanh(self.layer(x))

    model = Mine(equinox.nn.Linear(4, 3, key=jax.random.key(0)))
    (spot,) = trace(*function_of(model), jnp.ones((2, 4))).spots
    assert spot.source.startswith("tests/sites/test_jax.py:")
