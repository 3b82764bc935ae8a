"""Functions on the host: values and derivatives in float64, whoever calls, and clear errors."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.theory import hosted

POINTS = np.linspace(-6, 6, 101).reshape(1, 101)


def test_values_and_derivatives_are_those_of_float64():
    f = hosted("sigmoid")
    s = special.expit(POINTS)
    np.testing.assert_allclose(f.value(POINTS), s, rtol=1e-14)
    np.testing.assert_allclose(f.slope(POINTS), s * (1 - s), rtol=1e-12)
    np.testing.assert_allclose(
        f.curvature(POINTS), s * (1 - s) * (1 - 2 * s), rtol=1e-11, atol=1e-16
    )


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (5,), (2, 3, 4), (4096,), (4097,), (9000,)])
def test_points_of_any_shape(shape):
    z = np.random.default_rng(0).normal(size=shape)
    made = hosted("tanh").value(z)
    assert made.shape == shape
    assert made.dtype == np.float64
    np.testing.assert_allclose(made, np.tanh(z), rtol=1e-14)


def test_settings_are_bound():
    leaky = activations.get("leaky_relu", negative_slope=0.3)
    assert hosted(leaky).value(np.array([-2.0])) == pytest.approx(-0.6, rel=1e-15)


def test_breaks_are_what_is_declared_or_found():
    assert hosted("relu").breaks == (0.0,)
    assert hosted("tanh").breaks == ()
    found = hosted(lambda x: jnp.where(x < 0.7, x, 0.7 + 0.2 * (x - 0.7))).breaks
    assert found == pytest.approx([0.7], abs=1e-8)


def cubic(x):
    return x**3


def test_equal_functions_are_hosted_once():
    assert hosted("tanh") is hosted(activations.get("Tanh")) is hosted(activations.get("tanh"))
    assert hosted(cubic) is hosted(cubic)
    assert hosted(cubic).activation.name == "cubic"
    assert hosted(lambda x: x).activation.name == "function"
    assert hosted("tanh") is not hosted("sigmoid")


def test_a_callable_that_compares_by_its_arrays_will_do():
    class Model:
        __hash__ = None

        def __call__(self, x):
            return 2 * x

    assert hosted(Model()).value(np.array([3.0])) == 6
    assert hosted(partial(cubic)).slope(np.array([3.0])) == pytest.approx(27)


@pytest.mark.heavy
@pytest.mark.parametrize("transform", [jax.jit, jax.vmap, jax.grad])
def test_a_caller_that_is_traced_gets_numbers(transform):
    def caller(x):
        # A function of its own each time: nothing is hosted before the trace.
        f = hosted(lambda z: jnp.sin(z) + 0.0 * len(transform.__name__))
        made = f.value(np.array([1.0])), f.slope(np.array([1.0])), f.curvature(np.array([1.0]))
        assert all(isinstance(part, np.ndarray) for part in made)
        return x * sum(float(part[0]) for part in made)

    expected = math.sin(1) + math.cos(1) - math.sin(1)
    made = transform(caller)(jnp.ones(2) if transform is jax.vmap else jnp.asarray(1.0))
    np.testing.assert_allclose(made, expected, rtol=1e-6)


def drawn(x):
    return x * jax.random.normal(jax.random.key(np.random.randint(1000)), x.shape)  # noqa: NPY002


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("f", "message"),
    [
        (3, "an activation function of type int"),
        (None, "an activation function of type NoneType"),
        ("sigmodi", "sigmoid"),
        (jax.nn.softmax, "stands alone"),
        (lambda x: x.sum(), "made float32"),
        (lambda x: x.astype(int), "made int32"),
        (lambda x: float(x.ndim), "made float"),
        (lambda x: np.tanh(np.asarray(x)), "write it with jax.numpy"),
        (drawn, "stands alone"),
        (jnp.log, "makes NaN of 80 of 160 numbers between -8 and 8, -7.95"),
        ("glu", "makes 1 of 2 numbers"),
        ("rrelu", "draws at random"),
    ],
)
def test_what_is_no_function_of_one_number_is_told_so(unchecked, f, message):
    with pytest.raises(ActscopeError, match=message):
        hosted(f)


def test_a_function_without_a_derivative_is_told_so():
    @jax.custom_vjp
    def stubborn(x):
        return jnp.tanh(x)

    def forward(x):
        return stubborn(x), x

    def backward(x, g):
        raise ValueError("no derivative here")

    stubborn.defvjp(forward, backward)
    with pytest.raises(ActscopeError, match=r"ValueError.*no derivative here"):
        hosted(Activation("stubborn", stubborn))
