"""The Padé unit against mpmath, and its start against the fit that it comes from."""

import math

import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from numpy.polynomial.polynomial import polyder, polyroots, polyval
from scipy.optimize import least_squares

from actscope import activations
from actscope.activations import describe
from actscope.activations._pade import START
from truth import DTYPES, Truth, errors

ELSEWHERE = START | {"b_1": 0.5, "b_3": -0.25}
# Where the denominator's sum changes its sign, beside 0.
CROSSING = float(polyroots([ELSEWHERE[f"b_{power}"] for power in range(1, 5)])[0].real)


def _exact(settings, sign=1):
    c = [mpmath.mpf(value) for value in settings.values()]

    def value(x):
        above = sum(a * x**power for power, a in enumerate(c[:6]))
        return above / (1 + sign * sum(b * x**power for power, b in enumerate(c[6:], 1)))

    return value


CASES = {
    "start": (START, Truth([_exact(START)])),
    # With a linear term the denominator's sum crosses 0 at 0, and once beside it.
    "elsewhere": (
        ELSEWHERE,
        Truth([_exact(ELSEWHERE), _exact(ELSEWHERE, -1), _exact(ELSEWHERE)], (CROSSING, 0.0)),
    ),
}


def sizes(settings, x):
    """What f, f' and f'' would be if no terms cancelled: rounding is a few ulps of that.

    Between -3 and 0 the numerator is up to a hundred times smaller than its terms, in any order of
    summation; far out the terms of f'' cancel but for a millionth.
    """
    far = np.abs(x) > 1
    signed = np.where(far, 1 / np.where(far, x, 1), x)
    t = np.abs(signed)
    c = np.asarray(list(settings.values()))
    above, below = np.abs(c[:6]), np.abs([1, *c[6:]])
    bottom = np.where(
        far, t**4 + np.abs(polyval(signed, c[:5:-1])), 1 + np.abs(polyval(signed, [0, *c[6:]]))
    )

    def terms(coefficients, order):
        near, beyond = (polyder(each, order) for each in (coefficients, coefficients[::-1]))
        return np.where(far, polyval(t, beyond), polyval(t, near))

    value = terms(above, 0) / bottom
    slope = (terms(above, 1) + value * terms(below, 1)) / bottom
    bent = (terms(above, 2) + 2 * slope * terms(below, 1) + value * terms(below, 2)) / bottom
    return (
        np.where(far, value * np.abs(x), value),
        np.where(far, value + t * slope, slope),
        np.where(far, t**3 * bent, bent),
    )


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(case, dtype):
    settings, truth = CASES[case]
    eps, inner = (float(jnp.finfo(t).eps) for t in (dtype, jnp.promote_types(dtype, jnp.float32)))
    for order in range(3):
        rows = errors(activations.get("pade", **settings), truth, dtype, order)
        x, got, exact, _ = (np.asarray(column) for column in zip(*rows, strict=True))
        allowed = 4 * inner * sizes(settings, x)[order]
        if inner < eps:
            allowed += eps * np.abs(exact)
        least = float(jnp.finfo(dtype).tiny)
        # So near to the crossing that rounding decides on the side, either may be met.
        near = np.abs(x - CROSSING) < 1e-6
        assert ((np.abs(got - exact) <= np.maximum(allowed, least)) | near).all()


def rational(c, x):
    return polyval(x, c[:6]) / (1 + np.abs(polyval(x, np.concatenate([[0], c[6:]]))))


def test_the_start_is_the_best_fit_to_a_leaky_rectifier():
    x = np.linspace(-3, 3, 601)
    target = np.where(x > 0, x, 0.01 * x)
    guess = [0, 0.5, 1, 0.5, 0.25, 0.05, 0, 1, 0, 0.1]
    best = least_squares(
        lambda c: rational(c, x) - target, guess, xtol=1e-15, ftol=1e-15, gtol=1e-15
    )
    start = np.asarray(list(START.values()))
    # It is written in units of 2^-20, each of which moves the function by up to 3e-6.
    np.testing.assert_allclose(rational(start, x), rational(best.x, x), atol=3e-6)
    assert np.array_equal(np.float32(start), start)
    np.testing.assert_allclose(activations.get("pade")(x), target, atol=0.034)


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"a_0": 0.5, "b_1": 0.5, "b_3": -1.0},
        {"b_4": 0.0},
        {"b_2": 0.0, "b_4": 0.0},
        {"a_5": 0.0},
        {"a_5": 0.0, "a_4": 0.0},
        {"a_0": 0.0, "a_2": 0.0, "a_4": 0.0},
        {"a_1": 0.0, "a_3": 0.0, "a_5": 0.0},
        {"a_0": 0.0, "b_1": 1.0},
    ],
)
def test_the_facts_at_other_settings_are_what_numpy_sees(settings):
    fixed = activations.get("pade", trainable=[], **settings)
    facts = describe(fixed)
    c = np.asarray(list((START | settings).values()))
    x = np.sinh(np.linspace(-9, 9, 300_001))
    y = rational(c, x)
    slope = np.diff(y) / np.diff(x)
    for end, seen, outside in zip(
        facts.range, (y.min(), y.max()), (-math.inf, math.inf), strict=True
    ):
        assert (end == outside and abs(seen) > 1000) or end == pytest.approx(seen, abs=1e-5)
    largest = np.abs(slope).max()
    if math.isinf(facts.largest_slope):
        assert largest > 1000
    else:
        assert largest == pytest.approx(facts.largest_slope, rel=1e-3)
    assert facts.monotone == (slope.min() >= 0)
    # Just where the slope jumps from one of these steps, of 6e-5 of 1 + |x|, to the next.
    jumps = x[1:-1][np.abs(np.diff(slope)) > 3e-3 * (1 + np.abs(slope[1:]))]
    for kink in facts.kinks:
        assert np.abs(jumps - kink).min() < 1e-3
    assert all(np.abs(np.asarray(facts.kinks) - jump).min(initial=9) < 1e-3 for jump in jumps)
    odd, even = (bool(np.allclose(y[::-1], side * y)) for side in (-1, 1))
    assert facts.symmetry == ("odd" if odd else "even" if even else "")


@pytest.mark.heavy
def test_at_its_kink_in_0_the_derivative_is_that_on_the_left():
    # f' = a_1 ∓ a_0 b_1 on the right and on the left.
    for b_1 in (0.5, -0.5):
        found = activations.gradient(activations.get("pade", b_1=b_1), 0.0)
        assert found == pytest.approx(START["a_1"] + START["a_0"] / 2, rel=1e-6)
