"""The one table: look-up, a user's own functions, and what is refused."""

import sys
import types

import jax
import jax.numpy as jnp
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Activation, _table


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


def test_an_unknown_name_is_met_with_the_nearest():
    with pytest.raises(
        ActscopeError, match=r"unknown activation 'sigmiod'.*did you mean 'sigmoid'"
    ):
        activations.get("sigmiod")


def test_one_line_adds_a_function_to_the_table():
    activations.register("cube", lambda x: x**3)
    assert activations.names()[-1] == "cube"
    assert activations.get("cube")(2.0) == 8
    activations.register(Activation("sine", jnp.sin))
    assert activations.names()[-1] == "sine"


@pytest.mark.parametrize("name", ["relu", "silu"])
def test_a_name_is_given_once(name):
    with pytest.raises(ActscopeError, match="in the table already"):
        activations.register(name, jnp.sin)


def test_a_name_alone_or_a_target_is_no_entry():
    with pytest.raises(ActscopeError, match="a name and a function"):
        activations.register("alone")
    with pytest.raises(ActscopeError, match="without a colon"):
        activations.register("jax.nn:relu", jax.nn.relu)


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
