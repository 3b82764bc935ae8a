"""Facts: what is declared against what is calculated, and functions of which we know the truth."""

import math
from dataclasses import replace

import jax
import jax.numpy as jnp
import pytest

from actscope import activations
from actscope.activations import Activation, describe

SETTINGS = [
    *((name, {}) for name in activations.names()),
    ("leaky_relu", {"negative_slope": 0.0}),
    ("leaky_relu", {"negative_slope": 1.0}),
    ("leaky_relu", {"negative_slope": -0.5}),
    ("leaky_relu", {"negative_slope": 2.0}),
    ("elu", {"alpha": 0.0}),
    ("elu", {"alpha": 2.0}),
    ("elu", {"alpha": -1.0}),
]


@pytest.mark.parametrize(("name", "parameters"), SETTINGS)
def test_declared_facts_are_what_calculation_finds(name, parameters):
    activation = activations.get(name, **parameters)
    declared, found = describe(activation), describe(replace(activation, facts=None))
    assert found.kinks == pytest.approx(declared.kinks, abs=1e-9)
    assert found.range == pytest.approx(declared.range, abs=1e-6)
    assert found.largest_slope == pytest.approx(declared.largest_slope, abs=1e-6)
    assert (found.monotone, found.flat) == (declared.monotone, declared.flat)


INF = math.inf
KNOWN = {
    "gelu": (jax.nn.gelu, (), False, ()),
    "hard_tanh": (jax.nn.hard_tanh, (-1.0, 1.0), True, ((-INF, -1.0), (1.0, INF))),
    "relu6": (jax.nn.relu6, (0.0, 6.0), True, ((-INF, 0.0), (6.0, INF))),
    "hard_swish": (jax.nn.hard_swish, (-3.0, 3.0), False, ((-INF, -3.0),)),
    "selu": (jax.nn.selu, (0.0,), True, ()),
    "softplus": (jax.nn.softplus, (), True, ()),
    # Flat without a kink: the slope of max(x, 0)² is continuous.
    "squared_relu": (lambda x: jnp.maximum(x, 0) ** 2, (), True, ((-INF, 0.0),)),
    "step": (lambda x: (x > 0.3) + 0 * x, (0.3,), True, ((-INF, 0.3), (0.3, INF))),
    "odd_place": (lambda x: jnp.abs(x - 1 / 3), (1 / 3,), False, ()),
    # sign(0) = 0 is no kink: the slope is the same on either side.
    "log": (lambda x: jnp.sign(x) * jnp.log1p(jnp.abs(x)), (), True, ()),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_users_function_is_described(name):
    function, kinks, monotone, flat = KNOWN[name]
    found = describe(Activation(name, function))
    assert found.kinks == pytest.approx(kinks, abs=2e-9)
    assert (found.monotone, found.flat) == (monotone, flat)


def test_a_function_with_reverse_mode_alone_is_described():
    @jax.custom_vjp
    def double(x):
        return 2 * x

    double.defvjp(lambda x: (2 * x, None), lambda _, cotangent: (2 * cotangent,))
    assert describe(Activation("double", double)).largest_slope == 2


@pytest.mark.parametrize(
    ("function", "bounds", "slope"),
    [
        (lambda x: x**2, (0, INF), INF),
        (lambda x: x**3, (-INF, INF), INF),
        (jnp.arctan, (-math.pi / 2, math.pi / 2), 1),
        (jnp.sin, (-1, 1), 1),
        (lambda x: jnp.sign(x) * jnp.log1p(jnp.abs(x)), (-INF, INF), 1),
        (lambda x: 3 * jnp.exp(-(x**2)), (0, 3), 3 * math.sqrt(2 / math.e)),
    ],
)
def test_range_and_largest_slope(function, bounds, slope):
    found = describe(Activation("mine", function))
    assert found.range == pytest.approx(bounds, abs=1e-6)
    # The largest slope may stand at a point, as that of log(1 + |x|) at 0, beside the grid.
    assert found.largest_slope == pytest.approx(slope, rel=2e-3)


def test_what_is_learned_has_no_flat_interval_for_good():
    # A slope of 0 to begin with: flat today.
    prelu = activations.get("leaky_relu", negative_slope=0.0, trainable=["negative_slope"])
    ordinary = describe(activations.get("leaky_relu", negative_slope=0.0))
    assert ordinary.flat == ((-INF, 0.0),)
    assert describe(prelu) == replace(ordinary, flat=())


@pytest.mark.parametrize("wrap", [jax.jit, jax.vmap, lambda f: jax.jit(jax.vmap(f))])
def test_a_function_is_described_while_its_caller_is_traced(wrap):
    hard = Activation("hard", jax.nn.hard_tanh)

    def clipped(x):
        (_, low), (high, _) = describe(hard).flat
        return jnp.clip(x, low, high)

    describe.cache_clear()
    assert wrap(clipped)(jnp.asarray([-3.0, 0.5])).tolist() == [-1.0, 0.5]
    assert describe(hard).kinks == pytest.approx((-1, 1), abs=1e-9)
