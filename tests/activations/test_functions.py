"""The six functions against mpmath at 50 digits, in every dtype, and against jax.nn."""

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


def _points(dtype):
    info = jnp.finfo(dtype)
    top, tiny = float(info.max), float(info.tiny)
    generator = np.random.default_rng(0)
    ordinary = np.concatenate([generator.normal(0, 3, 150), generator.uniform(-110, 110, 150)])
    special = [0.0, -0.0, tiny, -tiny, 1e-3, -1e-3, 20, -20, 88, -88, 100, -100, top, -top]
    return np.concatenate([ordinary, special, [top / 2, -top / 2]])


def _close(got, x, truth, dtype, lost=0):
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


@pytest.mark.parametrize("jitted", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", activations.names())
def test_value_and_gradient_are_right_wherever_the_dtype_reaches(name, dtype, jitted):
    with jax.enable_x64(dtype == "float64"), mpmath.workdps(50):
        x = jnp.asarray(_points(dtype), dtype)
        function = activations.get(name)
        slope = lambda x: activations.gradient(function, x)  # noqa: E731
        if jitted:
            function, slope = jax.jit(function), jax.jit(slope)
        y, dy = function(x), slope(x)
        assert (y.dtype, dy.dtype) == (x.dtype, x.dtype)
        value, derivative = TRUTH[name]
        x, y, dy = np.asarray(x), np.asarray(y), np.asarray(dy)
        lost = int(name == "swish")
        _close(y, x, value, dtype, lost)
        # Near its minimum swish's derivative is a difference of near equals.
        away = (np.abs(x.astype(np.float64) + 1.2785) > 0.1) | (name != "swish")
        _close(dy[away], x[away], derivative, dtype, lost)


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("sigmoid", jax.nn.sigmoid),
        ("tanh", jnp.tanh),
        ("relu", jax.nn.relu),
        ("leaky_relu", lambda x: jax.nn.leaky_relu(x, 0.1)),
        ("elu", jax.nn.elu),
        ("swish", jax.nn.silu),
    ],
)
def test_values_and_gradients_agree_with_jax_nn(name, peer):
    x = jnp.linspace(-8, 8, 1601)
    ours = activations.get(name)
    np.testing.assert_allclose(ours(x), peer(x), rtol=1e-6, atol=1e-7)
    slope = jax.vmap(jax.grad(peer))(x)
    # Where theirs cancels (1 - tanh²) it is theirs that is off, by a few ulps of 1.
    np.testing.assert_allclose(activations.gradient(ours, x), slope, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", activations.names())
def test_second_derivatives_agree_with_central_differences(name):
    with jax.enable_x64(True):
        f = activations.get(name)
        x = jnp.asarray([-30.0, -5.0, -1.0, -0.1, 0.2, 1.0, 5.0, 30.0])
        h = 1e-5
        slope = lambda x: activations.gradient(f, x)  # noqa: E731
        second = jax.vmap(jax.grad(jax.grad(f)))(x)
        np.testing.assert_allclose(second, (slope(x + h) - slope(x - h)) / (2 * h), atol=1e-9)


def test_parameters_change_the_function_and_its_kink():
    x = jnp.asarray([-2.0, 0.0, 3.0])
    leaky = activations.get("leaky_relu", negative_slope=0.25)
    np.testing.assert_array_equal(leaky(x), [-0.5, 0.0, 3.0])
    np.testing.assert_array_equal(activations.gradient(leaky, x), [0.25, 0.25, 1.0])
    elu = activations.get("elu", alpha=2.0)
    np.testing.assert_allclose(elu(x), [2 * np.expm1(-2.0), 0.0, 3.0], rtol=1e-6)
    np.testing.assert_allclose(activations.gradient(elu, x), [2 * np.exp(-2.0), 2, 1], rtol=1e-6)


def test_relu_has_slope_0_at_0_and_keeps_what_is_not_a_number():
    relu = activations.get("relu")
    assert activations.gradient(relu, 0.0) == 0
    assert jnp.isnan(relu(jnp.nan))


@pytest.mark.parametrize("name", activations.names())
def test_whole_numbers_become_floating_point(name):
    f = activations.get(name)
    np.testing.assert_array_equal(f([-1, 0, 2]), f(jnp.asarray([-1.0, 0.0, 2.0])))


@pytest.mark.parametrize("name", activations.names())
def test_infinity_has_its_limit_and_nothing_else_is_lost(name):
    low, high = activations.describe(activations.get(name)).range
    y = activations.get(name)(jnp.asarray([jnp.inf]))
    assert y[0] == high
    if name != "swish":  # -∞ · 0 is not a number
        assert activations.get(name)(jnp.asarray([-jnp.inf]))[0] == low
