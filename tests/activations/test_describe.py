"""Facts: what is declared against what is calculated, and functions of which we know the truth."""

import math
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation, Facts, describe

ELEMENTWISE = [
    name
    for name in activations.names()
    if activations.get(name).elementwise and not activations.get(name).random
]
SIX = ELEMENTWISE[:6]


def _always(name):
    """Where f or a derivative jumps there is something to find; the rest can wait, and programs of
    which the third derivative is large."""
    facts = describe(activations.get(name))
    return name in SIX or ((facts.kinks or facts.knots) and name not in {"pade", "b_spline"})


ELSEWHERE = [
    ("isru", {"alpha": 4.0}),
    ("symmetric_rational", {"p": 1.0}),
    ("symmetric_rational", {"p": 2.0}),
    ("celu", {"alpha": 2.0}),
    ("isrlu", {"alpha": 3.0}),
    ("softplus", {"beta": 3.0}),
    ("squareplus", {"b": 1.0}),
    ("threshold", {"threshold": -1.0}),
    ("threshold", {"value": 1.0}),
    ("threshold", {"value": 3.0}),
    ("hardshrink", {"lambd": 0.0}),
    ("hardshrink", {"lambd": 2.0}),
    ("softshrink", {"lambd": 0.0}),
    ("snake", {"alpha": 2.0}),
    ("prelu", {"negative_slope": -1.0}),
    ("srelu", {"t_l": -1.0, "a_l": 0.0, "a_r": 0.0}),
    ("srelu", {"a_l": -0.5, "a_r": 2.0}),
    ("apl", {"a_1": 0.5, "b_2": 2.0}),
    ("apl", {"a_1": 0.0, "a_2": -1.0}),
    ("pelu", {"a": 2.0}),
    ("pelu", {"a": 2.0, "b": 2.0}),
    ("trainable_swish", {"beta": -1.0}),
    ("trainable_swish", {"beta": 0.0}),
    ("pade", {"b_1": 1.0}),
    ("b_spline", {"c_4": 1.0}),
]
SETTINGS = [
    *((name, {}) for name in ELEMENTWISE if _always(name)),
    *(pytest.param(name, {}, marks=pytest.mark.slow) for name in ELEMENTWISE if not _always(name)),
    ("leaky_relu", {"negative_slope": 0.0}),
    ("leaky_relu", {"negative_slope": 1.0}),
    ("leaky_relu", {"negative_slope": -0.5}),
    ("leaky_relu", {"negative_slope": 2.0}),
    ("elu", {"alpha": 0.0}),
    ("elu", {"alpha": 2.0}),
    ("elu", {"alpha": -1.0}),
    *(pytest.param(name, settings, marks=pytest.mark.slow) for name, settings in ELSEWHERE),
]


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "parameters"), SETTINGS)
def test_declared_facts_are_what_calculation_finds(name, parameters):
    activation = replace(activations.get(name, **parameters), trainable=())
    declared, found = describe(activation), describe(replace(activation, facts=None))
    assert found.range == pytest.approx(declared.range, abs=1e-6)
    assert (found.monotone, found.symmetry) == (declared.monotone, declared.symmetry)
    if declared.surrogate:  # the program's derivatives are another function's
        return
    assert found.kinks == pytest.approx(declared.kinks, abs=1e-9)
    assert found.largest_slope == pytest.approx(declared.largest_slope, abs=1e-6)
    assert np.ravel(found.flat) == pytest.approx(np.ravel(declared.flat), abs=1e-9)
    if declared.smoothness <= 2:
        assert found.knots == pytest.approx(declared.knots, abs=1e-9)
        assert found.smoothness == declared.smoothness
    else:  # the third derivative is the last that is looked at
        assert (found.knots, found.smoothness) == ((), math.inf)


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


@pytest.mark.heavy
@pytest.mark.parametrize("name", KNOWN)
def test_a_users_function_is_described(name):
    function, kinks, monotone, flat = KNOWN[name]
    found = describe(Activation(name, function))
    assert found.kinks == pytest.approx(kinks, abs=2e-9)
    assert (found.monotone, found.flat) == (monotone, flat)


