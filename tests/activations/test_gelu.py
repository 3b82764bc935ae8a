"""GELU, its two approximations and phish against mpmath, peers and differences."""

from functools import partial

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope import activations
from truth import DTYPES, Truth


def _zero(x):
    return 0 * x


def _identity(x):
    return x


def _gelu(x):
    return x * mpmath.ncdf(x)


def _gelu_tanh(x):
    # (1 + tanh(u)) / 2 = 1 / (1 + e^(-2u)), which keeps its digits on the left.
    u = mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3)
    return x / (1 + mpmath.exp(-2 * u))


def _quick_gelu(x):
    return x / (1 + mpmath.exp(-mpmath.mpf("1.702") * x))


def _phish(x):
    return x * mpmath.tanh(_gelu(x))


# Beyond the breaks the gate is 0 or 1, and Φ is 1, to 330 digits, and these take mpmath long.
TRUTH = {
    "gelu": Truth(
        [_zero, _gelu, _identity], breaks=(-39.0, 39.0), roots=((), (-0.75,), (-1.41, 1.41))
    ),
    "gelu_tanh": Truth(
        [_zero, _gelu_tanh, _identity], breaks=(-30.0, 30.0), roots=((), (-0.75,), (-1.42, 1.42))
    ),
    "quick_gelu": Truth(
        [_zero, _quick_gelu, _identity],
        breaks=(-500.0, 500.0),
        roots=((), (-0.75,), (-1.41, 1.41)),
    ),
    "phish": Truth(
        [_zero, _phish, lambda x: x * mpmath.tanh(x), _identity],
        breaks=(-39.0, 39.0, 400.0),
        roots=((), (-1.20,), (-1.88, -0.47, 1.20)),
    ),
}


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("gelu", partial(jax.nn.gelu, approximate=False)),
        ("gelu_tanh", partial(jax.nn.gelu, approximate=True)),
        ("quick_gelu", lambda x: x * jax.nn.sigmoid(1.702 * x)),
        ("phish", lambda x: x * jnp.tanh(jax.nn.gelu(x, approximate=False))),
    ],
)
def test_they_agree_with_jax_nn(name, peer, assert_like_peer):
    # Further left 1 + tanh, or its derivative, has lost the peer's digits.
    assert_like_peer(activations.get(name), peer, x=jnp.linspace(-3, 8, 1101))


@pytest.mark.parametrize(("name", "approximate"), [("gelu", "none"), ("gelu_tanh", "tanh")])
def test_they_agree_with_torch(name, approximate):
    torch = pytest.importorskip("torch")
    x = np.linspace(-8, 8, 1001, dtype="float32")
    at = torch.from_numpy(x).requires_grad_()
    value = torch.nn.functional.gelu(at, approximate=approximate)
    value.sum().backward()
    f = activations.get(name)
    np.testing.assert_allclose(f(x), value.detach().numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(activations.gradient(f, x), at.grad.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.heavy
@pytest.mark.parametrize(("dtype", "x"), [("float32", -12.9), ("float64", -37.4)])
def test_the_far_tail_of_gelu_has_all_its_digits(dtype, x):
    with jax.enable_x64(True):
        at = jnp.asarray(x, dtype)
        expected = float(_gelu(mpmath.mpf(float(at))))
        ulps = 8 * float(jnp.finfo(dtype).eps)
        assert float(activations.get("gelu")(at)) == pytest.approx(expected, rel=ulps, abs=0)


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_the_curvature_is_that_of_differences(name, assert_differences):
    assert_differences(activations.get(name))


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "distance"), [("gelu_tanh", 0.00048), ("quick_gelu", 0.0204)])
def test_the_approximations_are_as_near_as_they_say(name, distance):
    x = np.linspace(-8, 8, 16_001, dtype="float32")
    farthest = np.max(np.abs(activations.get(name)(x) - activations.get("gelu")(x)))
    assert farthest == pytest.approx(distance, rel=0.02)


@pytest.mark.parametrize("name", TRUTH)
def test_infinity_has_its_limits(name):
    assert activations.get(name)(jnp.inf) == jnp.inf
    assert activations.get(name)(-jnp.inf) == 0
    assert jnp.isnan(activations.get(name)(jnp.nan))


@pytest.mark.parametrize("name", TRUTH)
def test_the_facts_are_those_of_the_truth(name):
    facts, piece, roots = activations.get(name).facts(), TRUTH[name].pieces[1], TRUTH[name].roots
    with mpmath.workdps(40):
        dip = 0 if name == "phish" else roots[1][0]
        bottom = mpmath.findroot(partial(mpmath.diff, piece), dip) if dip else mpmath.mpf(0)
        top = mpmath.findroot(lambda x: mpmath.diff(piece, x, 2), roots[2][-1])
        assert facts.range[0] == pytest.approx(float(piece(bottom)), rel=1e-15)
        assert facts.largest_slope == pytest.approx(float(mpmath.diff(piece, top)), rel=1e-15)
