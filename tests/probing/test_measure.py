import json
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actscope import activations
from actscope._errors import ActscopeError
from actscope.networks import FeedForward
from actscope.probing import dead_units, profile, summarise

pytestmark = pytest.mark.heavy

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "probe.schema.json"
MEASURES = ("count", "nonfinite", "mean", "std", "min", "max", "l2", "fraction_zero")


def cut(data, cuts):
    """The examples of `data` in batches that end at `cuts`."""
    return list(zip(*(np.split(x, sorted(cuts)) for x in data), strict=True))


def assert_alike(found, expected, rtol=1e-5):
    for name in MEASURES:
        a, b = getattr(found, name), getattr(expected, name)
        # A mean may cancel to nearly 0.
        atol = 1e-6 * expected.std if name == "mean" else 0
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg=name)


def every_signal(found):
    for site in found.sites:
        yield from (site.pre, site.post, site.gradient)
    yield from found.outputs
    yield from (parameter.gradient for parameter in found.parameters)


def test_a_profile_is_what_numpy_works_out_by_hand(network, data):
    tapped, params = network
    # All tests cut at 16 and 32 alone, so that few shapes have to be compiled.
    found = profile(tapped, params, cut(data, (32,)), tapped.loss)
    signals, losses, gradients = tapped.by_hand(params, *data)
    assert found.examples == 48
    assert found.loss == pytest.approx(losses.mean(), rel=1e-6)
    assert found.accuracy == (signals["outputs"].argmax(axis=1) == data[1]).mean()
    assert_alike(found.outputs[0], summarise(signals["outputs"]))
    assert [site.name for site in found.sites] == ["first", "second"]
    for site in found.sites:
        pre, post, gradient = (
            signals[f"{site.name}/{which}"] for which in ("pre", "post", "gradient")
        )
        assert_alike(site.pre, summarise(pre))
        assert_alike(site.post, summarise(post))
        assert_alike(site.gradient, summarise(gradient))
        assert (site.activation, site.units) == (tapped.name, pre.shape[1])
        flat = (pre <= 0).all(axis=0) if tapped.name == "relu" else np.zeros(pre.shape[1], bool)
        np.testing.assert_array_equal(site.dead, flat)
        np.testing.assert_array_equal(site.dead_structural, flat)
        np.testing.assert_array_equal(site.always_zero, flat)
    by_name = {parameter.name: parameter for parameter in found.parameters}
    assert list(by_name) == [f"{i}.{name}" for i in range(3) for name in ("bias", "kernel")]
    for i, layer in enumerate(gradients):
        for name, gradient in layer.items():
            assert by_name[f"{i}.{name}"].shape == gradient.shape
            assert_alike(by_name[f"{i}.{name}"].gradient, summarise(gradient), 1e-4)


def test_histograms_are_numpys(network, data):
    tapped, params = network
    found = profile(tapped, params, cut(data, (32,)), tapped.loss)
    signals, _, _ = tapped.by_hand(params, *data)
    for site in found.sites:
        for which in ("pre", "post", "gradient"):
            values = signals[f"{site.name}/{which}"]
            histogram = getattr(site, which).histogram
            assert histogram.counts.sum() == values.size
            # Values near an edge may stand in either neighbour; the sums up to each edge show
            # that none went further. Rounding in the network: 1e-5.
            edges = np.linspace(values.min(), values.max(), len(histogram.counts) + 1)
            np.testing.assert_allclose(histogram.edges, edges, rtol=1e-5, atol=1e-5)
            below, ordered = np.cumsum(histogram.counts)[:-1], np.sort(values.ravel())
            assert (np.searchsorted(ordered, edges[1:-1] - 2e-5) <= below).all()
            assert (below <= np.searchsorted(ordered, edges[1:-1] + 2e-5)).all()


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # nothing changes them
)
@given(cuts=st.sets(st.sampled_from([16, 32])), order=st.permutations(range(48)))
def test_neither_cuts_nor_order_matter(cuts, order, small, data):
    relu = small("relu")
    params = relu.init(3)
    shuffled = tuple(x[np.asarray(order)] for x in data)
    found = profile(relu, params, cut(shuffled, cuts), relu.loss)
    whole = profile(relu, params, [data], relu.loss)
    assert (found.examples, found.accuracy) == (whole.examples, whole.accuracy)
    assert found.loss == pytest.approx(whole.loss, rel=1e-6)
    for a, b in zip(every_signal(found), every_signal(whole), strict=True):
        assert_alike(a, b)
        # A product of another shape may round otherwise, and move a value past an edge.
        moved = np.cumsum(a.histogram.counts) - np.cumsum(b.histogram.counts)
        assert np.abs(moved).max() <= 2
    for a, b in zip(found.sites, whole.sites, strict=True):
        np.testing.assert_array_equal(a.dead, b.dead)
        np.testing.assert_array_equal(a.always_zero, b.always_zero)
        assert a.saturated_fraction == b.saturated_fraction


