"""Gains against closed forms, and what they promise."""

import math

import jax.numpy as jnp
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.theory import gain, moments


def test_gains_with_a_closed_form():
    assert gain("relu") == pytest.approx(math.sqrt(2), rel=1e-12)
    assert gain("relu", "backward") == pytest.approx(math.sqrt(2), rel=1e-12)
    assert gain("relu", "centred") == pytest.approx(1 / math.sqrt(0.5 - 0.5 / math.pi), rel=1e-12)
    leaky = activations.get("leaky_relu", negative_slope=0.3)
    assert gain(leaky) == pytest.approx(math.sqrt(2 / 1.09), rel=1e-12)
    second = 2 / math.pi * math.asin(2 / 3)
    assert gain("erf") == pytest.approx(1 / math.sqrt(second), rel=1e-12)
    assert gain("erf", "backward") == pytest.approx(math.sqrt(math.pi * math.sqrt(5)) / 2)


def test_selu_is_made_for_one():
    # Klambauer et al. (2017) choose its constants so that mean 0 and variance 1 stay.
    assert gain("selu") == pytest.approx(1, rel=1e-12)
    assert gain("selu", "centred") == pytest.approx(1, rel=1e-12)
    assert abs(moments("selu").mean) < 1e-12


@pytest.mark.parametrize("q", [0.01, 1.0, 50.0])
def test_a_layer_keeps_what_its_gain_is_of(q):
    found = moments("tanh", q)
    assert gain("tanh", "forward", q) ** 2 * found.second == pytest.approx(q, rel=1e-12)
    assert gain("tanh", "backward", q) ** 2 * found.slope_second == pytest.approx(1, rel=1e-12)
    assert gain("tanh", "centred", q) ** 2 * found.variance == pytest.approx(q, rel=1e-12)
    assert gain("relu", "forward", q) == pytest.approx(math.sqrt(2), rel=1e-12)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("f", "mode", "message"),
    [
        (jnp.zeros_like, "forward", r"E\[f²\] of zeros_like is 0"),
        (jnp.ones_like, "backward", r"E\[f'²\] of ones_like is 0"),
        (jnp.ones_like, "centred", "Var f of ones_like is 0"),
        ("tanh", "foreward", "unknown mode of gain 'foreward'.*forward"),
    ],
)
def test_a_gain_that_does_not_exist_is_refused(f, mode, message):
    with pytest.raises(ActscopeError, match=message):
        gain(f, mode)


def test_without_variance_there_is_no_gain():
    with pytest.raises(ActscopeError, match="is 0 at q = 0"):
        gain("tanh", q=0.0)
