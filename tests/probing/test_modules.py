"""Modules that bring their parameters, as functions."""

import equinox
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen, nnx

from actscope._errors import ActscopeError
from actscope.probing import probe
from actscope.probing._modules import function_of, is_module, is_unbound

pytestmark = pytest.mark.usefixtures("as_users_write")

X = np.random.default_rng(2).normal(size=(6, 4)).astype(np.float32)


class Trained(nnx.Module):
    """In training mode: it normalises by the batch, drops units and counts its calls."""

    def __init__(self, rngs):
        self.inner = nnx.Linear(4, 5, rngs=rngs)
        self.norm = nnx.BatchNorm(5, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)
        self.calls = nnx.Variable(jnp.array(0))

    def __call__(self, x):
        self.calls[...] += 1
        return self.dropout(nnx.relu(self.norm(self.inner(x))))


class Paired(equinox.Module):
    weight: jax.Array
    steps: jax.Array
    power: int

    def __call__(self, x, scale):
        return jnp.tanh(self.weight @ x * scale) ** self.power


def paired():
    return Paired(jnp.ones((3, 4)) / 4, jnp.arange(2), 2)


def squares(outputs, _):
    return jnp.square(outputs).mean()


@pytest.mark.heavy
def test_an_nnx_module_that_was_split_by_hand_has_the_same_names():
    module = nnx.Sequential(nnx.Linear(4, 5, rngs=nnx.Rngs(0)), nnx.relu)
    x, y = np.ones((6, 4), np.float32), np.zeros((6, 5), np.float32)
    structure, state = nnx.split(module)

    def function(state, x):
        return nnx.merge(structure, state)(x)

    def loss(outputs, targets):
        return jnp.square(outputs - targets).mean()

    whole, split = probe(module, (x, y), loss=loss), probe(function, state, (x, y), loss)
    assert [site.name for site in split.sites] == [site.name for site in whole.sites]
    assert {each.name for each in split.parameters} == {each.name for each in whole.parameters}
    assert "layers.0.kernel" in {each.name for each in split.parameters}


@pytest.mark.heavy
def test_an_nnx_module_in_training_mode_stays_what_it_was():
    module = Trained(nnx.Rngs(0))
    before = jax.tree.map(np.asarray, nnx.to_pure_dict(nnx.state(module, nnx.Not(nnx.RngState))))
    keys = nnx.to_pure_dict(nnx.state(module, nnx.RngCount))
    found = probe(module, [(X, X), (2 * X, X)], loss=squares)
    after = nnx.to_pure_dict(nnx.state(module, nnx.Not(nnx.RngState)))
    jax.tree.map(np.testing.assert_array_equal, before, after)
    jax.tree.map(
        np.testing.assert_array_equal, keys, nnx.to_pure_dict(nnx.state(module, nnx.RngCount))
    )
    assert [(site.name, site.activation) for site in found.sites] == [("norm", "relu")]
    names = ["inner.bias", "inner.kernel", "norm.bias", "norm.scale"]
    assert sorted(each.name for each in found.parameters) == names
    made = module.inner(X)
    normal = (made - made.mean(0)) / made.std(0)
    assert found.sites[0].pre.l2 == pytest.approx(np.linalg.norm([normal, normal]), rel=1e-4)


@pytest.mark.heavy
def test_an_nnx_module_is_the_function_that_it_was():
    module = nnx.Sequential(nnx.Linear(4, 3, rngs=nnx.Rngs(1)), nnx.gelu)
    function, params = function_of(module)
    np.testing.assert_array_equal(function(params, X), module(X))
    doubled = jax.tree.map(lambda x: 2 * x, params)
    kernel = module.layers[0].kernel[...]
    np.testing.assert_allclose(function(doubled, X), nnx.gelu(2 * X @ kernel), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(function(params, X), module(X))


@pytest.mark.heavy
def test_an_equinox_module_is_mapped_over_the_examples():
    function, params = function_of(paired())
    scale = np.arange(6, dtype=np.float32)
    expected = np.tanh(X @ np.ones((4, 3)) / 4 * scale[:, None]) ** 2
    np.testing.assert_allclose(function(params, (X, scale)), expected, rtol=1e-5, atol=1e-6)
    assert [x.shape for x in jax.tree.leaves(params)] == [(3, 4)]
    found = probe(paired(), ((X, scale), None))
    assert [(site.name, site.activation, site.shape) for site in found.sites] == [
        ("weight", "tanh", (3,))
    ]
    assert found.sites[0].post.l2 == pytest.approx(np.linalg.norm(np.sqrt(expected)), rel=1e-5)


@pytest.mark.heavy
def test_an_equinox_modules_parameters_are_named_by_its_fields():
    module = equinox.nn.MLP(4, 2, 5, 1, activation=jnp.tanh, key=jax.random.key(0))
    found = probe(module, (X, X), loss=squares)
    assert [site.name for site in found.sites] == ["layers.0"]
    assert {each.name for each in found.parameters} == {
        "layers.0.bias",
        "layers.0.weight",
        "layers.1.bias",
        "layers.1.weight",
    }


def test_what_is_a_module_and_what_is_none():
    assert is_module(paired())
    assert is_module(Trained(nnx.Rngs(0)))
    assert not any(map(is_module, (linen.Dense(2), jnp.tanh, {}, equinox.Module)))
    assert is_unbound(linen.Dense(2))
    assert not any(map(is_unbound, (linen.Dense(2).apply, paired())))
    with pytest.raises(ActscopeError, match="a Dense is no module that brings its parameters"):
        function_of(linen.Dense(2))
