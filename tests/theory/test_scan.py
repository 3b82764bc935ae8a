"""The scan against single expectations, and roots that are hard to see."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from actscope.theory import hosted
from actscope.theory._maps import second_moment, slope_moment
from actscope.theory._scan import VARIANCES, crossing, roots, scan


@pytest.mark.parametrize("f", ["relu", "tanh", "gelu", "relu6", jnp.sin])
def test_it_agrees_with_expectations(f):
    host = hosted(f)
    q = np.array([1e-8, 1e-3, 0.7, 30.0, 1e4])
    second, slope = scan(host)(q)
    for index, at in enumerate(q):
        assert second[index] == pytest.approx(second_moment(host, at), rel=1e-10)
        assert slope[index] == pytest.approx(slope_moment(host, at), rel=1e-10)


def test_two_roots_between_neighbours_are_found():
    """They are 1/5 of a step of the grid apart."""
    step = math.log(VARIANCES[1] / VARIANCES[0])
    middle = math.log(VARIANCES[200]) + step / 2

    def curve(q, second, slope):
        return (np.log(q) - middle) ** 2 - (step / 10) ** 2

    found = np.log(roots(hosted("relu"), curve))
    np.testing.assert_allclose(found, [middle - step / 10, middle + step / 10], atol=1e-9)


def test_noise_is_no_root():
    rng = np.random.default_rng(0)

    def curve(q, second, slope):
        return 1e-13 * rng.standard_normal(np.shape(q))

    assert roots(hosted("relu"), curve) == ()


def test_where_a_mean_does_not_exist_there_is_no_root():
    """E[f²] of exp(x²/8) exists below q = 2; the scan alone has numbers beyond."""

    def curve(q, second, slope):
        return np.log(q / 20) / 10 + np.where(np.isfinite(second), 0, np.nan)

    assert roots(hosted(lambda x: jnp.exp(x**2 / 8)), curve) == ()
    assert roots(hosted("relu"), curve) == (pytest.approx(20),)


def test_crossing():
    assert crossing(lambda x: x**2 - 2, 0.0, 2.0, 1e-13) == pytest.approx(math.sqrt(2), abs=1e-12)
