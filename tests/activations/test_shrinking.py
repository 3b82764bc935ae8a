"""Thresholds and shrinkage against mpmath, torch and differences."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from truth import DTYPES, Truth


def _nothing(x):
    return 0 * x


def _itself(x):
    return x


def _after(x):
    """The end of a closed interval: the next piece begins right after it."""
    return math.nextafter(x, math.inf)


def _threshold(threshold, value):
    return Truth([lambda x: value + 0 * x, _itself], (_after(threshold),))


def _hard(lambd):
    return Truth([_itself, _nothing, _itself], (-lambd, _after(lambd)))


def _soft(lambd):
    return Truth([lambda x: x + lambd, _nothing, lambda x: x - lambd], (-lambd, lambd))


TRUTH = {
    "threshold": _threshold(1.0, 0.0),
    "hardshrink": _hard(0.5),
    "softshrink": _soft(0.5),
    "tanhshrink": Truth([lambda x: x - mpmath.tanh(x)]),
}
OTHERS = [  # at other settings
    ("threshold", {"threshold": -0.5, "value": 2}, _threshold(-0.5, 2)),
    ("hardshrink", {"lambd": 3}, _hard(3.0)),
    ("softshrink", {"lambd": 3}, _soft(3.0)),
]


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)


@pytest.mark.parametrize(("name", "settings", "truth"), OTHERS)
def test_they_are_right_at_other_settings(name, settings, truth, assert_right):
    assert_right(activations.get(name, **settings), truth, "float32")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tanhshrink_is_right_where_the_textbook_form_cancels(dtype):
    x = np.geomspace(1e-8, 1.1, 300).astype(dtype)
    with jax.enable_x64(True), mpmath.workdps(50):
        got = activations.get("tanhshrink")(jnp.asarray(x)).tolist()
        exact = [mpmath.mpf(at) - mpmath.tanh(mpmath.mpf(at)) for at in x.tolist()]
        worst = max(abs(a / b - 1) for a, b in zip(got, exact, strict=True))
    assert worst < 8 * np.finfo(dtype).eps


def test_they_agree_with_torch():
    torch = pytest.importorskip("torch")
    x = np.linspace(-9, 9, 400, dtype=np.float32)
    for name, settings, peer in (
        ("threshold", {}, torch.nn.Threshold(1.0, 0.0)),
        ("threshold", {"threshold": 0.1, "value": 20}, torch.nn.Threshold(0.1, 20.0)),
        ("hardshrink", {}, torch.nn.Hardshrink()),
        ("softshrink", {}, torch.nn.Softshrink()),
        ("tanhshrink", {}, torch.nn.Tanhshrink()),
    ):
        theirs = torch.tensor(x, requires_grad=True)
        peer(theirs).sum().backward()
        f = activations.get(name, **settings)
        # Theirs of tanhshrink cancels.
        np.testing.assert_allclose(f(x), peer(theirs).detach(), rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(
            activations.gradient(f, x), theirs.grad, rtol=1e-5, atol=1e-6, err_msg=name
        )


@pytest.mark.parametrize(
    ("name", "at", "value", "slope"),
    [
        ("threshold", 1.0, 0, 0),
        ("hardshrink", -0.5, 0, 0),
        ("hardshrink", 0.5, 0, 0),
        ("softshrink", -0.5, 0, 1),
        ("softshrink", 0.5, 0, 0),
    ],
)
def test_what_they_are_at_their_kinks(name, at, value, slope):
    f = activations.get(name)
    assert (f(at), activations.gradient(f, at)) == (value, slope)


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_the_curvature_is_that_of_differences(name, assert_differences):
    assert_differences(activations.get(name))


def test_softshrink_can_learn_how_much():
    softshrink = activations.get("softshrink")
    slope = jax.vmap(jax.grad(lambda lambd, x: softshrink(x, lambd=lambd)), (None, 0))
    np.testing.assert_array_equal(slope(0.5, jnp.asarray([-2.0, 0.1, 2.0])), [1, 0, -1])


@pytest.mark.parametrize("name", ["hardshrink", "softshrink"])
def test_without_a_threshold_they_are_the_identity(name):
    f, x = activations.get(name, lambd=0), jnp.linspace(-2, 2, 9)
    np.testing.assert_array_equal(f(x), x)
    facts = activations.describe(f)
    assert (facts.kinks, facts.flat, facts.smoothness) == ((), (), math.inf)
    with pytest.raises(ActscopeError, match=f"{name}: lambd = -1"):
        activations.describe(activations.get(name, lambd=-1))


def test_a_threshold_that_is_its_own_value_makes_no_jump():
    facts = activations.describe(activations.get("threshold", threshold=2, value=2))
    assert (facts.smoothness, facts.largest_slope, facts.range) == (0, 1, (2, math.inf))
    above = activations.describe(activations.get("threshold", threshold=2, value=3))
    assert (above.smoothness, above.monotone, above.range) == (-1, False, (2, math.inf))


@pytest.mark.parametrize("name", TRUTH)
def test_what_is_not_a_number_stays_so(name):
    assert jnp.isnan(activations.get(name)(jnp.nan))


@pytest.mark.parametrize("name", TRUTH)
def test_whole_numbers_become_floating_point(name):
    f = activations.get(name)
    assert jnp.array_equal(f([-1, 0, 2]), f(jnp.asarray([-1.0, 0.0, 2.0])))


@pytest.mark.parametrize("name", TRUTH)
def test_infinity_has_its_limits(name):
    low, high = activations.describe(activations.get(name)).range
    assert activations.get(name)(jnp.inf) == high
    assert activations.get(name)(-jnp.inf) == low
