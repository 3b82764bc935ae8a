"""PELU and swish with its beta against mpmath, elu, swish and what calculation finds."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import describe
from truth import DTYPES, Truth


def _swish(beta):
    return lambda x: x / (1 + mpmath.exp(-beta * x))


# In units of 1/beta: f' is 0 at -1.2785, f'' at ±2.3994.
CASES = {
    "pelu": ({}, Truth([mpmath.expm1, lambda x: x], (0.0,))),
    "pelu elsewhere": (
        {"a": 0.75, "b": 2.0},
        Truth([lambda x: 0.75 * mpmath.expm1(x / 2), lambda x: 0.375 * x], (0.0,)),
    ),
    "trainable_swish": (
        {},
        Truth([_swish(1)], roots=((), (-1.27846,), (-2.39936, 2.39936))),
    ),
    # A power of 2: the rounding of beta x by half an ulp costs |beta x| / 2 ulps of the result.
    "trainable_swish elsewhere": (
        {"beta": -2.0},
        Truth([_swish(-2)], roots=((), (0.639232,), (-1.199679, 1.199679))),
    ),
}


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(case, dtype, assert_right):
    settings, truth = CASES[case]
    assert_right(activations.get(case.split()[0], **settings), truth, dtype)


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "start"), [("pelu", "elu"), ("trainable_swish", "swish")])
def test_each_starts_as_a_function_of_the_table(name, start, assert_like_peer):
    assert_like_peer(activations.get(name), activations.get(start))


@pytest.mark.parametrize("beta", [0.0, 1.0, -3.0])
def test_along_beta_the_derivative_is_right_also_where_it_starts_from_0(beta):
    x = jnp.linspace(-4, 4, 9)
    found = jax.vmap(jax.grad(lambda at, b: activations.get("trainable_swish")(at, beta=b), 1))(
        x, jnp.full(9, beta)
    )
    s = 1 / (1 + np.exp(-beta * np.asarray(x, np.float64)))
    np.testing.assert_allclose(found, np.asarray(x) ** 2 * s * (1 - s), rtol=1e-5)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("pelu", {"a": 2.0, "b": 0.5}),
        ("trainable_swish", {"beta": 2.0}),
        ("trainable_swish", {"beta": -0.5}),
        ("trainable_swish", {"beta": 0.0}),
    ],
)
def test_the_facts_at_other_settings_are_what_calculation_finds(name, settings):
    fixed = activations.get(name, trainable=[], **settings)
    declared, found = describe(fixed), describe(replace(fixed, facts=None))
    assert found.kinks == declared.kinks == ()
    assert found.range == pytest.approx(declared.range, abs=1e-6)
    assert found.largest_slope == pytest.approx(declared.largest_slope, abs=1e-6)
    assert (found.monotone, found.flat) == (declared.monotone, declared.flat)


@pytest.mark.parametrize("setting", ["a", "b"])
def test_pelu_is_for_settings_above_0(setting):
    with pytest.raises(ActscopeError, match=f"pelu: {setting} = -1; expected a number above 0"):
        describe(activations.get("pelu", **{setting: -1.0}))
