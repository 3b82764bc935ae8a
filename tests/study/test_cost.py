"""FLOPs against matrix products by hand, memory against arrays counted by hand."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import jax
import numpy as np
import pytest

from actscope import activations
from actscope.networks import FeedForward
from actscope.study import _cost
from actscope.study._cost import cost
from actscope.study._monitor import monitor
from actscope.training import Numbers, Rule

TRAIN, VALIDATION, TEST = 1248, 249, 300  # of the digits
PIXELS, CLASSES = 64, 10
# What is computed elementwise: of each unit in each direction, the bias, the activation, and their
# sums; of each parameter, the update. Counted in the program of relu and momentum, and rounded up.
A_UNIT, A_PARAMETER = 8, 8


def between(products, count, elementwise):
    return products <= count <= products + elementwise


@pytest.mark.parametrize("hidden", [(16,), (512, 256, 256, 128)])
def test_flops_of_a_dense_network_are_its_products_and_little_else(make_job, hidden):
    found = cost(make_job(hidden=hidden))
    sizes = [PIXELS, *hidden, CLASSES]
    weights = [before * after for before, after in pairwise(sizes)]
    units, parameters = sum(sizes), sum(weights) + sum(sizes[1:])
    # Forward, and backward to weights and signals, but not to the images.
    products = 128 * (6 * sum(weights) - 2 * weights[0])
    assert between(products, found.step, 128 * A_UNIT * units + A_PARAMETER * parameters)
    assert between(2 * sum(weights), found.example, A_UNIT * units)


def test_flops_of_a_convolution_are_its_products_and_little_else(make_job, digits):
    network = FeedForward(activations.get("relu"), (8, 16), CLASSES, layer="convolution")
    found = cost(replace(make_job(), network=network))
    # Of 3 taps in a row, those that do not fall on the border: 8 places a step apart, then 4 two
    # steps apart. XLA pads only the end in the second layer.
    first, second = (3 * 8 - 2) ** 2 * 1 * 8, (3 * 4 - 1) ** 2 * 8 * 16
    units = 64 * 8 + 16 * 16
    forward = 2 * (first + second + 16 * CLASSES)
    assert between(forward, found.example, A_UNIT * units)
    backward = 2 * (first + 2 * second + 2 * 16 * CLASSES)
    parameters = sum(found.parameters.values())
    assert between(
        128 * (forward + backward), found.step, 128 * A_UNIT * units + A_PARAMETER * parameters
    )


def test_flops_of_a_member_are_those_of_all_that_it_does(make_job):
    found = cost(make_job())
    epoch = 9 * found.step + VALIDATION * found.example + 2 * found.step  # the monitor sees 256
    assert found.flops(3) == pytest.approx(3 * epoch + (TRAIN + TEST) * found.example)


@pytest.mark.heavy
def test_a_monitor_takes_a_step_of_its_examples_and_a_tenth(make_job, digits):
    job = make_job(hidden=(512, 256, 256, 128))
    found, rule = cost(job), Rule.of(job)
    images = jax.ShapeDtypeStruct((256, *digits.image_shape), np.float32)
    labels = jax.ShapeDtypeStruct((256,), np.int32)
    traced = jax.jit(monitor, static_argnums=0)
    lowered = traced.lower(rule, Numbers.of(job), _cost._carry(job, rule), images, labels)
    assert 1 <= lowered.cost_analysis()["flops"] / (2 * found.step) <= 1.1


def test_parameters_and_units_are_those_of_the_network(make_job):
    found = cost(make_job(hidden=(16, 8)))
    assert found.parameters == {
        "layers.0.kernel": PIXELS * 16,
        "layers.0.bias": 16,
        "layers.1.kernel": 16 * 8,
        "layers.1.bias": 8,
        "layers.2.kernel": 8 * CLASSES,
        "layers.2.bias": CLASSES,
    }
    assert found.units == {"layers.0": 16, "layers.1": 8}


@pytest.mark.parametrize(("optimizer", "own", "counters"), [("sgd", 1, 1), ("adam", 2, 2)])
def test_memory_by_hand(make_job, optimizer, own, counters):
    found = cost(make_job(hidden=(16,), optimizer=optimizer))
    parameters = PIXELS * 16 + 16 + 16 * CLASSES + CLASSES
    # The weights, the best ones, a gradient, and the optimizer's; whole numbers that count steps.
    assert found.weights == 4 * (parameters * (3 + own) + counters)
    signals = 4 * (PIXELS + 16 + 16 + CLASSES)
    images, labels, order = TRAIN * PIXELS, TRAIN * 4, 9 * 128 * 4
    # The largest part goes through in chunks of 1000.
    for lanes in (1, 7):
        expected = images + labels + order + lanes * (found.weights + 1000 * signals)
        assert found.memory(lanes) == expected


def test_a_large_batch_needs_its_signals_and_their_gradients(make_job):
    found = cost(make_job(batch_size=1024))
    assert found.memory(1) == found.data + found.weights + 2 * 1024 * found.signals


@dataclass(frozen=True)
class Closed:
    """A user's own network, which does not show its sites."""

    inside: FeedForward
    num_outputs: int = CLASSES

    @property
    def program(self) -> "Closed":
        return self

    def init(self, key: Any, x: Any) -> Any:
        return self.inside.init(key, x)

    def apply(self, params: Any, state: Any, x: Any, *, key: Any = None, train: bool = False):
        return self.inside.apply(params, state, x, key=key, train=train)

    def hyperparameters(self) -> dict[str, Any]:
        return {}


def test_a_network_that_hides_its_sites_has_the_same_products(make_job):
    job = make_job()
    seen, hidden = cost(job), cost(replace(job, network=Closed(job.network)))
    assert hidden.units == {}
    assert (hidden.step, hidden.example) == (seen.step, seen.example)
    assert hidden.signals == 4 * (PIXELS + CLASSES)
