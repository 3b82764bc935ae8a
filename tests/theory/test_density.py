"""Against closed forms: the normal distribution function of what f maps under a value."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import logit, ndtr

from actscope import activations
from actscope._errors import ActscopeError
from actscope.theory import gradient_density, hosted, output_density

EXACT = 1e-12  # of a probability: roots to 1e-13, and a sum of some thousand numbers


def probabilities(found, under):
    """What `under`, the exact probability of no more than a value, says of the bins."""
    return np.diff(under(found.edges))


def test_the_identity_leaves_a_normal_distribution():
    found = output_density(lambda x: 1.0 * x, q=4.0)
    np.testing.assert_allclose(
        found.masses, probabilities(found, lambda y: ndtr(y / 2)), atol=EXACT
    )
    assert found.below == pytest.approx(ndtr(found.edges[0] / 2), abs=EXACT)
    assert found.above == pytest.approx(ndtr(-found.edges[-1] / 2), abs=EXACT)
    assert not found.atoms
    middle = (found.edges[1:] + found.edges[:-1]) / 2
    density = np.exp(-(middle**2) / 8) / np.sqrt(8 * np.pi)
    np.testing.assert_allclose(found.heights, density, atol=1e-4)  # second order in a bin's width


@pytest.mark.parametrize("q", [0.3, 1.0, 50.0])
def test_relu_has_half_of_its_outputs_at_0_and_the_rest_is_half_a_normal(q):
    found = output_density("relu", q)
    (atom,) = found.atoms
    assert (atom.at, atom.mass) == (0.0, pytest.approx(0.5, abs=EXACT))
    np.testing.assert_allclose(
        found.masses, probabilities(found, lambda y: ndtr(y / np.sqrt(q))), atol=EXACT
    )


def test_relus_gradient_is_two_values():
    found = gradient_density("relu")
    assert [atom.at for atom in found.atoms] == [0.0, 1.0]
    assert [atom.mass for atom in found.atoms] == pytest.approx([0.5, 0.5], abs=EXACT)
    assert found.masses.sum() == found.below == found.above == 0


@pytest.mark.parametrize("q", [0.1, 1.0, 9.0])
def test_tanh_and_its_gradient(q):
    deviation = np.sqrt(q)
    output = output_density("tanh", q)
    np.testing.assert_allclose(
        output.masses, probabilities(output, lambda y: ndtr(np.arctanh(y) / deviation)), atol=EXACT
    )
    # f' = 1 - y² is no more than s where |y| is at least √(1 - s).
    slope = gradient_density("tanh", q)
    under = probabilities(
        slope, lambda s: 2 * ndtr(-np.arctanh(np.sqrt(np.clip(1 - s, 0, 1))) / deviation)
    )
    # The pole of the density at 1: two crossings in the cells beside 0 go unseen.
    np.testing.assert_allclose(slope.masses[:-1], under[:-1], atol=1e-9)
    assert slope.masses[-1] == pytest.approx(under[-1], abs=2e-3)
    assert not output.atoms
    assert not slope.atoms


def test_sigmoid_where_float64_rounds_it_to_1_has_no_atom():
    # A tenth of all z lies beyond 37, where the sigmoid is 1 to the last digit.
    found = output_density("sigmoid", q=900.0)
    assert not found.atoms
    np.testing.assert_allclose(
        found.masses[:-1],
        probabilities(found, lambda y: ndtr(logit(np.clip(y, 0, 1)) / 30))[:-1],
        atol=EXACT,
    )


def test_a_function_that_turns_back():
    found = output_density(lambda x: x * x)
    under = probabilities(found, lambda y: 2 * ndtr(np.sqrt(np.maximum(y, 0))) - 1)
    np.testing.assert_allclose(found.masses, under, atol=2e-3)
    np.testing.assert_allclose(found.masses[1:], under[1:], atol=EXACT)


@pytest.mark.heavy
def test_atoms_of_equal_value_are_one():
    slope = gradient_density(lambda x: jnp.clip(x, -1.0, 1.0))
    inside = ndtr(1) - ndtr(-1)
    assert [atom.at for atom in slope.atoms] == [0.0, 1.0]
    # Kinks of a callable are found to 1e-9.
    assert [atom.mass for atom in slope.atoms] == pytest.approx([1 - inside, inside], abs=1e-8)
    output = output_density(lambda x: jnp.clip(x, -1.0, 1.0))
    assert [atom.at for atom in output.atoms] == [-1.0, 1.0]
    assert [atom.mass for atom in output.atoms] == pytest.approx([ndtr(-1)] * 2, abs=1e-8)
    assert output.masses.sum() + output.below + output.above == pytest.approx(inside, abs=1e-8)


def test_a_slope_that_is_constant_beyond_a_knot_is_an_atom():
    # elu has no kink, but for x > 0 its slope is 1; for x <= 0 it is e^x.
    found = gradient_density("elu")
    (atom,) = found.atoms
    assert (atom.at, atom.mass) == (1.0, pytest.approx(0.5, abs=EXACT))
    np.testing.assert_allclose(
        found.masses, probabilities(found, lambda s: ndtr(np.log(np.minimum(s, 1)))), atol=EXACT
    )


def test_a_constant_slope_is_one_atom():
    found = gradient_density(lambda x: 3.0 * x)
    (atom,) = found.atoms
    assert (atom.at, atom.mass) == (3.0, pytest.approx(1.0, abs=EXACT))


def test_without_variance_all_is_one_value():
    for density, at in [(output_density, 0.5), (gradient_density, 0.25)]:
        (atom,) = density("sigmoid", q=0.0).atoms
        assert (atom.at, atom.mass) == (at, pytest.approx(1.0, abs=EXACT))


def names():
    """The tutorial's six at once; of all others every curve is compiled anew."""
    six = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")
    slow = pytest.mark.slow
    return [name if name in six else pytest.param(name, marks=slow) for name in activations.names()]


@pytest.mark.parametrize("name", names())
def test_every_function_of_the_table_adds_up_to_1_and_is_what_a_sample_is(name):
    activation = activations.get(name)
    if not activation.elementwise or activation.random:
        pytest.skip("theory is of functions of one number that are always the same")
    f = hosted(activation)
    z = np.random.default_rng(5).standard_normal(20_000)
    for density, curve in [(output_density, f.value), (gradient_density, f.slope)]:
        found = density(activation, bins=40)
        assert found.total == pytest.approx(1.0, abs=1e-9)
        assert (found.masses >= -EXACT).all()
        sample = curve(z)
        for atom in found.atoms:
            share = np.isclose(sample, atom.at, rtol=1e-12, atol=1e-300)
            sample = sample[~share]
            assert share.mean() * len(share) / len(z) == pytest.approx(atom.mass, abs=0.018)
        # Five standard errors of a share of 20,000 are at most 0.018.
        edges = found.edges
        counted = [(sample <= edge).sum() / len(z) for edge in edges]
        under = found.below + np.concatenate([[0.0], np.cumsum(found.masses)])
        np.testing.assert_allclose(counted, under, atol=0.018)


@pytest.mark.parametrize(("q", "bins"), [(-1.0, 9), (np.nan, 9), (np.inf, 9), (1.0, 0)])
def test_no_variance_and_no_bins_are_refused(q, bins):
    with pytest.raises(ActscopeError, match=r"variance|bins"):
        output_density("tanh", q, bins)
