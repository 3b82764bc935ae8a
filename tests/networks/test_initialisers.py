import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.networks import FeedForward, initialisations, initialiser, layers
from actscope.theory import start

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


def normal(variance):
    return stats.norm(scale=math.sqrt(variance))


# The closed forms: LeCun 1/fan_in, Glorot 2/(fan_in + fan_out), He 2/fan_in; a uniform
# distribution of variance v has bound √(3v). PyTorch's bound is 1/√fan_in.
VARIANCES = {"lecun": 1 / FAN_IN, "glorot": 2 / (FAN_IN + FAN_OUT), "he": 2 / FAN_IN}
DISTRIBUTIONS = {"pytorch": uniform(1 / math.sqrt(FAN_IN))}
for _who, _variance in VARIANCES.items():
    DISTRIBUTIONS[f"{_who}_normal"] = normal(_variance)
    DISTRIBUTIONS[f"{_who}_uniform"] = uniform(math.sqrt(3 * _variance))
    DISTRIBUTIONS[f"{_who}_truncated"] = cut_normal(_variance)
DISTRIBUTIONS["critical"] = normal(1 / FAN_IN)  # times the gain, where an activation precedes


@pytest.mark.heavy
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


@pytest.mark.heavy
@pytest.mark.parametrize("shape", [(40, 30), (30, 40), (30, 30)])
def test_orthogonal_weights_are_orthogonal(shape):
    weights = kernel("orthogonal", shape)
    product = weights.T @ weights if shape[0] >= shape[1] else weights @ weights.T
    np.testing.assert_allclose(product, np.eye(min(shape)), atol=1e-6)
    # Closed form: min(shape) unit vectors over all entries.
    assert np.mean(weights**2) == pytest.approx(1 / max(shape), rel=1e-6)


@pytest.mark.heavy
def test_the_fan_in_of_a_convolution_is_all_that_a_unit_sees():
    weights = kernel("pytorch", (3, 3, 20, 50))
    bound = 1 / math.sqrt(3 * 3 * 20)
    # Of 9,000 draws the largest lies within 0.2 % of the bound but for once in 10^8 times.
    assert 0.998 * bound < np.abs(weights).max() <= bound * (1 + 1e-6)


def test_pytorchs_biases_share_the_bound_of_its_weights():
    bias = initialiser("pytorch").bias(FAN_IN)(jax.random.key(1), (20_000,), jnp.float32)
    expected = DISTRIBUTIONS["pytorch"]
    assert stats.kstest(np.asarray(bias), expected.cdf).statistic < 1.95 / math.sqrt(20_000)


@pytest.mark.parametrize("name", [*list(DISTRIBUTIONS)[1:], "orthogonal", "lsuv"])
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


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("lecun_normal", "he_normal", math.sqrt(2)),
        ("lecun_normal", "glorot_normal", math.sqrt(2 * FAN_IN / (FAN_IN + FAN_OUT))),
        ("lecun_normal", "critical", 1),
        ("lecun_uniform", "he_uniform", math.sqrt(2)),
        ("lecun_truncated", "he_truncated", math.sqrt(2)),
        ("pytorch", "lecun_uniform", math.sqrt(3)),
        ("orthogonal", "lsuv", 1),
    ],
)
def test_the_same_key_gives_the_same_numbers_before_scaling(one, other, ratio):
    np.testing.assert_allclose(kernel(one) * ratio, kernel(other), rtol=1e-5, atol=1e-8)


@pytest.mark.heavy
@pytest.mark.parametrize("shape", [(30, 40), (3, 3, 5, 7)])
def test_members_of_one_key_start_from_the_same_normal_numbers(shape):
    raw = jax.random.normal(jax.random.key(4), shape)
    for name in ("lecun_normal", "glorot_normal", "he_normal", "critical"):
        ratio = kernel(name, shape, seed=4) / np.asarray(raw, np.float64)
        np.testing.assert_allclose(ratio, ratio.flat[0], rtol=1e-6)


