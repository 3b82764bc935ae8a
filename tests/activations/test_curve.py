"""Curves: what a table and a figure of functions show."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation, Facts


def test_a_curve_holds_the_function_and_its_derivative():
    found = activations.curve(activations.get("tanh"), -2, 3)
    assert (found.x[0], found.x[-1], len(found.x)) == (-2, 3, 1000)
    x = found.x.astype(np.float64)
    np.testing.assert_allclose(found.y, np.tanh(x), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(found.gradient, 1 - np.tanh(x) ** 2, rtol=1e-5)
    expected = -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)
    np.testing.assert_allclose(found.curvature, expected, rtol=1e-5, atol=1e-7)
    assert found.at_zero == (0, 1)


def test_zero_is_known_wherever_the_interval_lies():
    found = activations.curve(activations.get("sigmoid"), 3, 4).to_json()
    assert (found["value_at_0"], found["gradient_at_0"]) == (0.5, 0.25)


def test_what_can_be_differentiated_once_has_no_second_derivative():
    def once(x):
        return jax.pure_callback(lambda a: 2 * np.asarray(a), x, x, vmap_method="expand_dims")

    square = jax.custom_vjp(lambda x: x**2)
    square.defvjp(lambda x: (x**2, x), lambda x, along: (once(x) * along,))
    found = activations.curve(Activation("square", square), -1, 1)
    np.testing.assert_allclose(found.gradient, 2 * found.x)
    assert found.curvature is None
    assert found.to_json()["second_derivative"] is None
    assert "nonfinite" not in found.to_json()


def test_what_is_not_finite_is_counted():
    found = activations.curve(Activation("root", jnp.sqrt), -1, 1).to_json()
    assert found["nonfinite"] == 3 * 500  # value and both derivatives at each negative point
    assert "nonfinite" not in activations.curve(activations.get("relu")).to_json()


def test_json_names_what_is_trainable():
    assert activations.curve(activations.get("elu")).to_json()["trainable"] == {}
    learned = activations.get("elu", alpha=2, trainable=["alpha"])
    assert activations.curve(learned).to_json()["trainable"] == {"alpha": 2.0}


def test_json_holds_the_record_and_the_facts():
    made = Activation(
        name="bent",
        function=lambda x, a, b: a * x + b,
        settings=(("a", 2.0), ("b", 1.0)),
        formula="a · x",
        latex=r"a x",
        source="no one 1900",
        family="smooth",
        aliases=("straight",),
        why=(("a", "a guess"),),
        facts=lambda a, b: Facts(largest_slope=a, smoothness=1, range=(0.0, b)),
    )
    found = activations.curve(made, -1, 1).to_json()
    assert {key: found[key] for key in ("formula", "latex", "source", "family", "aliases")} == {
        "formula": "a · x",
        "latex": "a x",
        "source": "no one 1900",
        "family": "smooth",
        "aliases": ["straight"],
    }
    assert found["parameters"] == {
        "a": {"value": 2.0, "why": "a guess"},
        "b": {"value": 1.0, "why": ""},
    }
    assert (found["lipschitz"], found["smoothness"], found["bounded"]) == (2.0, 1, True)


def test_what_is_infinite_is_null():
    facts = Facts(largest_slope=math.inf)
    found = activations.curve(Activation("f", jnp.square, facts=lambda: facts)).to_json()
    assert (found["lipschitz"], found["smoothness"], found["bounded"]) == (None, None, False)


@pytest.mark.parametrize(("reads", "makes"), [(2, 1), (1, 2)])
def test_what_does_not_make_one_number_of_one_has_no_curve(reads, makes):
    gate = Activation("gate", lambda x: x, reads=reads, makes=makes)
    with pytest.raises(ActscopeError, match=f"gate makes {makes} of {reads} numbers; expected a"):
        activations.curve(gate)


@pytest.mark.parametrize("interval", [(1, 1), (2, 1), (float("nan"), 1), (0, float("inf"))])
def test_an_interval_needs_two_ascending_finite_numbers(interval):
    with pytest.raises(ActscopeError, match="two ascending numbers"):
        activations.curve(activations.get("relu"), *interval)
