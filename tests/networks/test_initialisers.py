import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from actscope._errors import ActscopeError
from actscope.networks import initialisations, initialiser

FAN_IN, FAN_OUT = 200, 300
SHAPE = (FAN_IN, FAN_OUT)


def kernel(name, shape=SHAPE, seed=0):
    return np.asarray(
        initialiser(name).kernel(jax.random.key(seed), shape, jnp.float32), np.float64
    )


def cut_normal(variance):
    """A normal distribution cut off at two standard deviations, of that variance afterwards."""
    scale = math.sqrt(variance / stats.truncnorm.var(-2, 2))
    return stats.truncnorm(-2, 2, scale=scale)


def uniform(bound):
    return stats.uniform(-bound, 2 * bound)


# The closed forms: LeCun 1/fan_in, Glorot 2/(fan_in + fan_out), He 2/fan_in; a uniform
# distribution of variance v has bound √(3v). PyTorch's bound is 1/√fan_in.
DISTRIBUTIONS = {
    "pytorch": uniform(1 / math.sqrt(FAN_IN)),
    "lecun_normal": cut_normal(1 / FAN_IN),
    "lecun_uniform": uniform(math.sqrt(3 / FAN_IN)),
    "glorot_normal": cut_normal(2 / (FAN_IN + FAN_OUT)),
    "glorot_uniform": uniform(math.sqrt(6 / (FAN_IN + FAN_OUT))),
    "he_normal": cut_normal(2 / FAN_IN),
    "he_uniform": uniform(math.sqrt(6 / FAN_IN)),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_weights_have_their_distribution(name):
    weights, expected = kernel(name).ravel(), DISTRIBUTIONS[name]
    low, high = expected.support()
    assert (weights >= low * (1 + 1e-6)).all()
    assert (weights <= high * (1 + 1e-6)).all()
    n = len(weights)
    variance, kurtosis = expected.var(), expected.stats(moments="k") + 3
    # Within four standard errors, by the closed form of each estimate's.
    assert abs(weights.mean()) < 4 * math.sqrt(variance / n)
    assert abs(weights.var() / variance - 1) < 4 * math.sqrt((kurtosis - 1) / n)
    # Kolmogorov and Smirnov's distance passes 1.95/√n by chance once in a thousand times.
    assert stats.kstest(weights, expected.cdf).statistic < 1.95 / math.sqrt(n)


@pytest.mark.parametrize("shape", [(40, 30), (30, 40), (30, 30)])
def test_orthogonal_weights_are_orthogonal(shape):
    weights = kernel("orthogonal", shape)
    product = weights.T @ weights if shape[0] >= shape[1] else weights @ weights.T
    np.testing.assert_allclose(product, np.eye(min(shape)), atol=1e-6)
    # Closed form: min(shape) unit vectors over all entries.
    assert np.mean(weights**2) == pytest.approx(1 / max(shape), rel=1e-6)


def test_the_fan_in_of_a_convolution_is_all_that_a_unit_sees():
    weights = kernel("pytorch", (3, 3, 20, 50))
    bound = 1 / math.sqrt(3 * 3 * 20)
    # Of 9,000 draws the largest lies within 0.2 % of the bound but for once in 10^8 times.
    assert 0.998 * bound < np.abs(weights).max() <= bound * (1 + 1e-6)


def test_pytorchs_biases_share_the_bound_of_its_weights():
    bias = initialiser("pytorch").bias(FAN_IN)(jax.random.key(1), (20_000,), jnp.float32)
    expected = DISTRIBUTIONS["pytorch"]
    assert stats.kstest(np.asarray(bias), expected.cdf).statistic < 1.95 / math.sqrt(20_000)


@pytest.mark.parametrize("name", [*list(DISTRIBUTIONS)[1:], "orthogonal"])
def test_all_other_biases_are_zero(name):
    bias = initialiser(name).bias(FAN_IN)(jax.random.key(1), (50,), jnp.float32)
    np.testing.assert_array_equal(bias, np.zeros(50))


def test_the_bounds_are_torchs():
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(FAN_IN, FAN_OUT)
    bound = 1 / math.sqrt(FAN_IN)
    for array, ours in (
        (layer.weight, kernel("pytorch")),
        (layer.bias, initialiser("pytorch").bias(FAN_IN)(jax.random.key(0), (FAN_OUT,), "float32")),
    ):
        theirs = array.detach().numpy()
        for found in (theirs, np.asarray(ours)):
            assert 0.95 * bound < np.abs(found).max() <= bound * (1 + 1e-6)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("lecun_normal", "he_normal", math.sqrt(2)),
        ("lecun_uniform", "he_uniform", math.sqrt(2)),
        ("pytorch", "lecun_uniform", math.sqrt(3)),
    ],
)
def test_the_same_key_gives_the_same_numbers_before_scaling(one, other, ratio):
    np.testing.assert_allclose(kernel(one) * ratio, kernel(other), rtol=1e-5, atol=1e-8)


def test_all_names_are_known():
    assert initialisations() == (*DISTRIBUTIONS, "orthogonal")
    for name in initialisations():
        assert initialiser(name).name == name


def test_the_tutorials_is_pytorchs():
    assert initialiser("tutorial") is initialiser("pytorch")


def test_an_unknown_name_is_refused():
    with pytest.raises(ActscopeError, match=r"unknown initialisation 'he_norml'.*'he_normal'"):
        initialiser("he_norml")
