"""KAN's function against mpmath, SciPy's B-splines and what calculation finds."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy.interpolate import BSpline

from actscope import activations
from actscope.activations import describe
from actscope.activations._spline import START
from truth import DTYPES, Truth

# Binary fractions, so that all dtypes compute the same function.
ELSEWHERE = {"base": 0.75, "c_0": 0.5, "c_3": -0.25, "c_4": 1.0, "c_6": 0.5, "c_8": -1.0}
KNOTS = tuple(float(knot) for knot in range(-6, 7))


def _bump(t, cell):
    """The cubic B-spline as the polynomial that it is between `cell` and `cell` + 1."""
    return {
        -2: (2 + t) ** 3 / 6,
        -1: mpmath.mpf(2) / 3 - t**2 - t**3 / 2,
        0: mpmath.mpf(2) / 3 - t**2 + t**3 / 2,
        1: (2 - t) ** 3 / 6,
    }.get(cell, mpmath.mpf(0))


def _piece(settings, cell):
    weights = list((START | settings).values())
    return lambda x: (
        weights[0] * x / (1 + mpmath.exp(-x))
        + sum(
            c * _bump(x - centre, cell - centre)
            for c, centre in zip(weights[1:], range(-4, 5), strict=True)
        )
    )


CASES = {
    "b_spline": ({}, Truth([_piece({}, 0)], roots=((), (-1.27846,), (-2.39936, 2.39936)))),
    # Splines of both signs cancel here and there: measured against 1, their size.
    "elsewhere": (
        ELSEWHERE,
        Truth([_piece(ELSEWHERE, cell) for cell in range(-7, 7)], KNOTS, rough=True),
    ),
}


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(case, dtype, assert_right):
    settings, truth = CASES[case]
    assert_right(activations.get("b_spline", **settings), truth, dtype)


def test_its_splines_are_scipys():
    x = np.linspace(-7, 7, 1401)
    for index in range(9):
        knots = np.arange(index - 6.0, index - 1.0)
        expected = np.nan_to_num(BSpline.basis_element(knots, extrapolate=False)(x))
        found = activations.get("b_spline", base=0, **{f"c_{index}": 1})(x)
        np.testing.assert_allclose(found, expected, atol=1e-6)
    # Within the grid they add up to 1.
    one = activations.get("b_spline", base=0, **{f"c_{index}": 1 for index in range(9)})
    np.testing.assert_allclose(one(np.linspace(-3, 3, 61)), 1, atol=1e-6)


@pytest.mark.heavy
def test_the_curvature_at_a_knot_is_that_of_either_side():
    with jax.enable_x64(True):
        twice = jax.vmap(jax.grad(jax.grad(activations.get("b_spline", **ELSEWHERE))))
        found = twice(jnp.asarray(KNOTS))
    for side in (-1, 0):
        expected = [
            float(mpmath.diff(_piece(ELSEWHERE, int(knot) + side), knot, 2)) for knot in KNOTS
        ]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [ELSEWHERE, {"base": 0.0, "c_4": 1.0}])
def test_the_facts_at_other_settings_are_what_calculation_finds(settings):
    fixed = activations.get("b_spline", trainable=[], **settings)
    declared, found = describe(fixed), describe(replace(fixed, facts=None))
    assert found.kinks == declared.kinks == ()
    assert found.range == pytest.approx(declared.range, abs=1e-6)
    assert found.largest_slope == pytest.approx(declared.largest_slope, abs=2e-6)
    assert found.monotone == declared.monotone
    np.testing.assert_allclose(found.flat, declared.flat, atol=0.01)
