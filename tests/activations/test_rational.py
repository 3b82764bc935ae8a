"""Rational functions that level off, against mpmath, jax.nn and one another."""

from functools import partial

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from truth import DTYPES, Truth


def _rational_tanh(x):
    """On the right of 0, without the 1 - 1 that cancels there."""
    y = 2 * x / 3
    d = y + y**2 + mpmath.mpf("1.41645") * y**4
    return mpmath.mpf("1.7159") * d / (1 + d)


def _odd(right):
    """Each side of 0 is a piece of its own: a difference must not reach over."""
    return Truth([lambda x: -right(-x), right], (0.0,))


def _symmetric(x, p):
    return x / (1 + x**p) ** (1 / mpmath.mpf(p))


TRUTH = {
    "soft_sign": _odd(lambda x: x / (1 + x)),
    "isru": Truth([lambda x: x / mpmath.sqrt(1 + x**2)]),
    "bent_identity": Truth([lambda x: (mpmath.sqrt(x**2 + 1) - 1) / 2 + x]),
    "symmetric_rational": _odd(partial(_symmetric, p=3)),
    "rational_tanh": _odd(_rational_tanh),
}
ELSEWHERE = [
    ("isru", {"alpha": 0.01}, Truth([lambda x: x / mpmath.sqrt(1 + mpmath.mpf(0.01) * x**2)])),
    ("isru", {"alpha": 50.0}, Truth([lambda x: x / mpmath.sqrt(1 + 50 * x**2)])),
    ("symmetric_rational", {"p": 0.5}, _odd(partial(_symmetric, p=0.5))),
    ("symmetric_rational", {"p": 2.5}, _odd(partial(_symmetric, p=2.5))),
    ("symmetric_rational", {"p": 8.0}, _odd(partial(_symmetric, p=8))),
]


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "settings", "truth"), ELSEWHERE)
def test_they_are_right_at_other_settings(name, settings, truth, assert_right):
    assert_right(activations.get(name, **settings), truth, "float32")


def test_soft_sign_agrees_with_jax_nn(assert_like_peer):
    assert_like_peer(activations.get("soft_sign"), jax.nn.soft_sign)


def test_soft_sign_agrees_with_torch():
    torch = pytest.importorskip("torch")
    x = np.linspace(-8, 8, 400, dtype=np.float32)
    peer = torch.nn.functional.softsign(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(activations.get("soft_sign")(x), peer, rtol=1e-6)


@pytest.mark.parametrize(("p", "name"), [(1.0, "soft_sign"), (2.0, "isru"), (200.0, "hard_tanh")])
def test_the_symmetric_rational_has_relatives(p, name):
    x = jnp.asarray([-1e30, -3.0, -0.5, -1e-9, 0.0, 0.2, 0.9, 2.0, 50.0])
    f, relative = activations.get("symmetric_rational", p=p), activations.get(name)
    np.testing.assert_allclose(f(x), relative(x), rtol=1e-6)


def test_the_rational_tanh_is_as_near_to_tanh_as_its_docstring_says():
    x = jnp.linspace(-20, 20, 40_001)
    apart = jnp.abs(activations.get("rational_tanh")(x) - activations.get("lecun_tanh")(x))
    assert jnp.max(apart) == pytest.approx(0.025, abs=5e-4)


@pytest.mark.parametrize(("name", "setting"), [("isru", "alpha"), ("symmetric_rational", "p")])
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_setting_that_makes_no_such_function_is_refused(name, setting, value):
    with pytest.raises(ActscopeError, match=f"{name}: {setting} = .*expected a number above 0"):
        activations.describe(activations.get(name, **{setting: value}))


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "setting"), [("isru", "alpha"), ("symmetric_rational", "p")])
@pytest.mark.parametrize("x", [-1e30, -2.0, -0.3, 0.0, 0.3, 2.0, 1e30])
def test_they_are_differentiable_along_their_settings(name, setting, x):
    f = activations.get(name)
    with jax.enable_x64(True):
        at = jnp.float64(2.5)
        slope = jax.grad(lambda value: f(jnp.float64(x), **{setting: value}))(at)
        up, down = (f(jnp.float64(x), **{setting: at + step}) for step in (1e-6, -1e-6))
        np.testing.assert_allclose(slope, (up - down) / 2e-6, rtol=1e-6, atol=1e-9)


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_infinity_has_its_limits(name):
    f = activations.get(name)
    low, high = activations.describe(f).range
    assert (f(-jnp.inf), f(jnp.inf)) == pytest.approx((low, high), rel=1e-6)
    assert jnp.isnan(f(jnp.nan))
    ends = (0.5, 1.5) if name == "bent_identity" else (0, 0)
    assert tuple(activations.gradient(f, [-jnp.inf, jnp.inf]).tolist()) == ends
