"""χ₁ over the plane against fixed points that are found one by one, and closed forms."""

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.theory import fixed_points
from actscope.theory._phases import chi_plane


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["tanh", "sigmoid", "elu"])
def test_it_is_that_of_the_fixed_point_signals_come_to(name):
    sigma_ws, sigma_bs = np.array([0.6, 1.1]), np.array([0.05, 0.4])
    found = chi_plane(name, sigma_ws, sigma_bs)
    for row, sigma_w in enumerate(sigma_ws):
        for column, sigma_b in enumerate(sigma_bs):
            (point,) = (p for p in fixed_points(name, sigma_w, sigma_b) if p.stable)
            assert found[row, column] == pytest.approx(point.chi, rel=0.01)


def test_relu_is_half_of_the_weights_and_has_no_variance_beyond():
    sigma_ws = np.array([0.5, 1.3, 1.5])
    found = chi_plane("relu", sigma_ws, np.array([0.0, 0.3]))
    np.testing.assert_allclose(found[:2], np.repeat(sigma_ws[:2, None] ** 2 / 2, 2, 1), rtol=1e-6)
    assert np.isnan(found[2]).all()  # σ_w² > 2: the variance grows for ever


@pytest.mark.parametrize("bad", [-1.0, np.inf, np.nan])
def test_what_is_no_deviation_is_refused(bad):
    with pytest.raises(ActscopeError, match="negative or not finite"):
        chi_plane("tanh", np.array([bad]), np.array([0.1]))
