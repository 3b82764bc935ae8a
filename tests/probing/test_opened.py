"""Functions that hand their sites' inputs over."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.probing import Injected
from actscope.probing._opened import local_derivative

TANH, RELU, PRELU = map(activations.get, ("tanh", "relu", "prelu"))
X = jnp.linspace(-2, 2, 6).reshape(3, 2)
P = {"w": jnp.array([[1.0, -1], [0.5, 2]]), "slope": jnp.float32(0.3)}


def tapped(p, x, activate):
    h = activate("first", TANH, x @ p["w"], {})
    return activate("second", PRELU, h @ p["w"], {"negative_slope": p["slope"]})


def by_hand(p, x, shift):
    h = jnp.tanh(x @ p["w"] + shift["first"])
    z = h @ p["w"] + shift["second"]
    return jnp.where(z > 0, z, p["slope"] * z)


def test_the_places_are_known_by_shapes_alone():
    first, second = Injected(tapped).places(P, jax.ShapeDtypeStruct((7, 2), np.float32))
    assert (first.name, first.activation, first.shape, first.units) == ("first", "tanh", (7, 2), 2)
    assert (second.name, second.role, second.rows) == ("second", "hidden", ())
    lines = [int(place.source.split("test_opened.py:")[1]) for place in (first, second)]
    assert lines == [tapped.__code__.co_firstlineno + 1, tapped.__code__.co_firstlineno + 2]


def test_what_happens_at_each():
    outputs, acted = Injected(tapped).run(P, X, None)
    pre = X @ P["w"]
    np.testing.assert_array_equal(acted["first"].pre, pre)
    np.testing.assert_array_equal(acted["first"].post, jnp.tanh(pre))
    np.testing.assert_allclose(acted["first"].slope, 1 - jnp.tanh(pre) ** 2, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(acted["second"].post, outputs)
    below = acted["second"].pre < 0
    assert 0 < below.sum() < below.size
    np.testing.assert_allclose(acted["second"].slope, jnp.where(below, 0.3, 1), rtol=1e-6)
    assert acted["first"].taken


def test_a_witness_has_the_gradient_of_a_number_that_is_added_there():
    nothing = {name: jnp.zeros((3, 2)) for name in ("first", "second")}

    def opened(p, witnesses):
        outputs, _ = Injected(tapped).run(p, X, witnesses)
        return (outputs * X).sum()

    def shifted(p, shift):
        return (by_hand(p, X, shift) * X).sum()

    found, expected = (jax.grad(f, argnums=(0, 1))(P, nothing) for f in (opened, shifted))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5), found, expected)


def test_two_sites_of_one_name_are_refused():
    def twice(p, x, activate):
        return activate("one", TANH, activate("one", TANH, x, {}), {})

    with pytest.raises(ActscopeError, match="two sites are named 'one'"):
        Injected(twice).places(P, X)


def test_equal_functions_are_equal_when_opened():
    assert Injected(tapped) == Injected(tapped)
    assert hash(Injected(tapped)) == hash(Injected(tapped))


def test_the_slope_is_the_programs_own_at_a_kink_and_in_half_precision():
    z = jnp.array([-1.0, 0, 2], jnp.bfloat16)
    slope = local_derivative(RELU, z, {})
    np.testing.assert_array_equal(slope, jax.vmap(jax.grad(RELU))(z))
    assert slope.dtype == jnp.bfloat16
