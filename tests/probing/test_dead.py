"""Dead units alone: what a profile finds, at every site and in their order."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations, probing
from actscope._errors import ActscopeError


def _tapped(name, depth):
    activation = activations.get(name)

    def tapped(params, x, activate):
        for index in range(depth):
            z = x @ params[index]["w"] + params[index]["b"][None]
            x = activate(f"layers.{index}", activation, z, {})
        return x

    return tapped


def _params(depth, width=8):
    keys = jax.random.split(jax.random.key(1), 2 * depth).reshape(depth, 2)
    return [
        {
            "w": jax.random.normal(w, (width, width)) / 2,
            "b": jax.random.normal(b, (width,)) * jnp.where(jnp.arange(width) < 2, 300.0, 1.0),
        }
        for w, b in keys
    ]


def _batches(sizes):
    x = np.random.default_rng(0).normal(size=(sum(sizes), 8)).astype(np.float32)
    return [(part, None) for part in np.split(x, np.cumsum(sizes)[:-1])]


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["relu", "sigmoid", "leaky_relu", "elu"])
def test_they_are_those_of_a_profile(name):
    tapped, params, batches = _tapped(name, 12), _params(12), _batches((20, 20, 10))
    found = probing.dead_units(tapped, params, batches)
    sites = probing.profile(tapped, params, batches).sites
    assert list(found) == [site.name for site in sites] == [f"layers.{k}" for k in range(12)]
    for site, dead in zip(sites, found.values(), strict=True):
        np.testing.assert_array_equal(dead.dead, site.dead)
        np.testing.assert_array_equal(dead.always_zero, site.always_zero)


@pytest.mark.heavy
def test_they_are_those_that_numpy_finds():
    params, batches = _params(3), _batches((30, 7))
    x = np.concatenate([part for part, _ in batches]).astype(np.float64)
    found = probing.dead_units(_tapped("relu", 3), params, batches)
    some = False
    for layer, dead in zip(params, found.values(), strict=True):
        x = np.maximum(x @ np.asarray(layer["w"], np.float64) + np.asarray(layer["b"]), 0)
        expected = (x == 0).all(axis=0)
        np.testing.assert_array_equal(dead.dead, expected)
        np.testing.assert_array_equal(dead.always_zero, expected)
        some |= expected.any()
    assert some


def test_what_can_be_read_only_once_is_refused():
    with pytest.raises(ActscopeError, match="gives them once"):
        probing.dead_units(_tapped("relu", 1), _params(1), iter(_batches((5,))))
    with pytest.raises(ActscopeError, match="no batch"):
        probing.dead_units(_tapped("relu", 1), _params(1), [])