@dataclass(frozen=True)
class Tapped:
    """A network as the probe wants it; equal for equal networks."""

    network: FeedForward

    def __call__(self, params, x, activate):
        return self.network.apply(params, {}, x, activate=activate)[0]


def mean_loss(outputs, targets):
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), targets[:, None], axis=1).mean()


def biased(activation, biases):
    """A network of one hidden layer without weights: each unit's input is its bias."""
    network = FeedForward(activations.get(activation), (len(biases),), 2)
    params, _ = network.init(jax.random.key(0), jnp.ones((1, 3)))
    params["layers"][0] = {
        "kernel": jnp.zeros((3, len(biases))),
        "bias": jnp.asarray(biases, jnp.float32),
    }
    return Tapped(network), params


@pytest.mark.parametrize(
    ("activation", "dead", "structural"),
    [
        ("relu", [0, 1, 2], [0, 1, 2]),
        ("leaky_relu", [], []),
        ("sigmoid", [0, 4], []),
        ("tanh", [0, 4], []),
        ("elu", [0], []),
    ],
)
def test_dead_units_of_both_kinds(activation, dead, structural):
    tapped, params = biased(activation, [-1000, -1, 0, 1, 1000])
    batches = 2 * [(np.ones((4, 3), np.float32), None)]
    (site,) = profile(tapped, params, batches).sites
    assert np.flatnonzero(site.dead).tolist() == dead
    assert np.flatnonzero(site.dead_structural).tolist() == structural
    found = site.to_json()
    assert (found["dead"], found["dead_structural"]) == (len(dead), len(structural))
    assert found["dead_units"] == dead


def test_one_example_in_the_last_batch_brings_a_unit_to_life():
    network = FeedForward(activations.get("relu"), (1,), 2)
    params, _ = network.init(jax.random.key(0), jnp.ones((1, 1)))
    params["layers"][0] = {"kernel": jnp.ones((1, 1)), "bias": jnp.zeros(1)}
    still = (-np.ones((3, 1), np.float32), None)
    awake = (np.asarray([[-1], [-1], [0.5]], np.float32), None)
    tapped = Tapped(network)
    assert profile(tapped, params, [still]).dead == [1]
    assert profile(tapped, params, [still, still, awake]).dead == [0]


def require_valid(found):
    """It is JSON without NaN, and what the published schema says."""
    text = json.dumps(found, allow_nan=False)
    jsonschema.validate(json.loads(text), json.loads(SCHEMA.read_text("utf-8")))


@pytest.mark.parametrize("with_loss", [True, False])
def test_json_is_what_the_schema_says(small, data, with_loss):
    relu = small("relu")
    require_valid(
        profile(relu, relu.init(), cut(data, (32,)), relu.loss if with_loss else None).to_json()
    )


def test_json_of_a_diverged_network_has_no_nan():
    tapped, params = biased("relu", [1, 2])
    params["layers"][0]["bias"] = jnp.asarray([np.nan, np.inf])
    batches = [(np.ones((4, 3), np.float32), np.zeros(4, np.int32))]
    found = profile(tapped, params, batches, mean_loss).to_json()
    require_valid(found)
    assert found["loss"] is None
    (site,) = found["sites"]
    assert site["pre"]["nonfinite"] == site["post"]["nonfinite"] == 8
    assert (site["pre"]["mean"], site["dead"]) == (None, 0)


def test_without_a_loss_targets_may_be_absent(small, data):
    relu = small("relu")
    found = profile(relu, relu.init(), [(data[0], None)])
    assert (found.loss, found.accuracy, found.parameters) == (None, None, ())
    assert [site.gradient for site in found.sites] == [None, None]