def test_all_names_are_known():
    *scaled, critical = DISTRIBUTIONS
    assert initialisations() == (*scaled, "orthogonal", critical, "lsuv")
    for name in initialisations():
        assert initialiser(name).name == name


def test_some_need_more_than_their_key():
    needy = [name for name in initialisations() if not initialiser(name).needs_key_alone]
    assert needy == ["critical", "lsuv"]


def test_the_tutorials_is_pytorchs():
    assert initialiser("tutorial") is initialiser("pytorch")


def test_an_unknown_name_is_refused():
    with pytest.raises(ActscopeError, match=r"unknown initialisation 'he_norml'.*'he_normal'"):
        initialiser("he_norml")


X = np.random.default_rng(0).normal(1, 3, (64, 8, 8)).astype(np.float32)


def network(initialisation, layer="dense", activation="elu", hidden=(30, 30, 20)):
    return FeedForward(activations.get(activation), hidden, 4, layer, initialisation=initialisation)


UNLIKE = {"pytorch", "lecun_truncated", "orthogonal", "critical", "lsuv"}


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "layer"),
    [
        # Of those that only scale what is drawn, one stands for all each time.
        *(
            pytest.param(name, "dense", marks=[pytest.mark.slow] * (name not in UNLIKE))
            for name in initialisations()
        ),
        ("lsuv", "convolution"),
    ],
)
def test_members_are_what_each_would_be_alone(name, layer):
    start, keys = network(name, layer, hidden=(6,)).init, jax.random.split(jax.random.key(1), 2)
    together, _ = jax.vmap(lambda key: start(key, X[:8]))(keys)
    compiled, _ = jax.jit(start)(keys[1], X[:8])
    # The moment that some divide by may be summed in another order; and compiled, a product of
    # three factors may be rounded once less.
    rtol = 1e-5 if name in ("critical", "lsuv") else 0
    for index, key in enumerate(keys):
        alone, _ = start(key, X[:8])
        for a, b in zip(jax.tree.leaves(together), jax.tree.leaves(alone), strict=True):
            np.testing.assert_allclose(a[index], b, rtol=rtol, atol=0)
    for a, b in zip(jax.tree.leaves(compiled), jax.tree.leaves(alone), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=0)


def pre_activations(network, params, x=X):
    """What each layer makes of its input without its biases (0 here), and the output."""
    seen = []

    def activate(name, activation, pre, learned):
        seen.append(np.asarray(pre, np.float64))
        return activation(pre)

    outputs, _ = network.apply(params, {}, x, activate=activate)
    return [*seen, np.asarray(outputs, np.float64)]


@pytest.mark.heavy
@pytest.mark.parametrize("layer", ["dense", "convolution"])
@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid", "swish"])
def test_critical_keeps_second_moments(name, layer):
    # Noise of second moment 3 and wide layers: at infinite width every second moment is q.
    made = network("critical", layer, name, hidden=(500,) * 3 if layer == "dense" else (60,) * 3)
    x = np.random.default_rng(1).normal(0, math.sqrt(3), (20, 16, 16)).astype(np.float32)
    params, _ = made.init(jax.random.key(0), x)
    asked = start(name)
    q = asked.q or 1.0
    first, *later = (np.mean(pre**2) for pre in pre_activations(made, params, x)[:-1])
    # Biases of 500 or 60 units scatter by √(2/units) of their share in q.
    units = made.hidden_sizes[0]
    assert first == pytest.approx(q, rel=3 * math.sqrt(2 / units) * asked.sigma_b**2 / q + 1e-5)
    if layer == "dense":  # in a convolution borders take some away
        # Each layer scatters by √(2/500) = 6 % and hands that on: three standard errors of three.
        np.testing.assert_allclose(later, q, rtol=3 * 0.063 * math.sqrt(3))
    plain, _ = network("lecun_normal", layer, name, hidden=made.hidden_sizes).init(
        jax.random.key(0), x
    )
    for ours, theirs in list(zip(params["layers"], plain["layers"], strict=True))[1:]:
        kernel = asked.sigma_w * np.asarray(theirs["kernel"], np.float64)
        np.testing.assert_allclose(ours["kernel"], kernel, rtol=1e-6)
        spread = np.std(ours["bias"])
        assert spread == pytest.approx(asked.sigma_b, rel=4 / math.sqrt(2 * ours["bias"].size))


