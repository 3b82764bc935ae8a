"""What a network learns: every setting of every function, shared and for each unit."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations

LEARNED = [name for name in activations.names("trainable") if activations.get(name).trainable]


@pytest.mark.heavy
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name in ("pade", "b_spline")))
        for name in LEARNED
    ],
)
def test_along_every_setting_the_gradient_is_that_of_differences(name):
    activation = activations.get(name)
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        x = jnp.asarray(rng.normal(0, 2, (30, 4)))
        start = jnp.asarray([activation.parameters[key] for key in activation.trainable])

        @jax.jit
        def total(values, x):
            learned = dict(zip(activation.trainable, values, strict=True))
            return (activation(x, **learned) ** 2).sum()

        # All of it is shifted a little: where b_1 is 0 a Padé unit has a kink in b_1.
        values = start + 0.01 * (1 + jnp.arange(len(start)))
        found = jax.jit(jax.grad(total))(values, x)
        for index, slope in enumerate(found):
            step = 1e-6 * jnp.eye(len(start))[index]
            expected = (total(values + step, x) - total(values - step, x)) / 2e-6
            np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-6)

        # Each unit's own add up to the shared one, and are those of its column alone.
        rows = jnp.tile(values[:, None, None], (1, 1, 4))
        each = jax.jit(jax.grad(total))(rows, x)
        assert each.shape == rows.shape
        np.testing.assert_allclose(each.sum((1, 2)), found, rtol=1e-9, atol=1e-9)
        alone = jax.jit(jax.grad(total))(values, x[:, 1:2])
        np.testing.assert_allclose(each[:, 0, 1], alone, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", LEARNED)
def test_each_unit_may_learn_its_own(name):
    alone = activations.get(name, per_unit=True)
    assert alone.trainable == activations.get(name).trainable
    assert alone != activations.get(name)
    assert activations.get(json.loads(json.dumps(alone.spec))) == alone
    assert alone.label.endswith("learned, per unit)")
    assert activations.get(name).label == activations.get(name).spec == name


@pytest.mark.parametrize(
    ("alias", "name"), [("swish_beta", "trainable_swish"), ("PAU", "pade"), ("kan", "b_spline")]
)
def test_other_peoples_names_are_understood(alias, name):
    assert activations.get(alias).name == name


@pytest.mark.heavy
def test_maxout_is_the_larger_half():
    x = jnp.asarray([[1.0, -2.0, 3.0, 0.5, -2.5, jnp.nan]])
    np.testing.assert_array_equal(activations.get("maxout")(x), [[1.0, -2.0, jnp.nan]])
    slope = jax.grad(lambda x: activations.get("maxout")(x).sum())
    np.testing.assert_array_equal(slope(x[:, [0, 1, 3, 4]]), [[1, 1, 0, 0]])
    np.testing.assert_array_equal(slope(jnp.ones((1, 2))), [[0.5, 0.5]])
