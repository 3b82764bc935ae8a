import numpy as np
import pytest

from actscope.theory import hosted, joint_expectation
from actscope.theory._kernel import kernel


def relu_kernel(q, other, c):
    """Cho and Saul 2009, eq. 6, of order 1."""
    return np.sqrt(q * other) * (np.sqrt(1 - c**2) + c * (np.pi - np.arccos(c))) / (2 * np.pi)


def covariance(q, other, c):
    between = c * np.sqrt(q * other)
    return np.array([[q, between], [between, other]])


@pytest.mark.heavy
@pytest.mark.parametrize("c", [-0.9, -0.5, 0.0, 0.7, 0.9])
@pytest.mark.parametrize("variances", [(1.0, 1.0), (0.3, 2.0), (1e-4, 1e-2)])
def test_relu_by_closed_form(c, variances):
    found = kernel(hosted("relu"), covariance(*variances, c))
    size = np.sqrt(np.prod(variances))
    assert found[0, 1] == pytest.approx(relu_kernel(*variances, c), abs=1e-9 * size)
    np.testing.assert_allclose(np.diag(found), np.array(variances) / 2, rtol=1e-12)


@pytest.mark.parametrize("c", [0.99, 0.999, 0.9999, 0.99999])
def test_how_unlike_nearly_equal_examples_stay(c):
    """It is this difference on which it depends who is dead."""
    unlike = 0.5 - kernel(hosted("relu"), covariance(1.0, 1.0, c))[0, 1]
    assert unlike == pytest.approx(0.5 - relu_kernel(1.0, 1.0, c), rel=5e-3)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "swish"])
@pytest.mark.parametrize("c", [-0.7, 0.5, 0.9999])
def test_smooth_functions_by_quadrature(name, c):
    f = hosted(name)
    found = kernel(f, covariance(0.7, 0.7, c))[0, 1]
    assert found == pytest.approx(joint_expectation(f.value, f.value, 0.7, c), rel=1e-9)


def test_many_examples_of_different_size():
    inputs = np.random.default_rng(0).normal(size=(70, 9)) * np.geomspace(0.1, 3, 70)[:, None]
    moments = inputs @ inputs.T / 9
    q = np.diag(moments)
    c = np.clip(moments / np.sqrt(np.outer(q, q)), -1, 1)
    expected = relu_kernel(q[:, None], q, c)
    scale = np.sqrt(np.outer(q, q))
    np.testing.assert_allclose(kernel(hosted("relu"), moments) / scale, expected / scale, atol=1e-5)
