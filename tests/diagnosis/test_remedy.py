"""Remedies: what is tried on a sick model, what it does, what is said of it."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from actscope import theory
from actscope._errors import ActscopeError
from actscope.diagnosis import examined, remedy
from actscope.diagnosis._case import Case
from actscope.diagnosis._changes import changes
from actscope.diagnosis._starts import NotApplied
from actscope.diagnosis._training import ending
from actscope.probing import Model
from diagnosis.conftest import cross_entropy, forward


def case_of(params, batch, function=forward):
    model = Model.of(function, params, batch, cross_entropy, None, optax.sgd(0.1))
    return Case(examined(model), model)


def change(case, name, rule):
    """The changed model."""
    made = {each.name: each.make for each in changes(case, {rule})}
    return made[name]()(case.model)


@pytest.mark.heavy
def test_a_start_far_too_small_is_cured_by_the_critical_one(weights, batch):
    def init(key):
        return weights(8, 0.3, seed=int(jax.random.randint(key, (), 0, 10**6)))

    pairs = [(batch[0][:100], batch[1][:100]), (batch[0][100:], batch[1][100:])]
    model = Model.of(forward, init(jax.random.key(9)), pairs, cross_entropy, init, optax.sgd(0.3))
    found = remedy(model, examined(model), steps=80, screen=2, seeds=4)
    names = [each.name for each in found.tried]
    assert names[:2] == ["critical initialisation", "critical initialisation, updates x 0.1"]
    assert "layer normalisation before each activation" in names
    assert found.chosen is not None
    assert found.chosen.lower.n == 4
    low = found.chosen.lower.difference.low
    assert 0 < low < found.chosen.losses[0] - found.chosen.losses[1]
    assert str(found.chosen).endswith("4 fresh seeds")
    assert f"[{low:.3g}, " in str(found.chosen)


@pytest.mark.heavy
def test_the_critical_start_has_the_critical_variance(weights, batch):
    made = change(case_of(weights(4, 0.3), batch), "critical initialisation", "vanishing_gradient")
    wanted = theory.start("relu").sigma_w
    for layer in made.params["layers"][1:]:
        assert float(layer["kernel"].std()) * 4 == pytest.approx(wanted, rel=1e-5)
    # The first layer gives its outputs the variance q from inputs of mean square 1 or so.
    out = batch[0] @ np.asarray(made.params["layers"][0]["kernel"])
    assert out.var() == pytest.approx(1, rel=0.5)
    np.testing.assert_array_equal(made.params["out"]["kernel"], weights(4, 0.3)["out"]["kernel"])


@pytest.mark.heavy
def test_dead_units_wake_up_by_their_bias(weights, batch):
    params = weights()
    bias = jnp.where(jnp.arange(16) < 6, -1e3, 0.5)
    params["layers"][1]["bias"] = bias
    made = change(case_of(params, batch), "bias of dead units 0.1", "dead_units")
    found = np.asarray(made.params["layers"][1]["bias"])
    np.testing.assert_allclose(found, np.where(np.arange(16) < 6, 0.1, 0.5), rtol=1e-6)


@pytest.mark.heavy
def test_another_activation_stands_in_the_program(weights, batch):
    params = weights()
    made = change(case_of(params, batch), "leaky_relu instead", "dead_units")
    expected = forward(params, batch[0], lambda z: jnp.where(z > 0, z, 0.1 * z))
    np.testing.assert_allclose(made.function(params, batch[0]), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.heavy
def test_normalisation_stands_before_the_activation(weights, batch):
    params = weights()
    name = "layer normalisation before each activation"
    made = change(case_of(params, batch), name, "exploding_signal")

    def act(z):
        centred = z - z.mean(-1, keepdims=True)
        return jax.nn.relu(centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5))

    expected = forward(params, batch[0], act)
    np.testing.assert_allclose(made.function(params, batch[0]), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.heavy
def test_no_activation_before_the_output(weights, batch):
    params = weights()
    case = case_of(params, batch, lambda p, x: jax.nn.relu(forward(p, x)))
    made = change(case, "no activation before the output", "output_activation")
    expected = forward(params, batch[0])
    np.testing.assert_allclose(made.function(params, batch[0]), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.heavy
def test_no_softmax_before_the_output(weights, batch):
    params, (x, y) = weights(), batch
    case = case_of(params, batch, lambda p, x: jax.nn.softmax(forward(p, x)))
    made = change(case, "no softmax before the output", "output_activation")
    expected = cross_entropy(forward(params, x), y)
    found = cross_entropy(made.function(params, x), y)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    plain = case_of(params, batch)
    with pytest.raises(NotApplied, match="no probabilities"):
        change(plain, "no softmax before the output", "output_activation")


def test_two_batches_have_many_orders(weights, batch):
    x, y = batch
    pairs = [(x[:100], y[:100]), (x[100:], y[100:])]
    model = Model.of(forward, weights(), pairs, cross_entropy, None, optax.sgd(0.1))
    found = {ending(model, 12, seed) for seed in range(8)}
    assert len(found) > 4
    assert ending(model, 12, 3) == ending(model, 12, 3)


def test_inputs_are_normalised(weights, batch):
    x, y = batch
    params = weights()
    case = case_of(params, (50 * x + np.float32(7), y))
    made = change(case, "normalised inputs", "unnormalized_input")
    expected = forward(params, (x - x.mean()) / x.std())
    given = jnp.asarray(50 * x + np.float32(7))
    np.testing.assert_allclose(made.function(params, given), expected, rtol=1e-3, atol=1e-4)


def residual(params, x):
    for layer in params["layers"]:
        h = jax.nn.relu(x @ layer["kernel"] + layer["bias"][None])
        x = x + (h @ layer["back"] + layer["after"][None])
    return x @ params["out"]["kernel"]


@pytest.fixture
def branched(weights):
    params = weights(4)
    for layer in params["layers"]:
        layer["kernel"] = jnp.ones((6, 16)) / 6 + layer["kernel"][:6] / 6
        layer["back"], layer["after"] = 1 + layer["kernel"].T, jnp.ones(6)
    return params | {"out": {"kernel": jnp.ones((6, 3))}}


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "scale"), [("x 1/√N", 0.5), ("from 0", 0.0)])
def test_residual_branches_begin_smaller(branched, batch, name, scale):
    case = case_of(branched, batch, residual)
    made = change(case, f"residual branches {name}", "exploding_signal")
    x = expected = batch[0][:5]
    plain = jax.tree.map(np.asarray, branched)
    for layer in plain["layers"]:  # four branches: 1/√4
        h = np.maximum(expected @ layer["kernel"] + layer["bias"], 0)
        expected = expected + scale * (h @ layer["back"] + layer["after"])
    expected = expected @ plain["out"]["kernel"]
    np.testing.assert_allclose(made.function(made.params, x), expected, rtol=1e-4, atol=1e-5)


def test_without_a_branch_it_says_so(weights, batch):
    with pytest.raises(NotApplied, match="no residual branch was recognised"):
        change(case_of(weights(), batch), "residual branches from 0", "exploding_signal")


@pytest.mark.heavy
def test_the_dead_units_of_another_start_are_others(weights, batch):
    params, other = weights(), weights()
    params["layers"][1]["bias"] = jnp.where(jnp.arange(16) < 6, -1e3, 0.5)
    other["layers"][1]["bias"] = jnp.where(jnp.arange(16) > 12, -1e3, 0.5)
    case = case_of(params, batch)
    made = {each.name: each.make for each in changes(case, {"dead_units"})}
    apply = made["bias of dead units 0.1"]()
    found = apply(replace(case.model, params=other)).params["layers"][1]["bias"]
    np.testing.assert_allclose(found, np.where(np.arange(16) > 12, 0.1, 0.5), rtol=1e-6)


def test_copies_are_drawn_anew(weights, batch):
    params = weights()
    params["layers"][1]["kernel"] = jnp.ones((16, 16))
    made = change(case_of(params, batch), "critical initialisation", "identical_units")
    kernel = np.asarray(made.params["layers"][1]["kernel"])
    assert len(np.unique(kernel)) == kernel.size
    assert kernel.std() * 4 == pytest.approx(theory.start("relu").sigma_w, rel=1e-5)


@pytest.mark.heavy
def test_one_program_serves_every_size_of_the_steps(weights, batch):
    case = case_of(weights(), batch)
    larger = change(case, "updates x 10", "not_learning")
    smaller = change(case, "updates x 0.1", "not_learning")
    assert larger.optimizer.update is smaller.optimizer.update
    gradient = jax.tree.map(jnp.ones_like, case.model.params)
    for made, expected in ((larger, -1.0), (smaller, -0.01)):  # SGD at 0.1
        state = made.optimizer.init(case.model.params)
        updates, _ = made.optimizer.update(gradient, state, case.model.params)
        assert float(updates["out"]["kernel"][0, 0]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.heavy
def test_what_diverges_is_cured_by_smaller_steps(weights, batch):
    def init(key):
        return weights(1, seed=int(jax.random.randint(key, (), 0, 10**6)))

    def linear(params, x):
        return x @ params["layers"][0]["kernel"] @ params["out"]["kernel"]

    def loss(outputs, targets):
        return jnp.square(outputs - jax.nn.one_hot(targets, 3)).mean()

    model = Model.of(linear, init(jax.random.key(0)), batch, loss, init, optax.sgd(2.0))
    found = remedy(model, examined(model), steps=25, screen=1, seeds=2)
    assert found.chosen is not None
    assert found.chosen.name == "updates x 0.1"
    assert (found.chosen.diverged, found.chosen.lower) == ((2, 0), None)
    assert str(found.chosen).endswith("where without it all of 2 fresh seeds diverged")


@pytest.mark.heavy
def test_what_cannot_be_made_is_said(weights, batch):
    params = weights()
    del params["layers"][0]["bias"], params["layers"][1]["bias"], params["layers"][2]["bias"]

    def bare(p, x):
        for layer in p["layers"]:
            x = jax.nn.relu(x @ layer["kernel"])
        return x @ p["out"]["kernel"]

    with pytest.raises(NotApplied, match="no bias of the dead units"):
        change(case_of(params, batch, bare), "bias of dead units 0.1", "dead_units")


@pytest.mark.heavy
def test_a_model_without_a_loss_is_refused(weights, batch):
    model = Model.of(forward, weights(), (batch[0], None))
    with pytest.raises(ActscopeError, match="a model without a loss"):
        remedy(model, examined(model))


@pytest.mark.heavy
def test_the_critical_start_of_layers_in_a_loop(batch):
    rng = np.random.default_rng(0)
    params = {
        "layers": jnp.asarray(0.1 * rng.normal(size=(5, 6, 6)), jnp.float32),
        "out": jnp.asarray(rng.normal(size=(6, 3)), jnp.float32),
    }

    def looped(p, x):
        def layer(h, w):
            return jax.nn.relu(h @ w), None

        return jax.lax.scan(layer, x, p["layers"])[0] @ p["out"]

    made = change(case_of(params, batch, looped), "critical initialisation", "vanishing_gradient")
    assert float(made.params["layers"].std()) * 6**0.5 == pytest.approx(2**0.5, rel=1e-5)
