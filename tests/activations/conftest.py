"""What mathematics says of the functions of the table, at 50 digits."""

from functools import partial

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope import activations

SLOPE, ALPHA = 0.1, 1.0
EXP = mpmath.exp


def _sigmoid(x):
    return 1 / (1 + EXP(-x))


def _sigmoid_slope(x):
    return EXP(-x) / (1 + EXP(-x)) ** 2


# Value and derivative as mathematics has them; at a kink as the docstrings declare.
TRUTH = {
    "sigmoid": (_sigmoid, _sigmoid_slope),
    "tanh": (mpmath.tanh, lambda x: mpmath.sech(x) ** 2),
    "relu": (lambda x: max(x, 0), lambda x: int(x > 0)),
    "leaky_relu": (lambda x: x if x > 0 else SLOPE * x, lambda x: 1 if x > 0 else SLOPE),
    "elu": (
        lambda x: x if x > 0 else ALPHA * mpmath.expm1(x),
        lambda x: 1 if x > 0 else ALPHA * EXP(x),
    ),
    "swish": (lambda x: x * _sigmoid(x), lambda x: _sigmoid(x) + x * _sigmoid_slope(x)),
}
DTYPES = ("float16", "bfloat16", "float32", "float64")
# Ulps of the result: XLA's exp and tanh are good to a few; products and half precision add some.
ULPS = 16


def points(dtype):
    info = jnp.finfo(dtype)
    top, tiny = float(info.max), float(info.tiny)
    generator = np.random.default_rng(0)
    ordinary = np.concatenate([generator.normal(0, 3, 150), generator.uniform(-110, 110, 150)])
    special = [0.0, -0.0, tiny, -tiny, 1e-3, -1e-3, 20, -20, 88, -88, 100, -100, top, -top]
    return np.concatenate([ordinary, special, [top / 2, -top / 2]])


def assert_close(got, x, truth, dtype, lost=0):
    """Within ULPS of the result, or of the least normal number, below which zero will do.

    `lost` is what else may be missing, in least normal numbers for each unit of |x|.
    """
    info = jnp.finfo(dtype)
    wrong = []
    for point, value in zip(x, got, strict=True):
        exact = truth(mpmath.mpf(float(point)))
        size = max(abs(exact), mpmath.mpf(float(info.tiny)) / float(info.eps))
        allowed = ULPS * float(info.eps) * size + lost * abs(float(point)) * float(info.tiny)
        if not abs(mpmath.mpf(float(value)) - exact) <= allowed:
            wrong.append((float(point), float(value), float(exact)))
    assert not wrong, wrong[:5]


@pytest.fixture
def assert_right():
    """Checks value and gradient of a function in a dtype, wherever the dtype reaches."""

    def check(name, dtype, jitted):
        with jax.enable_x64(dtype == "float64"), mpmath.workdps(50):
            x = jnp.asarray(points(dtype), dtype)
            function = activations.get(name)
            slope = partial(activations.gradient, function)
            if jitted:
                function, slope = jax.jit(function), jax.jit(slope)
            y, dy = function(x), slope(x)
            assert (y.dtype, dy.dtype) == (x.dtype, x.dtype)
            value, derivative = TRUTH[name]
            x, y, dy = np.asarray(x), np.asarray(y), np.asarray(dy)
            lost = int(name == "swish")
            assert_close(y, x, value, dtype, lost)
            # Near its minimum swish's derivative is a difference of near equals.
            away = (np.abs(x.astype(np.float64) + 1.2785) > 0.1) | (name != "swish")
            assert_close(dy[away], x[away], derivative, dtype, lost)

    return check


@pytest.fixture
def assert_like_peer():
    """Checks values and gradients against another library's, and curvature by differences."""

    def check(name, peer):
        x = jnp.linspace(-8, 8, 1601)
        ours = activations.get(name)
        np.testing.assert_allclose(ours(x), peer(x), rtol=1e-6, atol=1e-7)
        slope = jax.vmap(jax.grad(peer))(x)
        # Where theirs cancels (1 - tanh²) it is theirs that is off, by a few ulps of 1.
        np.testing.assert_allclose(activations.gradient(ours, x), slope, rtol=1e-5, atol=1e-6)
        with jax.enable_x64(True):
            slope = partial(activations.gradient, ours)
            x = jnp.asarray([-30.0, -5.0, -1.0, -0.1, 0.2, 1.0, 5.0, 30.0])
            second = jax.vmap(jax.grad(jax.grad(ours)))(x)
            np.testing.assert_allclose(
                second, (slope(x + 1e-5) - slope(x - 1e-5)) / 2e-5, atol=1e-9
            )

    return check
