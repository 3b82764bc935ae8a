"""The one table: look-up, a user's own functions, and what is refused."""

import sys
import types

import hypothesis.extra.numpy as arrays
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation, _table, describe

ALL = [activations.get(name) for name in activations.names()]
FUNCTIONS = [f for f in ALL if f.elementwise and not f.random]
FLOATS = arrays.arrays(
    np.float32, 64, elements=st.floats(width=32, allow_nan=False, allow_infinity=False)
)
NEAR = arrays.arrays(np.float32, 64, elements=st.floats(-10, 10, width=32))
ROUNDING = 32 * np.finfo(np.float32).eps  # two results, each right to 16 ulps


@pytest.fixture(autouse=True)
def _own_table(monkeypatch):
    monkeypatch.setattr(_table, "_TABLE", dict(_table._TABLE))


def test_the_tutorials_six_stand_first():
    assert activations.names()[:6] == ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("leakyrelu", "leaky_relu"), ("LeakyReLU", "leaky_relu"), ("silu", "swish"), ("ReLU", "relu")],
)
def test_other_peoples_names_are_understood(written, meant):
    assert activations.get(written).name == meant


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
def test_every_record_says_all(f):
    assert f.formula
    assert f.latex
    assert f.source
    assert f.family in {"saturating", "rectified", "smooth", "trainable", "gated"}
    assert f.facts is not None
    assert [key for key, _ in f.why] == [key for key, _ in f.settings]
    assert all(why for _, why in f.why)


def test_every_name_means_one_function():
    every = [name for f in ALL for name in (f.name, *f.aliases)]
    assert len(set(every)) == len(every)
    assert all(activations.get(alias) == f for f in ALL for alias in f.aliases)


@pytest.mark.heavy
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.name)
def test_facts_hold_at_any_numbers(f):
    facts, run = describe(f), jax.jit(f)
    low, high = facts.range

    @settings(max_examples=15, derandomize=True, database=None)
    @given(FLOATS, NEAR)
    def hold(anywhere, near):
        x = np.sort(np.concatenate([anywhere, near]))
        x = np.where(np.abs(x) < np.finfo(np.float32).tiny, np.float32(0), x)
        y, mirrored = np.asarray(run(x)), np.asarray(run(-x))
        assert (y.shape, y.dtype) == (x.shape, x.dtype)
        # In float64, that a difference of large numbers does not overflow.
        wide, at = y.astype(np.float64), x.astype(np.float64)
        rounding = ROUNDING * np.maximum(np.abs(wide[1:]), np.abs(wide[:-1])) + 1e-37
        assert (wide >= low - ROUNDING * max(abs(low), 1)).all() or np.isinf(low)
        assert (wide <= high + ROUNDING * max(abs(high), 1)).all() or np.isinf(high)
        assert not np.isnan(y).any()
        with np.errstate(invalid="ignore"):  # ∞ - ∞ where the image overflows
            change = np.diff(wide)
            room = facts.largest_slope * np.diff(at) + rounding
        finite = np.isfinite(change)
        if facts.monotone:
            assert (change >= -rounding)[finite].all()
        if np.isfinite(facts.largest_slope):
            assert (np.abs(change) <= room)[finite].all()
        if facts.symmetry:
            sign = -1 if facts.symmetry == "odd" else 1
            away = ~np.isin(np.abs(x), np.abs(facts.kinks))  # at a jump f is on one side
            np.testing.assert_array_equal(mirrored[away], sign * y[away])

    hold()


@pytest.mark.slow  # what is held against the truth has gone through most of them already
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.name)
def test_every_transformation_of_jax_takes_them(f):
    x = jnp.asarray([-2.3, -0.4, 0.7, 3.1], jnp.float32)

    def forward(g, at):
        return jax.jvp(g, (at,), (jnp.ones_like(at),))[1]

    @jax.jit
    def both_ways(x):
        slope = jax.vmap(jax.grad(f))
        mapped = jax.vmap(f)(x), forward(f, x), forward(slope, x)
        return mapped, (f(x), slope(x), jax.vmap(jax.grad(jax.grad(f)))(x))

    for one, other in zip(*both_ways(x), strict=True):
        assert one.dtype == other.dtype == x.dtype
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_an_unknown_name_is_met_with_the_nearest():
    with pytest.raises(
        ActscopeError, match=r"unknown activation 'sigmiod'.*did you mean 'sigmoid'"
    ):
        activations.get("sigmiod")


def test_one_line_adds_a_function_to_the_table():
    activations.register("cube", lambda x: x**3)
    assert activations.names()[-1] == "cube"
    assert activations.get("cube")(2.0) == 8
    activations.register(Activation("cosine", jnp.cos))
    assert activations.names()[-1] == "cosine"


@pytest.mark.parametrize("name", ["relu", "silu"])
def test_a_name_is_given_once(name):
    with pytest.raises(ActscopeError, match="in the table already"):
        activations.register(name, jnp.sin)


def test_a_name_alone_or_a_target_is_no_entry():
    with pytest.raises(ActscopeError, match="a name and a function"):
        activations.register("alone")
    with pytest.raises(ActscopeError, match="without a colon"):
        activations.register("jax.nn:relu", jax.nn.relu)


@pytest.mark.heavy
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.name)
def test_half_precision_is_computed_in_float32(f):
    x = jnp.concatenate([jnp.linspace(-9, 9, 301), jnp.asarray([-6e4, 6e4])]).astype("float16")
    found, wide = f(x), f(x.astype("float32")).astype("float16")
    assert found.dtype == x.dtype
    np.testing.assert_array_equal(found, wide)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (jax.nn.softmax, "when it stands alone"),
        (lambda x: x - x.mean(), "when it stands alone"),
        (lambda x: jnp.concatenate([x, x]), r"made float32\[4, 3\]"),
        (lambda x: x.sum(), r"made float32\[\]"),
        (lambda x: x > 0, "made bool"),
        (lambda x: x if x > 0 else -x, "can be traced"),
        (lambda: 1, "raised TypeError"),
    ],
)
def test_only_elementwise_functions_are_let_in(function, message):
    with pytest.raises(ActscopeError, match=message):
        activations.register("mine", function)
    assert "mine" not in activations.names()


def test_a_target_is_loaded_with_its_own_parameters():
    found = activations.get("jax.nn:leaky_relu", negative_slope=0.5)
    assert found(-2.0) == -1
    assert activations.get(found.spec) == found


def test_a_target_may_be_an_activation(monkeypatch):
    module = types.ModuleType("a_users_module")
    module.mine = Activation("mine", jnp.sin, formula="sin x")
    monkeypatch.setitem(sys.modules, "a_users_module", module)
    found = activations.get("a_users_module:mine")
    assert found.formula == "sin x"
    assert activations.get(found.spec) == found


@pytest.mark.parametrize("spec", [{}, {"alpha": 1}, {"name": 3}])
def test_a_mapping_needs_a_name(spec):
    with pytest.raises(ActscopeError, match='a table with a "name"'):
        activations.get(spec)


@pytest.mark.parametrize("text", ["code:interact", "builtins:breakpoint", "antigravity:geohash"])
def test_python_itself_is_not_called_to_see_whether_it_is_an_activation(text):
    with pytest.raises(ActscopeError, match=f"'{text}' is part of Python itself"):
        activations.get(text)
    assert "antigravity" not in sys.modules


def test_a_table_without_a_name_is_shown_however_deep_it_is():
    deep = {}
    for _ in range(10_000):
        deep = {"a": deep}
    with pytest.raises(ActscopeError, match=r"activation \{'a': .*a table with a \"name\""):
        activations.get(deep)
