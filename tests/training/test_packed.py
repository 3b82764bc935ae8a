"""Many arrays as few, and back."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.training._packed import Packed

rng = np.random.default_rng(0)


def test_what_is_packed_comes_out():
    tree = {
        "sites": {
            "a": rng.normal(size=(3, 2, 5)).astype(np.float32),
            "b": rng.random((3, 7)) < 0.5,
        },
        "counts": [np.arange(6, dtype=np.int32).reshape(3, 2), np.ones(3, np.float32)],
        "nothing": np.zeros((3, 0), np.float32),
    }
    packed = jax.device_get(jax.jit(Packed.of)(tree))
    assert {name: array.shape for name, array in packed.vectors.items()} == {
        "float32": (3, 11),
        "bool": (3, 7),
        "int32": (3, 2),
    }
    for lane in range(3):
        found = packed.lane(lane)
        assert [*found] == ["counts.0", "counts.1", "nothing", "sites.a", "sites.b"]
        for name, array in (
            ("sites.a", tree["sites"]["a"]),
            ("sites.b", tree["sites"]["b"]),
            ("counts.0", tree["counts"][0]),
            ("counts.1", tree["counts"][1]),
            ("nothing", tree["nothing"]),
        ):
            assert found[name].dtype == array.dtype
            np.testing.assert_array_equal(found[name], array[lane])


def test_an_instrument_that_sees_nothing():
    assert jax.device_get(jax.jit(Packed.of)({})).lane(0) == {}


def test_two_leaves_of_one_name_are_refused():
    with pytest.raises(ActscopeError, match="the same dotted path"):
        jax.jit(Packed.of)({"a": {"b": jnp.zeros((1, 2))}, "a.b": jnp.zeros((1, 2))})
