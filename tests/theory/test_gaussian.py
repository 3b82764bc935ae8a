"""Expectations against closed forms, the predicted rate of convergence, and Monte Carlo."""

import math

import numpy as np
import pytest
from scipy import special

from actscope._errors import ActscopeError
from actscope.theory import _gaussian, expectation, joint_expectation


def relu(z):
    return np.maximum(z, 0)


def step(z):
    return (z > 0).astype(float)


def square(f):
    return lambda z: f(z) ** 2


# name: (g, breaks, E[g(z)] for z ~ N(0, q))
CLOSED = {
    "relu": (relu, (0.0,), lambda q: math.sqrt(q / (2 * math.pi))),
    "relu, squared": (square(relu), (0.0,), lambda q: q / 2),
    "fourth power": (lambda z: z**4, (), lambda q: 3 * q**2),
    "erf, squared": (
        square(special.erf),
        (),
        lambda q: 2 / math.pi * math.asin(2 * q / (1 + 2 * q)),
    ),
    "sine, squared": (square(np.sin), (), lambda q: -math.expm1(-2 * q) / 2),
    "exponential": (np.exp, (), lambda q: math.exp(q / 2)),
    "gaussian": (lambda z: np.exp(-(z**2)), (), lambda q: 1 / math.sqrt(1 + 2 * q)),
    "box": (lambda z: (abs(z) < 1) * 1.0, (-1.0, 1.0), lambda q: math.erf(1 / math.sqrt(2 * q))),
    "tail": (lambda z: (z > 1) * 1.0, (1.0,), lambda q: math.erfc(1 / math.sqrt(2 * q)) / 2),
}


@pytest.mark.parametrize("q", [1e-6, 0.3, 1.0, 40.0, 1e4])
@pytest.mark.parametrize("name", CLOSED)
def test_closed_forms_hold_to_ten_digits(name, q):
    if name == "exponential" and q > 40:
        pytest.skip("E[exp(z)] is beyond float64")
    g, breaks, exact = CLOSED[name]
    # Of the sine, 100 periods a standard deviation leave some rounding.
    assert expectation(g, q, breaks) == pytest.approx(exact(q), rel=1e-11, abs=1e-300)


@pytest.mark.parametrize("q", [1e-3, 1.0, 100.0, 1e6])
def test_odd_functions_have_mean_zero(q):
    assert abs(expectation(np.tanh, q)) < 1e-13


def test_features_far_narrower_than_the_distribution_are_found():
    # E[σ'] sqrt(2πq) goes to ∫σ' = 1 as 1 - π²/(6q): the variance of the logistic law over 2q.
    for q in (1e4, 1e8, 1e12):
        mean = expectation(lambda z: special.expit(z) * special.expit(-z), q)
        assert mean * math.sqrt(2 * math.pi * q) == pytest.approx(
            1 - math.pi**2 / (6 * q), abs=10 / q**2 + 1e-11
        )


@pytest.mark.parametrize("at", [0.3, -1.7, 1 / 3])
def test_breaks_that_nobody_declared_are_found(at):
    jump = expectation(lambda z: (z > at) * 1.0)
    assert jump == pytest.approx(special.ndtr(-at), rel=1e-10)
    kink = expectation(lambda z: np.maximum(z - at, 0))
    density = math.exp(-(at**2) / 2) / math.sqrt(2 * math.pi)
    assert kink == pytest.approx(density - at * special.ndtr(-at), rel=1e-10)


def test_a_singularity_that_can_be_integrated_is():
    mean = expectation(lambda z: 1 / np.sqrt(np.abs(z)))
    assert mean == pytest.approx(special.gamma(1 / 4) / (2**0.25 * math.sqrt(math.pi)), rel=1e-10)


def in_one_panel(g, low, high, nodes):
    """The integral of g from low to high by Gauss–Legendre of so many nodes."""
    panel = _gaussian._Panels(np.array([low]), np.array([high]), np.array([0]))
    return _gaussian._rule(lambda t, _: g(t), panel, int(nodes))[0][0]


@pytest.mark.parametrize(
    ("g", "pole"), [(np.tanh, 1j * math.pi / 2), (lambda t: 1 / (1 + t**2), 1j)]
)
@pytest.mark.parametrize("high", [1.5, 4.5])
def test_an_analytic_function_converges_at_the_rate_of_its_nearest_pole(g, pole, high):
    # In a panel mapped to [-1, 1], errors fall as ρ^(-2n), ρ = |w + √(w² - 1)| of the pole's w
    # (Trefethen, 2008, "Is Gauss quadrature better than Clenshaw–Curtis?", theorem 4.5).
    w = 2 * pole / high - 1
    rho = max(abs(w + np.sqrt(w * w - 1)), abs(w - np.sqrt(w * w - 1)))
    nodes = np.arange(3, 9 if high < 2 else 17)

    def integral(count):
        return in_one_panel(lambda t: g(t) * np.exp(-(t**2) / 2), 0.0, high, count)

    errors = [abs(integral(count) - integral(80)) for count in nodes]
    rate = np.polyfit(nodes, np.log(errors), 1)[0]
    assert rate == pytest.approx(-2 * math.log(rho), rel=0.1)