@pytest.mark.heavy
def test_critical_leaves_what_a_blank_image_makes():
    made = network("critical", activation="relu")
    params, _ = made.init(jax.random.key(0), np.zeros_like(X))
    plain, _ = network("lecun_normal", activation="relu").init(jax.random.key(0), X)
    np.testing.assert_array_equal(params["layers"][0]["kernel"], plain["layers"][0]["kernel"])


def test_critical_needs_a_slope():
    nothing = Activation("nothing", lambda x: 0 * x)
    with pytest.raises(ActscopeError, match=r"nothing"):
        FeedForward(nothing, initialisation="critical")


def test_critical_needs_a_function_of_one_number():
    with pytest.raises(ActscopeError, match="makes 1 of 2 numbers"):
        FeedForward(activations.get("glu"), initialisation="critical")


@pytest.mark.heavy
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("layer", ["dense", "convolution"])
def test_lsuv_gives_every_layer_unit_variance(layer, activation):
    made = network("lsuv", layer, activation)
    params, _ = made.init(jax.random.key(3), X)
    variances = [pre.var() for pre in pre_activations(made, params)]
    np.testing.assert_allclose(variances, 1, atol=0.1)
    # By the algorithm each kernel is an orthogonal one times a number.
    plain, _ = network("orthogonal", layer, activation).init(jax.random.key(3), X)
    for one, other in zip(params["layers"], plain["layers"], strict=True):
        ratio = np.asarray(one["kernel"], np.float64) / np.asarray(other["kernel"], np.float64)
        np.testing.assert_allclose(ratio, ratio.flat[0], rtol=1e-5)


@pytest.mark.heavy
def test_lsuv_leaves_a_variance_near_enough():
    # Orthogonal weights keep the variance of white inputs: 0.95 is within a tenth of 1.
    x = np.random.default_rng(0).normal(scale=math.sqrt(0.95), size=(4000, 20)).astype(np.float32)
    near, _ = network("lsuv", hidden=(20,)).init(jax.random.key(0), x)
    plain, _ = network("orthogonal", hidden=(20,)).init(jax.random.key(0), x)
    np.testing.assert_array_equal(near["layers"][0]["kernel"], plain["layers"][0]["kernel"])


@pytest.mark.heavy
def test_lsuv_scales_the_branch_of_a_residual_layer():
    made = network("lsuv", "residual", "tanh", (30, 30, 20))
    params, _ = made.init(jax.random.key(3), X)
    _, *branches, _ = params["layers"]
    signals = pre_activations(made, params)
    assert signals[0].var() == pytest.approx(1, abs=1e-5)
    assert "shortcut" not in branches[0]
    for layer, signal in zip(branches, signals, strict=False):
        branch = np.tanh(signal) @ np.asarray(layer["kernel"], np.float64)
        assert branch.var() == pytest.approx(1, abs=0.1)


@pytest.mark.heavy
@pytest.mark.parametrize("layer", layers())
def test_lsuv_of_trivial_inputs_is_finite(layer):
    start = jax.jit(network("lsuv", layer, "relu", (9, 6)).init)
    for value in (0.0, 1.0, np.inf):
        params, _ = start(jax.random.key(0), np.full((1, 8, 8), value, np.float32))
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(params))
        assert all(np.abs(each["kernel"]).max() > 0 for each in params["layers"])
