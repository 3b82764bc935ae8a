import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.theory import dead_share, gaussian, law, network


def pair(correlation, features=50):
    """Two inputs of mean square 1 and that correlation."""
    one = np.ones(features)
    other = np.where(np.arange(features) % 2, 1.0, -1.0)
    return np.stack([one, correlation * one + np.sqrt(1 - correlation**2) * other])


def arc_cosine(c):
    """The correlation after relu (Cho and Saul 2009)."""
    return (np.sqrt(1 - c**2) + c * (np.pi - np.arccos(c))) / np.pi


def both_negative(c):
    return 1 / 4 + np.arcsin(c) / (2 * np.pi)


def within(share, expected):
    return abs(share.limit - expected) < 4 * np.sqrt(expected * (1 - expected) / 40_000)


def shares(f, layers, inputs, **sample):
    return dead_share(f, layers, inputs, rng=np.random.default_rng(3), **sample)


def test_of_one_example_half_of_relus_units_are_dead():
    layers = network([50, 300, 300, 5], law("pytorch"))
    for share in shares("relu", layers, pair(0.3)[:1], draws=40_000):
        assert within(share, 0.5)
        assert share.expected == pytest.approx(0.5, abs=4 * share.expected_error)


@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.6, 0.99])
def test_of_two_examples_as_their_correlation_says(correlation):
    layers = network([50, 300, 300, 300, 5], gaussian(np.sqrt(2)))
    c = correlation
    for share in shares("relu", layers, pair(correlation), draws=40_000):
        assert within(share, both_negative(c))
        # Of width 300 the correlation itself differs a little from its limit.
        assert share.expected == pytest.approx(
            both_negative(c), abs=4 * share.expected_error + 3e-3
        )
        c = arc_cosine(c)


@pytest.mark.heavy
def test_biases_make_examples_alike_and_at_most_half_dead():
    inputs = np.random.default_rng(0).normal(size=(60, 64))
    layers = network([64] * 10 + [5], law("pytorch"))
    limits = [share.limit for share in shares("relu", layers, inputs, draws=10_000, networks=2)]
    noise = 4 * np.sqrt(0.5 / 10_000)  # of a difference
    assert limits[0] < 1e-3
    assert (np.diff(limits) > -noise).all()
    assert 0.45 < limits[-1] < 0.5 + noise


@pytest.mark.heavy
def test_scatter_of_single_networks_is_more_than_binomial():
    inputs = np.random.default_rng(0).normal(size=(50, 64))
    last = shares("relu", network([64] * 6 + [5], law("he_normal")), inputs, networks=60)[-1]
    assert last.upstream > last.binomial / 2
    assert last.scatter**2 == pytest.approx(last.binomial**2 + last.upstream**2)


def test_what_is_flat_on_both_sides_is_dead_there():
    layers = network([50, 400, 5], gaussian(2.0))
    (share,) = shares("hard_tanh", layers, pair(1.0)[:1], draws=40_000)
    assert within(share, 0.617075)  # P(|2u| > 1)


@pytest.mark.parametrize("name", ["tanh", "swish", "leaky_relu"])
def test_what_is_flat_nowhere_has_no_dead_units(name):
    (share,) = shares(name, network([50, 40, 5], law("pytorch")), pair(0.5))
    assert (share.limit, share.error, share.expected, share.scatter) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("inputs", "sample", "words"),
    [
        (np.zeros((0, 50)), {}, "0 examples"),
        (np.zeros((5000, 50)), {}, "5000 examples"),
        (np.zeros((5, 40)), {}, "40 numbers"),
        (np.full((5, 50), np.nan), {}, "50 finite ones"),
        (np.zeros((5, 50)), {"draws": 0}, "0 draws"),
        (np.zeros((5, 50)), {"networks": 1}, "1 networks"),
    ],
)
def test_what_cannot_be_counted_is_refused(inputs, sample, words):
    with pytest.raises(ActscopeError, match=words):
        shares("relu", network([50, 40, 5], law("pytorch")), inputs, **sample)
