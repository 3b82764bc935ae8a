"""ELU and its relatives against mpmath, jax.nn, torch and differences."""

from functools import partial

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from truth import DTYPES, Truth


def _itself(x):
    return x


def _elu(alpha):
    return Truth([lambda x: alpha * mpmath.expm1(x), _itself], (0.0,))


def _celu(alpha):
    return Truth([lambda x: alpha * mpmath.expm1(x / alpha), _itself], (0.0,))


def _isrlu(alpha):
    return Truth([lambda x: x / mpmath.sqrt(1 + alpha * x * x), _itself], (0.0,))


def _selu_constants():
    """λ and α of the paper's eq. 14."""
    with mpmath.workdps(50):
        one = mpmath.erfc(1 / mpmath.sqrt(2)) * mpmath.sqrt(mpmath.e)
        two = mpmath.erfc(mpmath.sqrt(2)) * mpmath.e**2
        alpha = mpmath.sqrt(2 / mpmath.pi) / (1 - one)
        below = 2 * two + mpmath.pi * one**2 - 2 * (2 + mpmath.pi) * one + mpmath.pi + 2
        return (1 - one) * mpmath.sqrt(2 * mpmath.pi / below), alpha


SCALE, ALPHA = _selu_constants()
TRUTH = {
    "elu": _elu(1),
    "selu": Truth([lambda x: SCALE * ALPHA * mpmath.expm1(x), lambda x: SCALE * x], (0.0,)),
    "celu": _celu(1),
    "isrlu": _isrlu(1),
}
OTHERS = [  # at other settings
    ("elu", {"alpha": 2.5}, _elu(2.5)),
    ("elu", {"alpha": -0.5}, _elu(-0.5)),
    ("celu", {"alpha": 0.25}, _celu(0.25)),
    ("celu", {"alpha": 16}, _celu(16)),
    ("isrlu", {"alpha": 3}, _isrlu(3)),
]


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "settings", "truth"), OTHERS)
def test_they_are_right_at_other_settings(name, settings, truth, assert_right):
    assert_right(activations.get(name, **settings), truth, "float32")


def test_the_constants_of_selu_are_the_papers_fixed_point():
    found = activations.describe(activations.get("selu"))
    np.testing.assert_allclose(found.largest_slope, float(SCALE * ALPHA), rtol=2e-16)
    with mpmath.workdps(30):

        def mean(power):
            left = lambda z: (SCALE * ALPHA * mpmath.expm1(z)) ** power * mpmath.npdf(z)  # noqa: E731
            right = lambda z: (SCALE * z) ** power * mpmath.npdf(z)  # noqa: E731
            return mpmath.quad(left, [-30, -6, 0]) + mpmath.quad(right, [0, 6, 30])

        assert abs(mean(1)) < 1e-20
        assert abs(mean(2) - 1) < 1e-20


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "settings", "peer"),
    [
        ("elu", {}, jax.nn.elu),
        ("elu", {"alpha": 0.5}, partial(jax.nn.elu, alpha=0.5)),
        ("selu", {}, jax.nn.selu),
        ("celu", {}, jax.nn.celu),
        ("celu", {"alpha": 2}, partial(jax.nn.celu, alpha=2.0)),
    ],
)
def test_they_agree_with_jax_nn(name, settings, peer, assert_like_peer):
    assert_like_peer(activations.get(name, **settings), peer)


def test_they_agree_with_torch():
    torch = pytest.importorskip("torch")
    x = np.linspace(-9, 9, 400, dtype=np.float32)
    for name, settings, peer in (
        ("elu", {"alpha": 0.5}, torch.nn.ELU(0.5)),
        ("selu", {}, torch.nn.SELU()),
        ("celu", {"alpha": 2}, torch.nn.CELU(2.0)),
    ):
        theirs = torch.tensor(x, requires_grad=True)
        peer(theirs).sum().backward()
        f = activations.get(name, **settings)
        np.testing.assert_allclose(f(x), peer(theirs).detach(), rtol=2e-6)
        np.testing.assert_allclose(activations.gradient(f, x), theirs.grad, rtol=2e-4)


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_the_curvature_is_that_of_differences(name, assert_differences):
    assert_differences(activations.get(name))


def test_parameters_change_the_function_and_its_kink():
    x = jnp.asarray([-2.0, 0.0, 3.0])
    elu = activations.get("elu", alpha=2.0)
    np.testing.assert_allclose(elu(x), [2 * np.expm1(-2.0), 0.0, 3.0], rtol=1e-6)
    np.testing.assert_allclose(activations.gradient(elu, x), [2 * np.exp(-2.0), 2, 1], rtol=1e-6)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "slope", "curvature"),
    [
        ("elu", 1, 1),
        ("selu", SCALE * ALPHA, SCALE * ALPHA),
        ("celu", 1, 1),
        ("isrlu", 1, 0),
    ],
)
def test_at_0_the_derivatives_are_those_of_the_left_side(name, slope, curvature):
    f = activations.get(name)
    np.testing.assert_allclose(activations.gradient(f, 0.0), float(slope), rtol=1e-6)
    np.testing.assert_allclose(jax.grad(jax.grad(f))(0.0), float(curvature), rtol=1e-6)


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["elu", "celu", "isrlu"])
def test_they_can_learn_their_settings(name):
    f, x = activations.get(name), jnp.asarray([-1e30, -3.0, -0.5, 0.0, 0.5, 1e30])
    with jax.enable_x64(True):
        at, step = jnp.linspace(0.7, 1.7, 6), 1e-6
        slopes = jax.vmap(jax.grad(lambda alpha, x: f(x, alpha=alpha)))(at, x.astype(float))
        sides = [f(x.astype(float), alpha=at + side * step) for side in (-1, 1)]
        np.testing.assert_allclose(slopes, (sides[1] - sides[0]) / (2 * step), atol=1e-8)


@pytest.mark.parametrize("name", ["celu", "isrlu"])
def test_alpha_is_positive(name):
    with pytest.raises(ActscopeError, match=f"{name}: alpha = 0; expected a number above 0"):
        activations.describe(activations.get(name, alpha=0))


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
    assert activations.get(name)(-jnp.inf) == np.float32(low)
