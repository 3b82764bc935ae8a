"""Which parameters are trained, and their names."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.probing._trainable import joined, named, trainable

W, STEP, KEY = jnp.ones(2), jnp.int32(3), jax.random.key(0)
HALF = jnp.ones(1, jnp.bfloat16)


@pytest.mark.parametrize(
    ("params", "learning", "fixed"),
    [
        ({"w": W, "n": STEP, "h": HALF}, {"w": W, "n": None, "h": HALF}, {"w": None, "n": STEP}),
        ([W, (KEY, True)], [W, (None, None)], [None, (KEY, True)]),
        (
            {"params": {"w": W, "n": STEP}, "batch_stats": {"mean": W}},
            {"params": {"w": W, "n": None}, "batch_stats": {"mean": None}},
            {"params": {"w": None, "n": STEP}, "batch_stats": {"mean": W}},
        ),
        ({}, {}, {}),
        (None, None, None),
        (W, W, None),
    ],
)
def test_floating_arrays_and_of_linens_variables_params(params, learning, fixed):
    found = trainable(params)
    for tree, expected in zip(found, (learning, fixed), strict=True):
        assert list(map(id, jax.tree.leaves(tree))) == list(map(id, jax.tree.leaves(expected)))
    whole = joined(*found)
    assert jax.tree.structure(whole) == jax.tree.structure(params)
    assert all(a is b for a, b in zip(*map(jax.tree.leaves, (whole, params)), strict=True))


def test_python_numbers_and_numpy_count_like_arrays():
    learning, fixed = trainable({"scale": 0.5, "depth": 4, "w": np.ones(2)})
    assert (learning["scale"], learning["depth"], fixed["depth"]) == (0.5, None, 4)
    assert learning["w"] is not None


def test_names_are_paths_without_linens_collection():
    tree = {"params": {"layers": [{"w": 1}, {"w": 2}]}, "other": (3,)}
    assert named(tree) == {"layers.0.w": 1, "layers.1.w": 2, "other.0": 3}
    assert named({"params": None, "w": 1}) == {"w": 1}
