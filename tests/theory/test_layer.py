import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from actscope import networks
from actscope._errors import ActscopeError
from actscope.theory import Layer, gaussian, law, network

# Those that look at the activation or at data have a law only once that is known.
KNOWN = [name for name in networks.initialisations() if name not in ("critical", "lsuv")]


def test_pytorch_default_is_a_third():
    layer = law("pytorch")(784, 256)
    assert layer.gain == pytest.approx(1 / 3)
    assert layer.second_moment(2.0) == pytest.approx(2 / 3 + 1 / (3 * 784))


@pytest.mark.heavy
@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("fans", [(300, 500), (500, 300)], ids=str)
def test_a_law_is_that_of_the_networks_initialiser(name, fans):
    layer, initialiser = law(name)(*fans), networks.initialiser(name)
    weights = np.asarray(initialiser.kernel(jax.random.key(0), fans, jnp.float32), np.float64)
    spread = np.sqrt((layer.kurtosis + 2) / weights.size)  # of a sample's variance, relative
    assert np.mean(weights**2) == pytest.approx(layer.weight_variance, rel=4 * spread)
    assert stats.kurtosis(weights, axis=None) == pytest.approx(
        layer.kurtosis, abs=4 * np.sqrt(24 / weights.size)
    )
    biases = np.asarray(initialiser.bias(fans[0])(jax.random.key(1), (100_000,), jnp.float32))
    assert np.mean(biases**2) == pytest.approx(layer.bias_variance, rel=4 * np.sqrt(2 / 1e5))


@pytest.mark.parametrize("distribution", ["normal", "uniform", "truncated"])
def test_parameters_are_drawn_by_the_law(distribution):
    layer = Layer(400, 500, 0.09, 0.25, distribution)
    rng = np.random.default_rng(0)
    for drawn, variance in ((layer.weights(rng), 0.09), (layer.biases(rng, 200_000), 0.25)):
        assert drawn.mean() == pytest.approx(0, abs=4 * np.sqrt(variance / drawn.size))
        assert drawn.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / drawn.size))
        spread = np.sqrt(24 / drawn.size)
        assert stats.kurtosis(drawn, axis=None) == pytest.approx(layer.kurtosis, abs=4 * spread)
        peer = float(_PEER[distribution].stats(moments="k"))
        assert layer.kurtosis == pytest.approx(peer, abs=1e-12)


_PEER = {"normal": stats.norm, "uniform": stats.uniform, "truncated": stats.truncnorm(-2, 2)}


def test_a_network_of_widths():
    layers = network([7, 5, 3], gaussian(2.0, 0.5), first=gaussian(1.0))
    assert layers == (Layer(7, 5, 1 / 7), Layer(5, 3, 4 / 5, 0.25))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: network([7], law("pytorch")), "inputs and outputs"),
        (lambda: law("he_norm"), "did you mean 'he_normal'"),
        (lambda: law("lsuv"), "unknown initialisation"),
        (lambda: Layer(0, 3, 1.0), "fan_in = 0"),
        (lambda: Layer(3, 3, -1.0), "weight_variance = -1"),
        (lambda: Layer(3, 3, 1.0, float("nan")), "bias_variance = nan"),
    ],
)
def test_what_is_no_layer_is_refused(make, words):
    with pytest.raises(ActscopeError, match=words):
        make()


def test_an_unknown_distribution_is_refused(unchecked):
    with pytest.raises(ActscopeError, match="unknown distribution 'cauchy'"):
        Layer(3, 3, 1.0, distribution="cauchy")
