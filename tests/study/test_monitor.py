"""Every number that a study notes down, by hand: NumPy in float64, one hidden layer."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from actscope import activations
from actscope.networks import FeedForward
from actscope.study._monitor import monitor, monitors
from actscope.training import Rule, fit
from actscope.training._rule import Numbers
from actscope.training._step import first_carry, step

SEEN, EPOCHS = 256, range(3)
RATE, MOMENTUM = 0.01, 0.5
FUNCTIONS = {"relu": lambda pre: np.maximum(pre, 0), "tanh": np.tanh}
SLOPES = {"relu": lambda pre: (pre > 0).astype(float), "tanh": lambda pre: 1 - np.tanh(pre) ** 2}


def batch(job):
    """The first 256 training examples, normalised."""
    first = job.dataset.train.first(SEEN)
    return job.dataset.normalization(first.images), first.labels


def by_hand(name, params, job):
    """pre, post, the gradient of each example's own loss by pre, and that of the mean loss."""
    inputs, targets = batch(job)
    x = np.asarray(inputs, np.float64).reshape(SEEN, -1)
    w0, w1 = params["layers.0.kernel"], params["layers.1.kernel"]
    pre = x @ w0 + params["layers.0.bias"]
    post = FUNCTIONS[name](pre)
    outputs = post @ w1 + params["layers.1.bias"]
    odds = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    back = odds / odds.sum(axis=1, keepdims=True) - np.eye(outputs.shape[1])[targets]
    by_pre = (back @ w1.T) * SLOPES[name](pre)
    gradient = {
        "layers.0.bias": by_pre.mean(axis=0),
        "layers.0.kernel": x.T @ by_pre / SEEN,
        "layers.1.bias": back.mean(axis=0),
        "layers.1.kernel": post.T @ back / SEEN,
    }
    return pre, post, by_pre, gradient


def named(params):
    """The parameters by their dotted names."""
    return {
        f"layers.{index}.{key}": np.asarray(layer[key], np.float64)
        for index, layer in enumerate(params["layers"])
        for key in ("bias", "kernel")
    }


def rms(x):
    return np.sqrt(np.mean(np.square(x)))


def start():
    """Weights with units that relu, and at both ends tanh, leaves dead; others saturate tanh."""
    rng = np.random.default_rng(0)
    w0, w1 = rng.normal(0, 0.2, (64, 8)), rng.normal(0, 0.5, (8, 10))
    biases = np.float32([0, 0.5, -0.5, -60, 0, 60, 1, -1]), np.zeros(10, np.float32)
    layers = zip((w0, w1), biases, strict=True)
    return {"layers": [{"kernel": np.float32(w), "bias": b} for w, b in layers]}


def both(rule, numbers, carry, inputs, targets):
    """What is seen, and the parameters and momenta of which it is seen."""
    seen = monitor(rule, numbers, carry, inputs, targets)
    return {"seen": seen, "params": carry.params, "trace": carry.optimizer[1].trace}


@pytest.fixture(scope="module", params=["relu", "tanh"])
def trained(request, make_job):
    """What is seen of a training, a row an epoch, and the same by hand of each epoch."""
    name = request.param
    recipe = {"learning_rate": RATE, "momentum": MOMENTUM, "epochs": len(EPOCHS)}
    job = make_job(hidden=(8,), activation=name, start=(start(), {}), **recipe)
    observed = fit(job, observe=both).observed

    def part(prefix, epoch=...):
        found = {k.removeprefix(prefix): v for k, v in observed.items() if k.startswith(prefix)}
        return {key: value[epoch] for key, value in found.items()}

    states = [(part("params.", epoch), part("trace.", epoch)) for epoch in EPOCHS]
    states = [[{k: v.astype(np.float64) for k, v in t.items()} for t in pair] for pair in states]
    hand = [by_hand(name, params, job) for params, _ in states]
    return name, part("seen.sites.layers.0."), part("seen.layers."), states, hand


@pytest.mark.heavy
def test_moments_and_shares(trained):
    _, site, _, _, hand = trained
    for epoch, (pre, post, by_pre, _) in enumerate(hand):
        expected = {
            "pre_mean": pre.mean(),
            "pre_variance": pre.var(),
            "post_mean": post.mean(),
            "post_variance": post.var(),
            "zero": (post == 0).mean(),
            "gradient_rms": rms(by_pre),
            "low": pre.min(),
            "high": pre.max(),
        }
        for field, value in expected.items():
            np.testing.assert_allclose(
                site[field][epoch], value, rtol=1e-4, atol=1e-6, err_msg=field
            )


@pytest.mark.heavy
def test_dead_and_saturated_units(trained):
    name, site, _, _, hand = trained
    # In float32 the slope of tanh is 0 this far from 0; that of relu to the right is 1.
    quiet = {"relu": lambda pre: pre <= 0, "tanh": lambda pre: np.abs(pre) > 10}
    for epoch, (pre, *_) in enumerate(hand):
        dead = quiet[name](pre).all(axis=0)
        assert dead[3]
        assert dead[5] == (name == "tanh")
        np.testing.assert_array_equal(site["dead_mask"][epoch], dead)
        assert site["dead"][epoch] == dead.sum()
        slopes = SLOPES[name](pre[:, ~dead])
        sloping = slopes[(slopes > 0) | (name == "tanh")]  # where relu is flat by design is not
        np.testing.assert_allclose(site["saturated"][epoch], (sloping < 0.05).mean(), rtol=1e-6)
    assert (site["saturated"] > 0.01).all() == (name == "tanh")


