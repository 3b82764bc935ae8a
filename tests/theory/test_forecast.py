from functools import cache

import jax
import numpy as np
import pytest
from scipy.stats import norm

from actscope import activations
from actscope._errors import ActscopeError
from actscope.theory import Layer, forecast, gaussian, law, network

SEEDS, CHUNK, HIDDEN, WIDTH = 400, 25, 10, 256
PYTORCH = network([WIDTH] * (HIDDEN + 1) + [10], law("pytorch"))
SEEN = ("second_moment", "mean", "post_second_moment", "post_mean", "zeros", "saturated")


def simulate(names, layers):
    """What each hidden layer shows, by function and quantity: arrays of (seed, layer).

    A network and an example of mean square 1 for each seed, the same for all functions, forward
    and back by hand.
    """
    rng = np.random.default_rng(7)
    found = {name: {quantity: [] for quantity in (*SEEN, "gradient")} for name in names}
    for _ in range(SEEDS // CHUNK):
        x = rng.normal(size=(CHUNK, 1, layers[0].fan_in))
        x /= np.sqrt((x**2).mean(-1, keepdims=True))
        h = {name: x.astype(np.float32) for name in names}
        weights, slopes, seen = [], [], []
        for layer in layers[:-1]:
            weights.append(draw(rng, layer, layer.weight_variance, (layer.fan_in, layer.fan_out)))
            z = np.concatenate(list(h.values()), axis=1) @ weights[-1]
            z += draw(rng, layer, layer.bias_variance, (1, layer.fan_out))
            z = {name: z[:, [index]] for index, name in enumerate(names)}
            made = {name: both(name, z[name]) for name in names}
            h = {name: np.asarray(value) for name, (value, _) in made.items()}
            slopes.append(np.concatenate([slope for _, slope in made.values()], axis=1))
            seen.append({name: shown(name, z[name], *made[name]) for name in names})
        last = layers[-1]
        weights.append(draw(rng, last, last.weight_variance, (last.fan_in, last.fan_out)))
        back = rng.normal(size=(CHUNK, 1, last.fan_out)).astype(np.float32)
        norms = []
        for weight, slope in zip(weights[:0:-1], slopes[::-1], strict=True):
            back = slope * (back @ weight.swapaxes(1, 2))
            norms.append((back.astype(float) ** 2).sum(-1))
        for index, name in enumerate(names):
            for quantity in SEEN:
                found[name][quantity].append(np.stack([row[name][quantity] for row in seen], 1))
            found[name]["gradient"].append(np.stack(norms[::-1], 2)[:, index])
    return {name: {q: np.concatenate(p) for q, p in of.items()} for name, of in found.items()}


def draw(rng, layer, variance, shape):
    """Numbers of a chunk's networks, as the layer's law has them."""
    if layer.distribution == "uniform":
        bound = np.float32(np.sqrt(3 * variance))
        return bound * (2 * rng.random((CHUNK, *shape), np.float32) - 1)
    assert layer.distribution == "normal"
    return np.float32(np.sqrt(variance)) * rng.standard_normal((CHUNK, *shape), np.float32)


@cache
def program(name):
    activation = activations.get(name)
    return jax.jit(lambda z: (activation(z), activations.gradient(activation, z)))


def both(name, z):
    return jax.device_get(program(name)(z))


def shown(name, z, h, slope):
    facts, largest = activations.describe(activations.get(name)), largest_slope(name)
    sloping = np.ones(z.shape, bool)
    for low, high in facts.flat:
        if not np.isfinite([low, high]).all():
            sloping &= (z < low) | (z > high)
    small = sloping & (np.abs(slope) < 0.05 * largest)
    z, h = z.astype(float), h.astype(float)
    means = {"second_moment": z**2, "mean": z, "post_second_moment": h**2, "post_mean": h}
    means |= {"zeros": h == 0}
    with np.errstate(invalid="ignore"):
        share = small.sum((1, 2)) / sloping.sum((1, 2))
    return {quantity: part.mean((1, 2)) for quantity, part in means.items()} | {"saturated": share}


@cache
def largest_slope(name):
    activation = activations.get(name)
    largest = activations.describe(activation).largest_slope
    if np.isfinite(largest):
        return largest
    z = np.random.default_rng(0).normal(size=1_000_000).astype(np.float32)
    return np.sqrt(np.mean(np.asarray(activations.gradient(activation, z), float) ** 2))


def standard_error(samples):
    return samples.std(0, ddof=1) / np.sqrt(len(samples))


def ratio(gradient):
    """√ of the ratio of averages of squares to the last layer's, and its standard error."""
    with np.errstate(invalid="ignore", divide="ignore"):
        gradient = gradient / gradient[:, -1].mean()
        mean = gradient.mean(0)
        off = gradient - mean * gradient[:, -1:]  # of a ratio of means, by the delta method
        return np.sqrt(mean), standard_error(off) / 2 / np.sqrt(mean)


def standard_errors(comparisons):
    """How many of them to allow: three for one, by Bonferroni as rarely missed by so many."""
    return norm.isf(norm.sf(3) / comparisons)


def compare(simulations, layers):
    """Simulation and theory agree within their errors and what finite width explains.

    A simulation is of one seed, and so are all that are made of it: their errors are common.
    """
    allowed = standard_errors(len(simulations) * (len(SEEN) + 1) * (len(layers) - 1))
    wrong = [miss for item in simulations.items() for miss in misses_of(*item, layers, allowed)]
    assert not wrong, wrong


@cache
def expected(name, layers):
    return forecast(name, layers).layers


def misses_of(name, found, layers, allowed):
    layers = expected(name, layers)
    wrong = []
    for quantity in SEEN:
        estimates = [getattr(layer, quantity) for layer in layers]
        samples = found[quantity]
        assert quantity == "saturated" or np.isfinite(samples).all()
        mean, error = samples.mean(0), standard_error(samples)
        # What is so rare that no network shows it has no sample to take an error from.
        error = np.fmax(error, [e.scatter / np.sqrt(len(samples)) for e in estimates])
        wrong += misses((name, quantity), estimates, mean, allowed * error)
    norms, error = ratio(found["gradient"])
    estimates = [layer.gradient_norm for layer in layers[:-1]]
    return wrong + misses((name, "gradient"), estimates, norms, allowed * error)


def misses(what, estimates, mean, error):
    rows = zip(estimates, mean, error, strict=False)
    return [
        (what, index, estimate, found, wide)
        for index, (estimate, found, wide) in enumerate(rows)
        # A share of nothing is no number: where a network has no unit on a slope at all.
        if not np.isnan([estimate.limit, found]).any() and not agrees(estimate, found, wide)
    ]


def agrees(estimate, found, error):
    # The first order in 1/width is accounted for. The second is a small part of it, and s²/2 where
    # the first is as large as the limit (a product over layers: e^s beside 1 + s). The rest is what
    # float32 leaves of numbers of order 1.
    second = estimate.shift**2 / (2 * abs(estimate.limit)) if estimate.limit else 0
    allowed = error + 0.2 * estimate.allowance + second + 1e-6 * abs(estimate.limit) + 1e-30
    return abs(found - estimate.expected) <= allowed


FEW = ("relu", "tanh", "sigmoid", "swish", "leaky_relu")


@pytest.fixture(scope="module")
def few():
    return simulate(FEW, SMALL)


# Much less work, and finite width does four times as much.
SMALL = network([64] * 5 + [10], law("pytorch"))


@pytest.mark.heavy
def test_forecast_is_what_simulation_shows(few):
    compare(few, SMALL)


@pytest.mark.heavy
@pytest.mark.parametrize("name", FEW)
def test_scatter_is_that_of_single_networks(name, few):
    for index, layer in enumerate(expected(name, SMALL)):
        for quantity in ("second_moment", "mean", "post_second_moment", "post_mean"):
            scatter, found = getattr(layer, quantity).scatter, few[name][quantity][:, index].std()
            # 3.5 % from 400 networks, and the next order in 1/width.
            assert found == pytest.approx(scatter, rel=0.2), (quantity, index)


@pytest.mark.slow
def test_forecast_is_what_simulation_shows_of_every_function():
    known = [activations.get(name) for name in activations.names()]
    names = [a.name for a in known if a.elementwise and not a.random]
    compare(simulate(names, PYTORCH), PYTORCH)


@pytest.mark.slow
def test_forecast_is_what_simulation_shows_of_he_initialisation():
    layers = network([WIDTH] * (HIDDEN + 1) + [10], law("he_normal"))
    compare(simulate(("relu", "tanh", "swish"), layers), layers)


def test_relu_under_pytorchs_default_by_hand():
    layers = network([784, 256, 128, 10], law("pytorch"))
    first, second = forecast("relu", layers, input_second_moment=2.0).layers
    q1 = 2 / 3 + 1 / (3 * 784)
    q2 = q1 / 2 / 3 + 1 / (3 * 256)
    for layer, q in ((first, q1), (second, q2)):
        assert layer.second_moment.limit == pytest.approx(q, rel=1e-12)
        assert layer.post_second_moment.limit == pytest.approx(q / 2, rel=1e-12)
        assert layer.post_mean.limit == pytest.approx(np.sqrt(q / 2 / np.pi), rel=1e-12)
        assert (layer.zeros.limit, layer.mean.limit) == (pytest.approx(0.5, rel=1e-12), 0)
        assert layer.saturated.limit == 0  # its slope is 1 wherever it is not flat
    # σ_w² E[f'²] = 1/6 on the way back, whatever the width.
    assert first.gradient_norm.limit == pytest.approx(np.sqrt(1 / 6), rel=1e-12)
    assert second.gradient_norm.limit == 1


def test_relu_after_he_is_exact_at_any_width():
    """A relu layer is as linear in the variance as in the limit: nothing shifts, all scatters."""
    layers = forecast("relu", network([64] * 11 + [10], law("he_normal"))).layers
    for index, layer in enumerate(layers):
        assert layer.second_moment.limit == pytest.approx(2, rel=1e-12)
        assert layer.second_moment.allowance < 1e-12
        assert layer.gradient_norm.limit == pytest.approx(1, rel=1e-12)
        assert layer.gradient_norm.allowance < 1e-12
        # 5/width from each layer before it (Hanin and Rolnick 2018), 2/width from its own units.
        variance = 4 * (5 * index + 2) / 64
        assert layer.second_moment.scatter == pytest.approx(np.sqrt(variance), rel=1e-9)


@pytest.mark.heavy
def test_shares_by_the_normal_distribution_function():
    layers = network([100, 50, 10], gaussian(1.5))
    (hard,) = forecast("hard_tanh", layers).layers
    assert hard.saturated.limit == 0  # outside of ±1 it is flat by design
    (shrunk,) = forecast(lambda x: jax.numpy.where(abs(x) > 0.5, x, 0.0), layers).layers
    assert shrunk.zeros.limit == pytest.approx(norm.cdf(1 / 3) - norm.cdf(-1 / 3), rel=1e-6)
    (level,) = forecast("tanh", layers).layers
    edge = np.arccosh(np.sqrt(20))  # where 1 - tanh² is 5 %
    assert level.saturated.limit == pytest.approx(2 * norm.sf(edge / 1.5), rel=1e-12)


def test_without_a_slope_there_is_no_gradient():
    layers = network([10, 10, 10, 10], law("pytorch"))
    norms = [x.gradient_norm.limit for x in forecast(lambda x: 0 * x + 1, layers).layers]
    assert np.isnan(norms).all()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: forecast("relu", [Layer(3, 4, 1.0)]), "1 layers"),
        (lambda: forecast("relu", [Layer(3, 4, 1.0), Layer(5, 2, 1.0)]), "layer 1 has fan_in 5"),
        (lambda: forecast("relu", PYTORCH, float("nan")), "mean square nan"),
        (lambda: forecast("relu", PYTORCH, -1.0), "mean square -1"),
        (lambda: forecast(jax.numpy.cbrt, PYTORCH), "integral|finite|settle"),
        (lambda: forecast(jax.nn.softmax, PYTORCH), "stands alone"),
    ],
)
def test_what_has_no_forecast_is_refused(make, words):
    with pytest.raises(ActscopeError, match=words):
        make()


@pytest.mark.heavy
def test_a_gradient_that_underflows_is_none():
    # hardshrink lets next to nothing of a small signal through, less with each layer.
    layers = network([1000] * 32, law("pytorch"))
    found = forecast("hardshrink", layers).layers
    assert found[-1].zeros.limit == pytest.approx(1)
    assert np.isnan(found[0].gradient_norm.limit)
