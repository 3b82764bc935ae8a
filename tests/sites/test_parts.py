"""Gates of one product are called by their own weights."""

import jax
import jax.numpy as jnp
import pytest
from flax import linen

from actscope.sites import trace

X = jnp.ones((2, 4))
GATES = {name: {"w": jnp.ones((4, 4 + i)), "b": jnp.ones(4 + i)} for i, name in enumerate("abc")}


def names(function, params, inputs):
    return [(spot.name, spot.label) for spot in trace(function, params, inputs).spots]


def together(p, x):
    w = jnp.concatenate([p[name]["w"] for name in "abc"], axis=1)
    return x @ w + jnp.concatenate([p[name]["b"] for name in "abc"])[None]


@pytest.mark.parametrize(
    "apart",
    [
        lambda h: jnp.split(h, [4, 9], axis=-1),
        lambda h: (h[:, :4], h[:, 4:9], h[:, 9:]),
    ],
)
def test_gates_that_are_computed_together(apart):
    def network(p, x):
        a, b, c = apart(together(p, x))
        return jnp.tanh(a), jax.nn.relu(b), jnp.sin(c)

    assert names(network, GATES, X) == [("a", "tanh"), ("b", "relu"), ("c", "sine")]


def test_what_two_of_them_made_is_called_by_the_first():
    def network(p, x):
        return jnp.tanh(together(p, x)[:, 2:6])

    assert names(network, GATES, X) == [("a", "tanh")]


@pytest.mark.heavy
def test_cells_of_one_product_and_of_many_have_the_same_names():
    def cell(kind):
        made = kind(3)
        carry = (jnp.ones((2, 3)), jnp.ones((2, 3)))
        params = made.init(jax.random.key(0), carry, X)
        return names(lambda p, x: made.apply(p, carry, x)[1], params, X)

    one, many = cell(linen.OptimizedLSTMCell), cell(linen.LSTMCell)
    assert sorted(one) == sorted(many)
    assert sorted(name for name, _ in one) == ["hf", "hf#2", "hg", "hi", "ho"]
