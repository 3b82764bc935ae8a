import inspect
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.probing._look import see
from actscope.probing._opened import Injected

TANH = activations.get("tanh")


def survey(tapped, params, inputs):
    return Injected(tapped).places(params, inputs)


@dataclass(frozen=True)
class Looked:
    """What one batch shows, its signals by name."""

    seen: Any
    signals: Any

    def __getattr__(self, name):
        return getattr(self.seen, name)


def look(tapped, loss, params, inputs, targets):
    watched = jax.jit(see, static_argnums=(0, 1))
    seen = watched(Injected(tapped), loss, params, inputs, targets)
    signals = {"outputs": seen.outputs}
    for name, acted in seen.acted.items():
        signals |= {f"{name}/pre": acted.pre, f"{name}/post": acted.post}
        if loss:
            signals[f"{name}/gradient"] = seen.gradients[name]
    return Looked(seen, signals)


def test_sites_stand_in_the_order_in_which_the_signal_meets_them(small, data):
    relu = small("relu")
    places = survey(relu, relu.init(), data[0])
    assert [(place.name, place.shape) for place in places] == [
        ("first", (48, 7)),
        ("second", (48, 4)),
    ]
    assert {place.activation for place in places} == {"relu"}
    assert {place.dtype for place in places} == {jnp.dtype("float32")}


def test_a_site_names_the_line_that_calls_it():
    def tapped(params, x, activate):
        return activate("site", TANH, x, {})

    (place,) = survey(tapped, {}, jnp.ones((2, 3)))
    line = inspect.getsourcelines(tapped)[1] + 1
    assert place.source == f"tests/probing/test_look.py:{line}"


def test_two_sites_of_one_name_are_refused():
    def tapped(params, x, activate):
        return activate("a", TANH, activate("a", TANH, x, {}), {})

    with pytest.raises(ActscopeError, match="two sites are named 'a'; expected a name for each"):
        survey(tapped, {}, jnp.ones((2, 3)))


def test_signals_and_gradients_are_those_worked_out_by_hand(network, data):
    tapped, params = network
    signals, losses, gradients = tapped.by_hand(params, *data)
    seen = look(tapped, tapped.loss, params, *data)
    assert seen.signals.keys() == signals.keys()
    for name, expected in signals.items():
        # float32 products of up to 7 terms of size 1 to 5
        np.testing.assert_allclose(seen.signals[name], expected, rtol=1e-5, atol=1e-5, err_msg=name)
    np.testing.assert_allclose(seen.loss, losses.mean(), rtol=1e-6)
    for found, expected in zip(seen.parameter_gradient, gradients, strict=True):
        for name in ("bias", "kernel"):
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-5, atol=1e-5)


@pytest.mark.heavy
def test_a_site_gradient_is_that_of_each_examples_own_loss(network, data):
    tapped, params = network

    def own_loss(shift, x, y):
        def activate(name, activation, z, learned):
            return activation(z + shift if name == "first" else z)

        return tapped.loss(tapped(params, x[None], activate), y[None])

    own = jax.jit(jax.grad(own_loss))
    alone = [own(jnp.zeros((1, 7)), x, y)[0] for x, y in zip(*data, strict=True)]
    seen = look(tapped, tapped.loss, params, *data)
    np.testing.assert_allclose(seen.signals["first/gradient"], alone, rtol=1e-5, atol=1e-6)


def test_a_site_gradient_is_the_slope_of_the_loss(small, data):
    # Central differences of the loss, by hand in float64, in the bias: at each unit of `first`
    # the mean over the examples of the site's gradient.
    tanh = small("tanh")
    params = tanh.init()
    found = np.asarray(look(tanh, tanh.loss, params, *data).signals["first/gradient"]).mean(axis=0)
    for unit in range(7):

        def loss(step, unit=unit):
            bias = np.asarray(params[0]["bias"], np.float64)
            bias[unit] += step
            shifted = [{"bias": bias, "kernel": params[0]["kernel"]}, *params[1:]]
            return tanh.by_hand(shifted, *data)[1].mean()

        slope = (loss(1e-5) - loss(-1e-5)) / 2e-5
        assert found[unit] == pytest.approx(slope, rel=1e-4, abs=1e-6)


@pytest.mark.heavy
def test_looking_changes_no_bit_op_by_op(network, data, plain_gradient):
    tapped, params = network
    with jax.disable_jit():
        seen = look(tapped, tapped.loss, params, *data)
        plain = plain_gradient(tapped, tapped.loss, params, *data)
    watched = (seen.loss, seen.signals["outputs"], seen.parameter_gradient)
    jax.tree.map(np.testing.assert_array_equal, watched, plain)


@pytest.mark.heavy
def test_looking_changes_a_few_ulp_under_jit(network, data, plain_gradient):
    tapped, params = network
    seen = look(tapped, tapped.loss, params, *data)
    plain = jax.jit(plain_gradient, static_argnums=(0, 1))(tapped, tapped.loss, params, *data)
    watched = (seen.loss, seen.signals["outputs"], seen.parameter_gradient)

    def close(found, expected):
        # Another fusion rounds otherwise: within 8 ulp of the array's largest value.
        bound = 8 * np.spacing(np.abs(np.asarray(expected)).max())
        np.testing.assert_allclose(found, expected, rtol=0, atol=bound)

    jax.tree.map(close, watched, plain)


def test_without_a_loss_there_are_no_gradients(small, data):
    relu = small("relu")
    seen = look(relu, None, relu.init(), *data)
    assert seen.loss is None
    assert seen.parameter_gradient is None
    assert seen.signals.keys() == {
        "first/pre", "first/post", "second/pre", "second/post", "outputs"
    }  # fmt: skip
    np.testing.assert_array_equal(
        seen.signals["first/post"], np.maximum(seen.signals["first/pre"], 0)
    )


def test_hits_are_counted_where_targets_are_classes():
    def tapped(params, x, activate):
        return activate("site", TANH, x, {})

    x = np.asarray([[1, 0, 0], [0, 0, 1], [0, 2, 0], [3, 0, 0]], np.float32)
    assert look(tapped, None, {}, x, np.asarray([0, 2, 0, 1])).hits == 2
    assert look(tapped, None, {}, x, np.ones(4, np.float32)).hits is None
    assert look(tapped, None, {}, x, np.ones((4, 3), np.int32)).hits is None
    assert look(tapped, None, {}, x, None).hits is None


def test_half_precision_gradients_do_not_overflow():
    # The cotangent of the mean is 200; times the 500 examples it is beyond float16's 65,504.
    def tapped(params, x, activate):
        return activate("site", activations.get("leaky_relu"), x, {})

    def loss(outputs, targets):
        return jnp.float16(200) * outputs.sum()

    x = np.ones((500, 2), np.float16)
    gradient = look(tapped, loss, {}, x, None).signals["site/gradient"]
    assert gradient.dtype == jnp.float32
    np.testing.assert_array_equal(gradient, np.full((500, 2), 100_000.0))


def test_a_site_gradient_goes_through_its_activation_alone():
    # A skip past the activation carries a gradient of its own, 1, that is not the site's.
    def tapped(params, x, activate):
        z = 2 * x
        return z + activate("site", TANH, z, {})

    x = np.asarray([[0.3]], np.float32)
    seen = look(tapped, lambda outputs, _: outputs.sum(), {}, x, None)
    np.testing.assert_allclose(seen.signals["site/gradient"], 1 - np.tanh(2 * x) ** 2, rtol=1e-6)
