"""PyTorch's table: its values against PyTorch, and what is said of them against simulation."""

import math

import numpy as np
import pytest

from actscope import activations
from actscope.theory import _torch_gain, beside_torch, hosted, moments

PEERS = {"identity": "linear", "leaky_relu(negative_slope=0.01)": "leaky_relu"}
NAMES = ("identity", "sigmoid", "tanh", "relu", "leaky_relu(negative_slope=0.01)", "selu")


@pytest.fixture(scope="module")
def lines():
    """The table by name."""
    return {line.name: line for line in beside_torch()}


@pytest.mark.parametrize("name", NAMES)
def test_its_values_are_those_of_pytorch(lines, name):
    init = pytest.importorskip("torch.nn.init")
    assert lines[name].torch == pytest.approx(init.calculate_gain(PEERS.get(name, name)), rel=1e-15)


def test_where_they_agree_it_says_so_and_nowhere_else(lines):
    assert tuple(lines) == NAMES
    said = {name for name, line in lines.items() if line.explanation.startswith("The same")}
    agree = {name for name, line in lines.items() if math.isclose(line.torch, line.forward)}
    assert said == agree == {name for name in lines if name not in ("sigmoid", "tanh", "selu")}
    for name in agree:
        line = lines[name]
        assert (line.backward, line.gradient) == pytest.approx((line.torch, 1), rel=1e-12)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "selu"])
def test_pre_activations_have_settled(lines, name):
    line = lines[name]
    there = moments(name, line.second_moment)
    assert line.torch**2 * there.second == pytest.approx(line.second_moment, rel=1e-10)
    assert line.gradient == pytest.approx(line.torch * math.sqrt(there.slope_second), rel=1e-12)


def test_the_published_trials_are_what_theory_says(lines):
    # https://discuss.pytorch.org/t/calculate-gain-tanh/20854: outputs of 0.6518 after ten layers
    # of width 1000; https://github.com/pytorch/pytorch/pull/50664: about 0.20 after a hundred.
    for name, measured, digits in (("tanh", 0.6518, 3e-3), ("selu", 0.20, 6e-3)):
        output = math.sqrt(lines[name].second_moment) / lines[name].torch
        assert output == pytest.approx(measured, abs=digits)
        assert f"deviation of {output:.4f}" in " ".join(lines[name].explanation.split())


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "selu"])
def test_a_wide_network_settles_there_too(lines, name):
    # Second moment of pre-activations and growth of gradients over layers 30 to 40, 12 networks.
    line, f = lines[name], hosted(name)
    generator = np.random.default_rng(0)
    width, layers = 200, 40
    moments_, growth = [], []
    for _ in range(12):
        z = generator.normal(size=width)
        slopes, weights = [], []
        for _ in range(layers):
            weights.append(generator.normal(0, line.torch / math.sqrt(width), (width, width)))
            slopes.append(f.slope(z))
            z = weights[-1] @ f.value(z)
        moments_.append(np.mean(z**2))
        gradient = generator.normal(size=width)
        norms = [np.mean(gradient**2)]
        for slope, weight in zip(slopes[::-1], weights[::-1], strict=True):
            gradient = slope * (weight.T @ gradient)
            norms.append(np.mean(gradient**2))
        growth.append(np.log(norms[10] / norms[0]) / 20)
    # Finite width adds what is of order 1/width in each layer, and more where the layers add up:
    # SELU's variance map is nearly the identity there. Hence a tenth beside the standard error.
    error = np.std(moments_, ddof=1) / math.sqrt(len(moments_))
    assert abs(np.mean(moments_) - line.second_moment) < 3 * error + 0.1 * line.second_moment
    error = np.std(growth, ddof=1) / math.sqrt(len(growth))
    assert abs(np.mean(growth) - math.log(line.gradient)) < 3 * error + 2 / width


def test_tanh_keeps_gradients_at_one_alone():
    # Below 1 everything goes to 0, where f' is 1; above, to a second moment at which χ₁ > 1.
    assert moments("tanh", 0.0).slope_second == 1
    for sigma in (1.05, 1.2, 2.0):
        q = _torch_gain._settled(activations.get("tanh"), sigma)
        assert sigma**2 * moments("tanh", q).slope_second > 1
