"""Softplus and its relatives against mpmath, jax.nn, torch and differences."""

from functools import partial

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from truth import DTYPES, Truth


def _softplus(beta):
    return Truth([lambda x: mpmath.log1p(mpmath.exp(beta * x)) / beta])


def _squareplus(b):
    # Multiplied by (√(x² + b) - x) on the left, where mpmath too would lose all digits at -1e300.
    def left(x):
        return b / (mpmath.sqrt(x * x + b) - x) / 2

    return Truth([left, lambda x: x + left(-x)], (0.0,))


TRUTH = {
    "softplus": _softplus(1),
    "squareplus": _squareplus(4),
    "sparse_plus": Truth([lambda x: 0 * x, lambda x: (x + 1) ** 2 / 4, lambda x: x], (-1.0, 1.0)),
}
OTHERS = [  # at other settings
    ("softplus", {"beta": 8}, _softplus(8)),
    ("softplus", {"beta": 0.5}, _softplus(0.5)),
    ("squareplus", {"b": 0.25}, _squareplus(0.25)),
    ("squareplus", {"b": 100}, _squareplus(100)),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "settings", "truth"), OTHERS)
def test_they_are_right_at_other_settings(name, settings, truth, assert_right):
    assert_right(activations.get(name, **settings), truth, "float32")


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "settings", "peer"),
    [
        ("softplus", {}, jax.nn.softplus),
        ("softplus", {"beta": 2}, lambda x: jax.nn.softplus(2 * x) / 2),
        ("squareplus", {}, jax.nn.squareplus),
        ("squareplus", {"b": 1}, partial(jax.nn.squareplus, b=1.0)),
        ("sparse_plus", {}, jax.nn.sparse_plus),
    ],
)
def test_they_agree_with_jax_nn(name, settings, peer, assert_like_peer):
    assert_like_peer(activations.get(name, **settings), peer)


def test_softplus_agrees_with_torch():
    torch = pytest.importorskip("torch")
    x = np.linspace(-9, 9, 400, dtype=np.float32)
    for beta in (1.0, 2.0):
        theirs = torch.tensor(x, requires_grad=True)
        made = torch.nn.Softplus(beta)(theirs)
        made.sum().backward()
        f = activations.get("softplus", beta=beta)
        np.testing.assert_allclose(f(x), made.detach(), rtol=2e-6)
        np.testing.assert_allclose(activations.gradient(f, x), theirs.grad, rtol=2e-6)


def test_the_slope_of_sparse_plus_is_the_sparse_sigmoid():
    x = jnp.linspace(-2, 2, 1001)
    slope = activations.gradient(activations.get("sparse_plus"), x)
    np.testing.assert_allclose(slope, jax.nn.sparse_sigmoid(x), atol=1e-7)


def test_the_curvature_of_sparse_plus_is_that_of_the_left_side():
    second = jax.vmap(jax.grad(jax.grad(activations.get("sparse_plus"))))
    np.testing.assert_array_equal(second(jnp.asarray([-1.0, 0.0, 1.0, 1.5])), [0, 0.5, 0.5, 0])


def test_far_out_on_the_left_something_is_left():
    # b / (4 |x|), and e^x: the textbook forms give 0 for both.
    np.testing.assert_allclose(activations.get("squareplus")(-1e20), 1e-20, rtol=1e-6)
    np.testing.assert_allclose(activations.get("softplus")(-50.0), np.exp(-50.0), rtol=1e-6)
    assert activations.get("softplus")(1e4) == 1e4


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_the_curvature_is_that_of_differences(name, assert_differences):
    assert_differences(activations.get(name), (-30.0, -5.0, -1.1, -0.9, 0.2, 0.9, 1.1, 5.0, 30.0))


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "setting"), [("softplus", "beta"), ("squareplus", "b")])
def test_they_can_learn_their_settings(name, setting):
    f = activations.get(name)
    with jax.enable_x64(True):
        x = jnp.asarray([-1e30, -3.0, -0.5, 0.0, 0.5, 1e30])
        at, step = jnp.linspace(0.7, 5.7, 6), 1e-6
        slopes = jax.vmap(jax.grad(lambda value, x: f(x, **{setting: value})))(at, x)
        below, above = (f(x, **{setting: at + side * step}) for side in (-1, 1))
        np.testing.assert_allclose(slopes, (above - below) / (2 * step), atol=1e-8)


@pytest.mark.parametrize(("name", "setting"), [("softplus", "beta"), ("squareplus", "b")])
def test_their_settings_are_positive(name, setting):
    with pytest.raises(ActscopeError, match=f"{name}: {setting} = -1; expected a number above 0"):
        activations.describe(activations.get(name, **{setting: -1}))


@pytest.mark.parametrize("name", TRUTH)
def test_what_is_not_a_number_stays_so(name):
    assert jnp.isnan(activations.get(name)(jnp.nan))


@pytest.mark.parametrize("name", TRUTH)
def test_whole_numbers_become_floating_point(name):
    f = activations.get(name)
    assert jnp.array_equal(f([-1, 0, 2]), f(jnp.asarray([-1.0, 0.0, 2.0])))


@pytest.mark.parametrize("name", TRUTH)
def test_infinity_has_its_limits(name):
    low, high = activations.describe(activations.get(name)).range
    assert activations.get(name)(jnp.inf) == high
    assert activations.get(name)(-jnp.inf) == low