SMOOTHNESS = {
    # function, kinks, knots, smoothness, symmetry
    "cubed_size": (lambda x: jnp.abs(x) ** 3, (), (0.0,), 2, "even"),
    "squared_relu": (lambda x: jnp.maximum(x, 0) ** 2, (), (0.0,), 1, ""),
    "odd_square": (lambda x: x * jnp.abs(x), (), (0.0,), 1, "odd"),
    # A knot that stands on no point of the grid, of a curvature that is far larger elsewhere.
    "faint": (lambda x: x**3 + jnp.maximum(x - 1 / 3, 0) ** 2, (), (1 / 3,), 1, ""),
    "both": (lambda x: jnp.abs(x) + jnp.maximum(x - 2, 0) ** 2, (0.0,), (2.0,), 0, ""),
    "tanh": (jnp.tanh, (), (), INF, "odd"),
    "sine": (jnp.sin, (), (), INF, "odd"),
    "fast_sine": (lambda x: jnp.sin(50 * x), (), (), INF, "odd"),
    "gaussian": (lambda x: jnp.exp(-(x**2)), (), (), INF, "even"),
    "gelu": (jax.nn.gelu, (), (), INF, ""),
    "step": (lambda x: (x > 0.3) + 0 * x, (0.3,), (), -1, ""),
    "hard_tanh": (jax.nn.hard_tanh, (-1.0, 1.0), (), 0, "odd"),
    "size": (jnp.abs, (0.0,), (), 0, "even"),
    "sparse_plus": (jax.nn.sparse_plus, (), (-1.0, 1.0), 1, ""),
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", SMOOTHNESS)
def test_it_is_seen_how_smooth_a_users_function_is(name):
    function, kinks, knots, smoothness, symmetry = SMOOTHNESS[name]
    found = describe(Activation(name, function))
    assert found.kinks == pytest.approx(kinks, abs=2e-9)
    assert found.knots == pytest.approx(knots, abs=2e-9)
    assert (found.smoothness, found.symmetry) == (smoothness, symmetry)


def test_what_cannot_be_differentiated_twice_is_as_smooth_as_could_be_seen():
    @jax.custom_vjp
    def once(x):
        return jnp.sin(x)

    def backward(x, cotangent):
        return (jax.pure_callback(np.cos, x, x, vmap_method="expand_dims") * cotangent,)

    once.defvjp(lambda x: (jnp.sin(x), x), backward)
    found = describe(Activation("once", once))
    assert (found.kinks, found.knots, found.smoothness) == ((), (), 1)


@pytest.mark.parametrize("how", [{"reads": 2}, {"makes": 2}, {"random": True}])
def test_what_is_no_function_of_one_number_must_declare_its_facts(how):
    with pytest.raises(ActscopeError, match=r"'mine', which .*, without facts.*in its record"):
        describe(Activation("mine", jnp.tanh, **how))
    declared = Facts(range=(-1.0, 1.0))
    assert describe(Activation("mine", jnp.tanh, facts=lambda: declared, **how)) == declared


def test_a_function_with_reverse_mode_alone_is_described():
    @jax.custom_vjp
    def double(x):
        return 2 * x

    double.defvjp(lambda x: (2 * x, None), lambda _, cotangent: (2 * cotangent,))
    assert describe(Activation("double", double)).largest_slope == 2


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("function", "bounds", "slope"),
    [
        (lambda x: x**2, (0, INF), INF),
        (lambda x: x**3, (-INF, INF), INF),
        (jnp.sign, (-1, 1), INF),
        (lambda x: jnp.abs(x - 1 / 3), (0, INF), 1),  # its least value stands beside the grid
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


@pytest.mark.heavy
@pytest.mark.parametrize("wrap", [jax.jit, jax.vmap, lambda f: jax.jit(jax.vmap(f))])
def test_a_function_is_described_while_its_caller_is_traced(wrap):
    hard = Activation("hard", jax.nn.hard_tanh)

    def clipped(x):
        (_, low), (high, _) = describe(hard).flat
        return jnp.clip(x, low, high)

    describe.cache_clear()
    assert wrap(clipped)(jnp.asarray([-3.0, 0.5])).tolist() == [-1.0, 0.5]
    assert describe(hard).kinks == pytest.approx((-1, 1), abs=1e-9)
