"""Each criterion on made-up signals: some that meet it, some that do not."""

from dataclasses import replace

import numpy as np
import pytest

from actscope.probing import Profile, Site, summarise
from actscope.tutorial import Measured
from actscope.tutorial._claim import judge
from actscope.tutorial._claims_signals import SIGNALS
from actscope.tutorial._published import sentences

CLAIMS = {claim.id.removeprefix("claim."): claim for claim in SIGNALS}
NUMBERS = {sentence.id: sentence.number for sentence in sentences()}
UNIFORM = np.linspace(-1, 1, 2001)
EXTREME = np.array([-1.0, 1.0] * 1000 + list(UNIFORM[::10]))
NARROW = UNIFORM / 10
POSITIVE_TAIL = np.random.default_rng(0).exponential(size=5000)
ZEROS = np.concatenate([np.zeros(500), np.linspace(0, 3, 1000)])
ALL = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")


def verdict(name, measured):
    return judge(CLAIMS[name], measured, NUMBERS[f"claim.{name}"])


def profile(*layers):
    """A trained network's profile from the (pre, post) of its last layers; four in all."""
    four = (*layers[:1] * (4 - len(layers)), *layers)
    sites = tuple(_site(index, pre, post) for index, (pre, post) in enumerate(four))
    return Profile(1, None, None, (summarise(np.zeros(3)),), sites, ())


def _site(index, pre, post):
    none = np.zeros(1, bool)
    signals = summarise(np.asarray(pre)), summarise(np.asarray(post))
    unknown = float("nan")
    return Site(
        name=f"layers.{index}",
        activation="f",
        function=None,
        role="hidden",
        source="",
        units=1,
        shape=(1,),
        pre=signals[0],
        post=signals[1],
        gradient=None,
        dead=none,
        dead_structural=none,
        always_zero=none,
        saturated_fraction=unknown,
        correlation=unknown,
        effective_rank=unknown,
        copies=unknown,
    )


def posts(*arrays):
    return profile(*((array, array) for array in arrays))


def pres(*arrays):
    return profile(*((array, ZEROS) for array in arrays))


@pytest.mark.parametrize("name", CLAIMS)
def test_without_measurements(name):
    found = verdict(name, Measured())
    assert found.holds is None
    assert found.reason.startswith("needs the ")


@pytest.mark.parametrize(
    ("name", "signals", "holds"),
    [
        ("sigmoid_last_layer_peaks", {"sigmoid": posts(UNIFORM, EXTREME)}, True),
        ("sigmoid_last_layer_peaks", {"sigmoid": posts(EXTREME, ZEROS)}, False),
        ("tanh_input_layer_saturated", {"tanh": posts(EXTREME, NARROW, UNIFORM, NARROW)}, True),
        ("tanh_input_layer_saturated", {"tanh": posts(UNIFORM, NARROW, EXTREME, NARROW)}, False),
        ("tanh_middle_layers_near_zero", {"tanh": posts(UNIFORM, NARROW, NARROW, EXTREME)}, True),
        ("tanh_middle_layers_near_zero", {"tanh": posts(UNIFORM, NARROW, EXTREME, NARROW)}, False),
        ("tanh_last_layer_extreme", {"tanh": posts(NARROW, NARROW, UNIFORM, EXTREME)}, True),
        ("tanh_last_layer_extreme", {"tanh": posts(EXTREME, NARROW, UNIFORM, NARROW)}, False),
        ("relu_peak_at_zero", {"relu": posts(ZEROS, ZEROS)}, True),
        ("relu_peak_at_zero", {"relu": posts(ZEROS, EXTREME)}, False),
        ("relu_positive_tail", {"relu": pres(POSITIVE_TAIL, POSITIVE_TAIL)}, True),
        ("relu_positive_tail", {"relu": pres(POSITIVE_TAIL, -POSITIVE_TAIL)}, False),
        ("swish_largest_value", {"swish": posts(UNIFORM, 14 * UNIFORM)}, True),
        ("swish_largest_value", {"swish": posts(UNIFORM, 13 * UNIFORM)}, False),
        ("swish_largest_value", {"swish": posts(17 * UNIFORM)}, False),
        (
            "leaky_relu_like_relu",
            {"relu": pres(POSITIVE_TAIL), "leaky_relu": pres(POSITIVE_TAIL)},
            True,
        ),
        (
            "leaky_relu_like_relu",
            {"relu": pres(POSITIVE_TAIL), "leaky_relu": pres(-POSITIVE_TAIL)},
            False,
        ),
        (
            "leaky_relu_like_relu",
            {"relu": pres(POSITIVE_TAIL), "leaky_relu": profile((POSITIVE_TAIL, EXTREME))},
            False,
        ),
        ("elu_gaussian", {"relu": pres(POSITIVE_TAIL), "elu": pres(UNIFORM)}, True),
        ("elu_gaussian", {"relu": pres(UNIFORM), "elu": pres(-POSITIVE_TAIL)}, False),
        ("swish_highest", dict.fromkeys(ALL, posts(UNIFORM)) | {"swish": posts(ZEROS)}, True),
        ("swish_highest", dict.fromkeys(ALL, posts(UNIFORM)) | {"elu": posts(ZEROS)}, False),
        ("swish_highest", {"swish": posts(ZEROS)}, None),
    ],
)
def test_criteria_of_signals(name, signals, holds):
    assert verdict(name, Measured(signals=signals)).holds is holds


@pytest.mark.parametrize("name", [name for name in CLAIMS if "accuracy" not in name])
@pytest.mark.parametrize("layers", [0, 1, 5])
def test_networks_of_another_depth_are_not_spoken_of(name, layers):
    shallow = profile(*[(UNIFORM, UNIFORM)] * 5)
    shallow = replace(shallow, sites=shallow.sites[:layers])
    assert verdict(name, Measured(signals=dict.fromkeys(ALL, shallow))).holds is None


@pytest.mark.parametrize(
    ("name", "accuracy", "holds"),
    [
        ("sigmoid_trains", {"sigmoid": 0.51}, True),
        ("sigmoid_trains", {"sigmoid": 0.1}, False),
        ("similar_accuracy", dict.fromkeys(ALL, 0.88) | {"sigmoid": 0.1}, True),
        ("similar_accuracy", dict.fromkeys(ALL, 0.88) | {"elu": 0.895}, False),
        ("similar_accuracy", {"relu": 0.88, "elu": 0.88}, None),
    ],
)
def test_criteria_of_accuracy(name, accuracy, holds):
    assert verdict(name, Measured(accuracy=accuracy)).holds is holds


@pytest.mark.parametrize(
    ("curve", "epochs", "holds"),
    [
        ((0.1,) * 5 + (0.3, 0.8), 5, True),
        ((0.1,) * 4 + (0.3, 0.8), 4, False),
        ((0.1,) * 50, 50, False),  # it never learns
    ],
)
def test_how_long_sigmoid_waits(curve, epochs, holds):
    found = verdict("sigmoid_waits", Measured(learning={"sigmoid": curve}))
    assert found.holds is holds
    assert found.evidence["epochs below 0.2"] == epochs


def test_a_run_that_diverged_at_once_has_no_curve():
    assert verdict("sigmoid_waits", Measured(learning={"sigmoid": ()})).holds is None