@pytest.mark.parametrize(("prefix", "place"), [("", 0), ("post_", 1), ("gradient_", 2)])
def test_the_histograms(trained, prefix, place):
    _, site, _, _, hand = trained
    for epoch, signals in enumerate(hand):
        ends = float(site[f"{prefix}low"][epoch]), float(site[f"{prefix}high"][epoch])
        values, found = signals[place], site[f"{prefix}histogram"][epoch]
        assert ends == pytest.approx((values.min(), values.max()), rel=1e-4, abs=1e-6)
        counts, _ = np.histogram(values.clip(*ends), 50, ends)
        assert found.sum() == values.size
        # Values at the edge of a bin, by their last digit.
        assert np.abs(np.cumsum(found) - np.cumsum(counts)).max() <= 4


def test_gradients_and_the_step_that_they_would_make(trained):
    _, _, layers, states, hand = trained
    for epoch, ((weights, traces), (*_, gradient)) in enumerate(zip(states, hand, strict=True)):
        for key, weight in weights.items():
            field = {name: layers[f"{key}.{name}"][epoch] for name in FIELDS}
            change = RATE * (gradient[key] + MOMENTUM * traces[key])
            expected = {
                "gradient_norm": np.linalg.norm(gradient[key]),
                "weight_rms": rms(weight),
                "update_ratio": rms(change) / rms(weight),
            }
            for name, value in expected.items():
                np.testing.assert_allclose(field[name], value, rtol=1e-4, err_msg=f"{key} {name}")


FIELDS = ("gradient_norm", "weight_rms", "update_ratio")


def look(job, carry):
    """The monitor on a carry."""
    rule, numbers, (inputs, targets) = Rule.of(job), Numbers.of(job), batch(job)
    seen = jax.jit(lambda carry: monitor(rule, numbers, carry, inputs, targets))(carry)
    return jax.tree.map(np.asarray, seen)


@pytest.mark.heavy
def test_the_update_is_that_of_the_next_step_on_this_batch(make_job):
    recipe = {"learning_rate": 0.01, "weight_decay": 0.1, "gradient_clip": 0.1}
    job = make_job(hidden=(8,), optimizer="adamw", schedule="cosine", **recipe)
    rule, numbers, examples = Rule.of(job), Numbers.of(job), batch(job)
    next_ = jax.jit(lambda carry: step(rule, numbers, carry, *examples)[0])
    now = next_(next_(first_carry(rule, *job.begin())))
    before, after = named(now.params), named(next_(now).params)
    for key, layer in look(job, now)["layers"].items():
        change = after[key] - before[key]  # of numbers that were rounded, as its third digit shows
        np.testing.assert_allclose(layer["update_ratio"], rms(change) / rms(before[key]), rtol=1e-3)


@pytest.mark.heavy
def test_the_network_is_looked_at_as_it_is_used(make_job):
    """No dropout, and running statistics where training takes those of its batch."""
    network = FeedForward(activations.get("relu"), (8,), normalization="batch", dropout=0.5)
    job = replace(make_job(), network=network)
    params, state = job.begin()
    state = jax.tree.map(lambda x: x + 3, state)
    site = look(job, first_carry(Rule.of(job), params, state))["sites"]["layers.0"]
    layer, x = named(params), np.asarray(batch(job)[0]).reshape(SEEN, -1)
    plain = x @ layer["layers.0.kernel"] + layer["layers.0.bias"]
    pre = (plain - 3) / np.sqrt(1 + 3 + 1e-5)
    np.testing.assert_allclose(site["pre_mean"], pre.mean(), rtol=1e-5)
    np.testing.assert_allclose(site["pre_variance"], pre.var(), rtol=1e-5)


class Bare(FeedForward):
    """A network that shows nothing."""

    def apply(self, params, state, x, *, key=None, train=False):
        return super().apply(params, state, x, key=key, train=train)


def test_a_network_that_shows_nothing_has_parameters_all_the_same(make_job):
    job = replace(make_job(momentum=0.0), network=Bare(activations.get("relu"), (8,)))
    seen = look(job, first_carry(Rule.of(job), start(), {}))
    assert seen["sites"] == {}
    weights = named(start())
    *_, gradient = by_hand("relu", weights, job)
    for key, layer in seen["layers"].items():
        norm = np.linalg.norm(gradient[key])
        np.testing.assert_allclose(layer["gradient_norm"], norm, rtol=1e-4, err_msg=key)
    ratio = seen["layers"]["layers.1.bias"]["update_ratio"]
    assert np.isnan(ratio)  # of weights that are all 0


def test_what_was_observed_is_told_by_name_in_the_order_of_the_network():
    ten, two = np.array([0.5, 0.25]), np.array([1.0, 2.0])
    observed = {
        "layers.w.gradient_norm": np.zeros(2),
        "sites.layers.10.zero": ten,
        "sites.layers.2.zero": two,
    }
    found = monitors(observed, "sites", ["layers.2", "layers.5", "layers.10"])
    assert list(found) == ["layers.2", "layers.10"]
    np.testing.assert_equal(found["layers.10"], {"epoch": np.array([1, 2]), "zero": ten})
    np.testing.assert_equal(found["layers.2"], {"epoch": np.array([1, 2]), "zero": two})
    assert list(monitors(observed, "layers", [])) == ["w"]
    assert monitors({}, "sites", ["layers.2"]) == {}
