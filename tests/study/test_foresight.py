"""That what theory expects of a network is what the probe finds in networks that are drawn."""

import math

import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.networks import FeedForward
from actscope.study import foresee
from actscope.study._foresight import Foreseen
from actscope.theory import Estimate, start

pytestmark = pytest.mark.heavy

SEEDS = range(40)


def examples(count, numbers):
    """Rows of mean square 1."""
    drawn = np.random.default_rng(1).normal(size=(count, numbers))
    drawn /= np.sqrt((drawn**2).mean(axis=1, keepdims=True))
    return drawn.astype(np.float32)


def network(name, sizes=(64, 64), **settings):
    return FeedForward(activations.get(name), sizes, 10, **settings)


@pytest.fixture(scope="module")
def relu():
    return foresee(network("relu"), examples(32, 48), SEEDS)


@pytest.fixture(scope="module")
def tanh():
    return foresee(network("tanh", initialisation="critical"), examples(32, 48), SEEDS)


@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_what_is_expected_is_what_the_probe_finds(name, request):
    found = request.getfixturevalue(name)
    compared = 0
    for layer in found.layers:
        for quantity, foreseen in layer.items():
            single = np.array(foreseen.measured)
            assert len(single) == len(SEEDS)
            # The networks' own scatter: several examples show less than the one that is foretold.
            error = single.std(ddof=1) / math.sqrt(len(single))
            off = abs(foreseen.average - foreseen.estimate.expected)
            assert off <= 4 * error + 2 / 64**2, quantity  # the next order in 1/width
            compared += error > 0
    assert compared >= 8


def test_single_networks_scatter_no_more_than_is_foretold(relu):
    for layer in relu.layers:
        for quantity in ("second_moment", "post_mean", "zeros"):
            single = np.array(layer[quantity].measured)
            # A standard deviation of 40 is right to 11 %.
            assert 0 < single.std(ddof=1) < 1.5 * layer[quantity].estimate.scatter


def test_only_what_has_a_flat_part_has_dead_units(relu, tanh):
    assert all("dead" in layer for layer in relu.layers)
    assert all("dead" not in layer for layer in tanh.layers)
    assert all(layer["zeros"].estimate.limit == pytest.approx(0.5) for layer in relu.layers)
    assert all(layer["zeros"].average == 0 for layer in tanh.layers)


def test_a_critical_start_keeps_its_variance_and_the_gradient(tanh):
    q = start("tanh").q
    for layer in tanh.layers:
        assert layer["second_moment"].estimate.limit == pytest.approx(q, rel=1e-6)
        assert layer["gradient_norm"].estimate.limit == pytest.approx(1, rel=1e-6)
        assert layer["second_moment"].average == pytest.approx(q, rel=0.1)
        assert layer["gradient_norm"].average == pytest.approx(1, rel=0.1)


def test_pytorchs_start_in_closed_form(relu):
    first, second = relu.layers
    q = 1 / 3 + 1 / (3 * 48)
    assert first["second_moment"].estimate.limit == pytest.approx(q, rel=1e-6)
    assert second["second_moment"].estimate.limit == pytest.approx(q / 6 + 1 / (3 * 64), rel=1e-6)
    assert first["gradient_norm"].estimate.limit == pytest.approx(math.sqrt(1 / 6))
    assert second["gradient_norm"].measured == (1.0,) * len(SEEDS)


def test_layers_count_from_one_in_the_json(relu):
    found = relu.to_json()
    assert [(layer["layer"], layer["width"]) for layer in found] == [(1, 64), (2, 64)]
    for layer, entry in zip(relu.layers, found, strict=True):
        for quantity, foreseen in layer.items():
            assert entry[quantity] == foreseen.estimate.limit
            assert entry["shift"][quantity] == foreseen.estimate.shift
            assert entry["scatter"][quantity] == foreseen.estimate.scatter
            assert entry["measured"][quantity] == foreseen.average


def test_without_seeds_nothing_is_measured():
    found = foresee(network("relu", (8,)), examples(4, 6), [])
    assert found.networks == 0
    assert found.to_json()[0]["measured"] is None
    assert all(each.measured == () for each in found.layers[0].values())
    assert all(math.isnan(each.average) for each in found.layers[0].values())


def test_a_deviation_counts_standard_errors():
    estimate = Estimate(1.0, 0.5, 0.2)
    assert Foreseen(estimate, (1.5, 1.5, 1.8, 1.6), 1.6).deviation == pytest.approx(1.0)
    assert math.isnan(Foreseen(Estimate(0.0), (0.0,), 0.0).deviation)
    assert math.isnan(Foreseen(estimate, (), math.nan).deviation)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"layer": "residual"}, "a network with layer 'residual' and normalization 'none'"),
        ({"normalization": "layer"}, "a network with layer 'dense' and normalization 'layer'"),
        ({"initialisation": "lsuv"}, "theory says nothing about initialisation 'lsuv'"),
    ],
)
def test_networks_without_a_forecast_are_refused(settings, error):
    with pytest.raises(ActscopeError, match=error):
        foresee(network("relu", (8, 8), **settings), examples(4, 6), [])