def test_channels_are_the_units_of_a_convolution_and_positions_examples():
    network = FeedForward(activations.get("relu"), (4, 3), 2, "convolution")
    x = np.random.default_rng(0).normal(size=(9, 6, 5)).astype(np.float32)
    params, _ = network.init(jax.random.key(0), x)
    biases = jnp.asarray([-9.0, 0.3, 0.0, 9.0])  # dead, two that vary, never silent
    params["layers"][0] |= {"bias": biases}
    targets = np.arange(9, dtype=np.int32) % 2
    tapped, batches = Tapped(network), [(x[:5], targets[:5]), (x[5:], targets[5:])]
    seen = []

    def activate(name, activation, pre, learned):
        seen.append(np.asarray(pre, np.float64))
        return activation(pre)

    network.apply(params, {}, x, activate=activate)
    found = profile(tapped, params, batches, mean_loss)
    dead = dead_units(tapped, params, batches)
    for site, pre in zip(found.sites, seen, strict=True):
        expected = (pre <= 0).all(axis=(0, 1, 2))
        np.testing.assert_array_equal(site.dead, expected)
        np.testing.assert_array_equal(dead[site.name].dead, expected)
        np.testing.assert_array_equal(dead[site.name].always_zero, expected)
        assert (site.units, site.pre.count) == (pre.shape[-1], pre.size)
        assert_alike(site.pre, summarise(pre))
        assert_alike(site.post, summarise(np.maximum(pre, 0)))
    assert found.sites[0].dead.tolist() == [True, False, False, False]

    def own_loss(shift, x, y):
        def activate(name, activation, pre, learned):
            return activation(pre + shift if name == "layers.1" else pre)

        return mean_loss(tapped(params, x[None], activate), y[None])

    shift = jnp.zeros((1, *seen[1].shape[1:]))
    own = [jax.grad(own_loss)(shift, *example) for example in zip(x, targets, strict=True)]
    assert_alike(found.sites[1].gradient, summarise(np.asarray(own)))


def test_what_an_activation_has_learned_decides_on_its_slopes():
    prelu = activations.get("leaky_relu", negative_slope=0.25, trainable=["negative_slope"])
    network = FeedForward(prelu, (2,), 2)
    params, _ = network.init(jax.random.key(0), np.ones((1, 3), np.float32))
    params["layers"][0] |= {"kernel": jnp.zeros((3, 2)), "bias": jnp.asarray([-1.0, 1.0])}
    batches = [(np.ones((4, 3), np.float32), np.zeros(4, np.int32))]
    for slope, dead, saturated in ((0.0, [True, False], 0.0), (0.01, [False, False], 0.5)):
        params["layers"][0] |= {"activation": {"negative_slope": jnp.float32(slope)}}
        (site,) = profile(Tapped(network), params, batches, mean_loss).sites
        assert site.dead.tolist() == dead
        assert dead_units(Tapped(network), params, batches)["layers.0"].dead.tolist() == dead
        assert not site.dead_structural.any()
        assert site.saturated_fraction == saturated
        assert site.post.min == pytest.approx(-slope)
    assert site.activation == "leaky_relu(negative_slope=0.25 learned)"


def test_all_nine_tensors_of_the_tutorials_network_are_seen():
    network = FeedForward(activations.get("tanh"), (8, 8, 8, 8), 3)
    x = np.random.default_rng(0).normal(size=(6, 2, 2)).astype(np.float32)
    params, _ = network.init(jax.random.key(0), x)
    found = profile(Tapped(network), params, [(x, None)])
    assert len(found.signals()) == 9
    assert [site.name for site in found.sites] == [f"layers.{i}" for i in range(4)]
    assert all("networks/_stack.py:" in site.source for site in found.sites)


def test_equal_networks_share_a_compilation(small, data):
    traces = []

    def counted_loss(outputs, targets):
        traces.append(outputs.shape)
        return mean_loss(outputs, targets)

    def probe(activation, seed):
        network = small(activation)
        profile(network, network.init(seed), cut(data, (32,)), counted_loss)

    probe("tanh", 0)
    assert len(traces) == 2  # batches of 32 and one of 16; the second pass has their signals
    probe("tanh", 1)
    assert len(traces) == 2
    probe("relu", 1)
    assert len(traces) == 4


def test_batches_that_come_only_once_are_refused(small, data):
    relu = small("relu")
    with pytest.raises(ActscopeError, match="an iterator, which gives them once; expected a list"):
        profile(relu, relu.init(), iter([data]), relu.loss)


def test_no_batch_is_refused(small):
    relu = small("relu")
    with pytest.raises(ActscopeError, match="there is no batch; expected one at least"):
        profile(relu, relu.init(), [], relu.loss)
