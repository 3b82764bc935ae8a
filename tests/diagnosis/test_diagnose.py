"""Planted faults are found, each by its rule, and a healthy network is left alone."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import actscope
from actscope._errors import ActscopeError
from actscope.diagnosis import RULES, diagnose, rule
from actscope.probing import Model, profiled
from diagnosis.conftest import cross_entropy, forward


def test_a_healthy_network_is_left_alone(findings, weights):
    assert findings(weights(), optimizer=optax.sgd(0.1)) == {}


@pytest.mark.heavy
def test_dead_units_are_named_with_their_bound(findings, weights, batch):
    params = weights()
    params["layers"][1]["bias"] = jnp.where(jnp.arange(16) < 6, -1e3, 1.0)
    found = findings(params)["dead_units"]
    assert (found.site, found.severity) == ("layers.1", "warning")
    assert (found.evidence["dead"], found.evidence["units"]) == (6, 16)
    assert found.evidence["structural"] == 6
    # Bonferroni over 6 units: (1 - p)^200 = 0.05/6
    assert (1 - found.evidence["chance_to_wake"]) ** 200 == pytest.approx(0.05 / 6)
    assert "conftest.py:" in found.source


@pytest.mark.heavy
def test_from_one_example_no_unit_is_dead(findings, weights, batch):
    one = batch[0][:1], batch[1][:1]
    assert "dead_units" not in findings(weights(), data=one)


@pytest.mark.heavy
def test_half_a_layer_dead_is_an_error(findings, weights):
    params = weights()
    params["layers"][0]["bias"] = jnp.where(jnp.arange(16) < 8, -1e3, 1.0)
    assert findings(params)["dead_units"].severity == "error"


def saturating(params, x):
    return forward(params, x, jnp.tanh)


def test_saturated_units(findings, weights):
    found = findings(weights(gain=20.0), saturating)
    assert found["saturated_units"].evidence["share"] > 0.5


@pytest.mark.heavy
def test_vanishing_and_exploding_gradients_have_a_rate(findings, weights):
    small = findings(weights(10, 0.5), saturating)
    assert {"vanishing_gradient", "poor_initialization"} <= set(small)
    evidence = small["vanishing_gradient"].evidence
    assert evidence["per_layer_low"] < evidence["per_layer"] < evidence["per_layer_high"] < 1
    assert evidence["per_layer"] ** 9 == pytest.approx(evidence["ratio"])
    # σ_w² = 1/4: without saturation half of the gradient's norm passes a layer.
    assert evidence["per_layer"] == pytest.approx(0.5, rel=0.2)
    large = findings(weights(10, 4.0))
    assert {"exploding_gradient", "exploding_signal", "poor_initialization"} <= set(large)
    assert large["poor_initialization"].evidence["sigma_w_squared"] == pytest.approx(16, rel=0.3)
    assert large["poor_initialization"].evidence["critical_sigma_w_squared"] == pytest.approx(
        2, rel=1e-6
    )


@pytest.mark.heavy
def test_a_collapse_of_all_examples(findings, weights):
    params = weights(6, 0.6)
    for layer in params["layers"]:
        layer["bias"] = layer["bias"] + 1.0
    found = findings(params)["collapsed_correlation"]
    assert found.site == "layers.5"
    assert found.evidence["correlation"] > 0.99 > found.evidence["first_correlation"]


@pytest.mark.heavy
def test_a_collapse_in_the_first_layer_is_seen_beside_the_inputs(findings, weights):
    params = weights(2, 0.3)
    for layer in params["layers"]:
        layer["bias"] = layer["bias"] + 5.0
    found = findings(params)["collapsed_correlation"].evidence
    assert found["correlation"] > found["first_correlation"] > 0.99
    assert found["input_correlation"] == pytest.approx(0, abs=0.02)  # normal numbers, centred


def test_copies(findings, weights):
    params = weights()
    kernel = params["layers"][1]["kernel"]
    params["layers"][1]["kernel"] = jnp.concatenate([kernel[:, :8], kernel[:, :8]], axis=1)
    found = findings(params)["identical_units"]
    assert (found.site, found.evidence["share"]) == ("layers.1", 1.0)


@pytest.mark.heavy
def test_copies_in_a_loop_of_selu(findings, weights):
    """Its program holds constants, which have no numbers while it is compiled."""
    first, *others = weights(depth=5)["layers"]
    kernel = others[2]["kernel"]
    others[2]["kernel"] = jnp.concatenate([kernel[:, :8], kernel[:, :8]], axis=1)
    stacked = jax.tree.map(lambda *rows: jnp.stack(rows), *others)
    params = {"first": first, "layers": stacked, "out": weights()["out"]}

    def one(x, layer):
        return jax.nn.selu(x @ layer["kernel"] + layer["bias"][None]), None

    def looped(params, x):
        x, _ = jax.lax.scan(one, one(x, params["first"])[0], params["layers"])
        return x @ params["out"]["kernel"]

    found = findings(params, looped)["identical_units"]
    assert (found.site, found.evidence["share"]) == ("layers[2]", 1.0)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 50.0), (200.0, 0.0), (1e-3, 0.0)])
def test_inputs_that_are_not_normalised(findings, weights, batch, scale, shift):
    x, y = batch
    found = findings(weights(), data=(scale * x + np.float32(shift), y))["unnormalized_input"]
    assert found.evidence["mean"] == pytest.approx(shift, abs=0.2 * scale)
    assert found.evidence["std"] == pytest.approx(scale, rel=0.1)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("last", "outputs"),
    [(jax.nn.softmax, "probabilities"), (jax.nn.sigmoid, "sigmoid"), (jax.nn.relu, "relu")],
)
def test_an_activation_before_a_loss_of_logits(findings, weights, last, outputs):
    found = findings(weights(), lambda p, x: last(forward(p, x)))["output_activation"]
    assert (found.severity, found.evidence["outputs"]) == ("error", outputs)


@pytest.mark.heavy
def test_probabilities_that_are_nearly_the_same(findings, weights, batch):
    """A softmax of an untrained network: the loss hardly differs from one example to another."""

    def network(p, x):
        return jax.nn.softmax(1e-4 * forward(p, x))

    many = np.tile(batch[0], (5, 1)), np.tile(batch[1], 5)
    assert "output_activation" in findings(weights(), network, many)


@pytest.mark.heavy
def test_probabilities_of_sequences(findings, weights, batch):
    def network(p, x):
        return jax.nn.softmax(forward(p, x).reshape(50, 4, 3))

    def loss(outputs, targets):
        chosen = jax.nn.one_hot(targets, 3)
        return -(chosen * jax.nn.log_softmax(outputs)).sum(-1).mean()

    found = findings(weights(), network, (batch[0], batch[1].reshape(50, 4)), loss)
    assert found["output_activation"].evidence["outputs"] == "probabilities"


def of_logits(outputs, targets):
    return optax.sigmoid_binary_cross_entropy(outputs[:, 0], targets).mean()


def of_probabilities(outputs, targets):
    p = outputs[:, 0].clip(1e-6, 1 - 1e-6)
    return -(targets * jnp.log(p) + (1 - targets) * jnp.log(1 - p)).mean()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("loss", "last", "wrong"),
    [
        (of_logits, jax.nn.sigmoid, True),
        (of_logits, jax.nn.relu, True),
        (of_logits, lambda x: x, False),
        (of_probabilities, jax.nn.sigmoid, False),
        (lambda outputs, targets: squared(outputs[:, 0], targets), jax.nn.sigmoid, False),
    ],
)
def test_two_classes(findings, weights, batch, loss, last, wrong):
    targets = np.float32(batch[1] == 0)
    found = findings(weights(), lambda p, x: last(forward(p, x)[:, :1]), (batch[0], targets), loss)
    assert ("output_activation" in found) is wrong


def squared(outputs, targets):
    return jnp.square(outputs - targets).mean()


@pytest.mark.heavy
def test_targets_that_no_output_reaches(findings, weights, batch):
    def network(p, x):
        return jnp.tanh(forward(p, x))

    inside = batch[0][:, :3].clip(-0.9, 0.9)
    assert "output_activation" not in findings(weights(), network, (batch[0], inside), squared)
    found = findings(weights(), network, (batch[0], 3 * inside), squared)["output_activation"]
    beyond = (np.abs(3 * inside) > 1).mean()
    assert found.evidence["targets_out_of_reach"] == pytest.approx(beyond)


def test_where_the_first_nan_is(findings, weights):
    params = weights()
    params["layers"][1]["kernel"] = params["layers"][1]["kernel"].at[0, 0].set(jnp.nan)
    found = findings(params)
    assert found["diverged"].site == "layers.1"
    assert found["diverged"].evidence["share"] == 1 / 16
    assert "vanishing_gradient" not in found


@pytest.mark.heavy
def test_what_no_gradient_reaches(findings, weights):
    def cut(p, x):
        still = jax.lax.stop_gradient(p["layers"][0]["kernel"])
        return forward({**p, "layers": [p["layers"][0] | {"kernel": still}, *p["layers"][1:]]}, x)

    found = findings(weights(), cut)["detached_parameters"]
    assert found.evidence["parameters"] == "layers.0.kernel"


@pytest.mark.heavy
def test_a_branch_that_begins_at_0_is_not_detached(findings, weights):
    def skipping(p, x):
        return forward(p, x) + p["factor"] * jnp.tanh(x @ p["branch"]["kernel"])

    extra = {"factor": jnp.zeros(()), "branch": {"kernel": jnp.ones((6, 3))}}
    assert "detached_parameters" not in findings(weights() | extra, skipping)


@pytest.mark.heavy
def test_half_precision_loses_gradients(findings, weights):
    def half(p, x):
        p = jax.tree.map(lambda leaf: leaf.astype(jnp.float16), p)
        return (forward(p, x.astype(jnp.float16)) * jnp.float16(1e-4)).astype(jnp.float32)

    assert "gradient_underflow" in findings(weights(), half)
    assert "gradient_underflow" not in findings(weights(), lambda p, x: forward(p, x) * 1e-4)


@pytest.mark.heavy
def test_normalisation_by_the_batch(findings, weights):
    def normalised(p, x):
        x = forward(p, x)
        return (x - x.mean(0)[None]) / (x.std(0)[None] + 1e-3)

    assert "normalization_mode" in findings(weights(), normalised)


@pytest.mark.heavy
@pytest.mark.parametrize(("rate", "which"), [(1e-9, "update_ratio"), (1e-9, "not_learning")])
def test_a_learning_rate_that_is_too_small(findings, weights, rate, which):
    found = findings(weights(), optimizer=optax.sgd(rate))[which]
    assert found.severity == "warning"


@pytest.mark.heavy
def test_a_learning_rate_that_blows_the_weights_up(findings, weights):
    """Beside the weights as they are by then, its steps look small."""
    found = findings(weights(), optimizer=optax.adam(1.0))["update_ratio"]
    assert found.evidence["ratio"] > found.evidence["usual"] * found.evidence["threshold"]
    assert "update_ratio" not in findings(weights(), optimizer=optax.adam(1e-3))


def test_a_learning_rate_that_is_too_large_diverges(findings, weights):
    found = findings(weights(), optimizer=optax.sgd(1e20))
    assert found["diverged"].evidence["step"] < 60


@pytest.mark.heavy
def test_the_door_probes_and_diagnoses(weights, batch):
    params = weights(10, 0.5)
    found = actscope.probe(saturating, params, batch, cross_entropy)
    alone = profiled(Model.of(saturating, params, batch, cross_entropy))
    assert [each.rule for each in found.findings][:1] == ["vanishing_gradient"]
    assert alone.findings == ()
    assert {each.rule for each in diagnose(alone)} >= {"vanishing_gradient"}


def test_every_rule_of_the_contract_has_a_record():
    contract = (
        "dead_units saturated_units vanishing_gradient exploding_gradient vanishing_signal "
        "exploding_signal collapsed_correlation poor_initialization identical_units update_ratio "
        "not_learning diverged output_activation unnormalized_input gradient_underflow "
        "detached_parameters normalization_mode"
    )
    assert {each.name for each in RULES} == set(contract.split())
    assert rule("dead_units").threshold > 0
    with pytest.raises(ActscopeError, match="unknown rule 'dead'"):
        rule("dead")