def test_without_its_break_a_kink_converges_as_the_square_and_a_jump_as_the_first_power():
    powers = []
    for g, exact in ((lambda t: np.maximum(t - 0.3, 0), 0.72), (lambda t: (t > 0.3) * 1.0, 1.2)):
        nodes = np.arange(8, 128)

        errors = np.array([abs(in_one_panel(g, 0.0, 1.5, count) - exact) for count in nodes])
        # They also swing with where the break lies between two nodes: the worst of each octave.
        octaves = 2 ** np.arange(3, 8)
        worst = [errors[(nodes >= low) & (nodes < 2 * low)].max() for low in octaves[:-1]]
        powers.append(np.polyfit(np.log(octaves[:-1]), np.log(worst), 1)[0])
    assert powers == pytest.approx([-2, -1], abs=0.2)


@pytest.mark.parametrize(
    "g",
    [
        lambda z: np.exp(z**2),
        lambda z: np.exp(z**2 / 2),
        lambda z: 1 / np.abs(z),
        lambda z: 1 / np.abs(z - 1),
        np.log,
        lambda z: np.where(np.abs(z - 0.7) < 0.1, np.nan, z),
    ],
)
def test_what_has_no_expectation_is_refused(g):
    with np.errstate(all="ignore"), pytest.raises(ActscopeError):
        expectation(g)


def test_growth_that_the_density_outweighs_is_not_refused():
    assert expectation(lambda z: np.exp(0.4 * z**2)) == pytest.approx(math.sqrt(5), rel=1e-10)


def test_a_share_that_begins_beyond_float64s_reach_is_none():
    for begin in (36.0, 37.6):  # the density there: 1e-282, 1e-307
        assert expectation(lambda z, begin=begin: 1.0 * (z > begin), 1.0, [begin]) < 1e-250


@pytest.mark.parametrize("q", [-1.0, math.nan, math.inf])
def test_a_variance_is_a_finite_number(q):
    with pytest.raises(ActscopeError, match="variance"):
        expectation(np.tanh, q)
    with pytest.raises(ActscopeError, match="variance"):
        joint_expectation(np.tanh, np.tanh, q, 0.5)


def test_without_variance_it_is_the_value_at_zero():
    assert expectation(np.cos, 0.0) == 1
    assert joint_expectation(np.cos, np.exp, 0.0, 0.3) == 1
    with pytest.raises(ActscopeError, match="at 0"):
        expectation(lambda z: np.full_like(z, np.nan), 0.0)


# name: (g, h, breaks, E[g(u) h(v)], √(E[g²] E[h²])): Cho & Saul (2009), eq. 6, for the first two;
# Williams (1998), eq. 11, for erf.
PAIRS = {
    "step": (
        step,
        step,
        (0.0,),
        lambda _, c: (math.pi - math.acos(c)) / (2 * math.pi),
        lambda _: 0.5,
    ),
    "relu": (
        relu,
        relu,
        (0.0,),
        lambda q, c: q * (math.sqrt(1 - c * c) + c * (math.pi - math.acos(c))) / (2 * math.pi),
        lambda q: q / 2,
    ),
    "erf": (
        special.erf,
        special.erf,
        (),
        lambda q, c: 2 / math.pi * math.asin(2 * q * c / (1 + 2 * q)),
        lambda q: 2 / math.pi * math.asin(2 * q / (1 + 2 * q)),
    ),
    "sine": (
        np.sin,
        np.sin,
        (),
        lambda q, c: (math.exp(-q * (1 - c)) - math.exp(-q * (1 + c))) / 2,
        lambda q: -math.expm1(-2 * q) / 2,
    ),
    # E[u; v > 0] by regression of u on v, and the mirror image of v.
    "identity and step": (
        lambda z: z,
        step,
        (0.0,),
        lambda q, c: c * math.sqrt(q / (2 * math.pi)),
        lambda q: math.sqrt(q / 2),
    ),
}


@pytest.mark.heavy
@pytest.mark.parametrize("c", [-1, -1 + 1e-6, -0.7, 0, 0.4, 0.99, 1 - 1e-6, 1 - 1e-12, 1])
@pytest.mark.parametrize("q", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("name", PAIRS)
def test_pairs_with_a_closed_form_hold_to_nine_digits(name, q, c):
    g, h, breaks, exact, size = PAIRS[name]
    assert joint_expectation(g, h, q, c, breaks) == pytest.approx(
        exact(q, c), abs=1e-9 * size(q), rel=0
    )


def test_breaks_of_a_pair_need_not_be_declared():
    c = 0.6
    exact = (math.sqrt(1 - c * c) + c * (math.pi - math.acos(c))) / (2 * math.pi)
    assert joint_expectation(relu, relu, 1.0, c) == pytest.approx(exact, rel=1e-9)


def test_pairs_without_a_closed_form_are_within_their_standard_error():
    generator = np.random.default_rng(0)
    c, q = 0.8, 2.0
    u, w = generator.normal(0, math.sqrt(q), (2, 1_000_000))
    v = c * u + math.sqrt(1 - c * c) * w

    def clipped(z):
        return np.clip(z - 0.5, -1, 2)

    draws = np.tanh(u) * clipped(v)
    found = joint_expectation(np.tanh, clipped, q, c, (-0.5, 2.5))
    assert abs(found - draws.mean()) < 4 * draws.std() / 1000


@pytest.mark.parametrize("c", [-1.01, 1.01, math.nan])
def test_a_correlation_is_from_minus_one_to_one(c):
    with pytest.raises(ActscopeError, match="correlation"):
        joint_expectation(np.tanh, np.tanh, 1.0, c)


def test_a_pair_exists_where_its_squares_do():
    def growing(z):
        return np.exp(0.3 * z**2)  # its square has no expectation at variance 1

    assert math.isfinite(expectation(growing))
    with np.errstate(all="ignore"), pytest.raises(ActscopeError):
        joint_expectation(growing, growing, 1.0, 0.5)
