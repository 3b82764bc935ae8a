"""Identity, hard swish and the step: straight pieces, and a gradient that is not one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from truth import DTYPES, Truth

TRUTH = {
    "identity": Truth([lambda x: x]),
    "hard_swish": Truth(
        [lambda x: 0 * x, lambda x: x * (x + 3) / 6, lambda x: x],
        breaks=(-3.0, 3.0),
        roots=((), (-1.5,), ()),
    ),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "peer"), [("hard_swish", jax.nn.hard_silu)])
def test_they_agree_with_jax_nn(name, peer, assert_like_peer):
    assert_like_peer(activations.get(name), peer)


def test_hard_swish_agrees_with_torch():
    torch = pytest.importorskip("torch")
    x = np.linspace(-5, 5, 1002, dtype="float32")
    expected = torch.nn.functional.hardswish(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(activations.get("hard_swish")(x), expected, rtol=1e-6, atol=1e-7)


def test_at_the_kinks_of_hard_swish_the_slope_is_the_left_one():
    slope = activations.gradient(activations.get("hard_swish"), jnp.asarray([-3.0, 3.0]))
    assert slope.tolist() == [0, 1.5]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_step_and_its_straight_through_gradient(dtype):
    f = activations.get("step")
    with jax.enable_x64(True):
        top = float(jnp.finfo(dtype).max)
        x = jnp.asarray([-jnp.inf, -top, -1.25, -1, -0.5, -0.0, 0, 0.5, 1, 1.25, top], dtype)
        first = jax.vmap(jax.grad(f))(x)
        second = jax.vmap(jax.grad(jax.grad(f)))(x)
        assert f(x).dtype == first.dtype == x.dtype
        assert f(x).tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
        assert first.tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0]
        assert not second.any()


def test_the_step_says_that_its_gradient_is_another_functions():
    """The differences of its values are 0 wherever f' exists; the program's derivative is not."""
    f = activations.get("step")
    assert f.facts().surrogate
    assert f(0.5) - f(0.4) == 0
    assert activations.gradient(f, 0.45) == 1


def test_infinity_has_its_limits():
    ends = jnp.asarray([-jnp.inf, jnp.inf])
    assert activations.get("identity")(ends).tolist() == [-jnp.inf, jnp.inf]
    assert activations.get("hard_swish")(ends).tolist() == [0, jnp.inf]
    assert activations.get("step")(ends).tolist() == [0, 1]
