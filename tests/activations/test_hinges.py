"""Piecewise linear functions against exact arithmetic, torch, and what calculation finds."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope.activations import describe
from truth import DTYPES, Truth

# Settings that binary fractions hold, so that all dtypes compute the same function.
SRELU = {"t_l": -1.0, "a_l": 0.5, "t_r": 0.75, "a_r": -0.25}
APL = {"a_1": -0.25, "b_1": -1.5, "a_2": 0.125, "b_2": 0.5}
SETTINGS = {"prelu": {"negative_slope": -0.5}, "srelu": SRELU, "apl": APL}
TRUTH = {
    "prelu": Truth([lambda x: x / 4, lambda x: x], (0.0,)),
    "srelu": Truth([lambda x: x / 4, lambda x: x], (0.0,)),
    "apl": Truth(
        [lambda x: x / 5, lambda x: (x - 0.5) / 10, lambda x: (11 * x - 0.5) / 10, lambda x: x],
        (-0.5, 0.0, 0.5),
        ((0.0454545,), (), ()),
    ),
}
TRUTH_ELSEWHERE = {
    "prelu": Truth([lambda x: -x / 2, lambda x: x], (0.0,)),
    "srelu": Truth(
        [lambda x: (x - 1) / 2, lambda x: x, lambda x: 0.75 - (x - 0.75) / 4],
        (-1.0, 0.75),
        ((3.75,), (), ()),
    ),
    # -(-1.5 - x)/4 + (0.5 - x)/8 and so on.
    "apl": Truth(
        [
            lambda x: x / 8 + 0.4375,
            lambda x: (0.5 - x) / 8,
            lambda x: x + (0.5 - x) / 8,
            lambda x: x,
        ],
        (-1.5, 0.0, 0.5),
        ((-3.5,), (), ()),
    ),
}


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)
    assert_right(activations.get(name, **SETTINGS[name]), TRUTH_ELSEWHERE[name], dtype)


def test_prelu_is_torchs():
    torch = pytest.importorskip("torch")
    x = np.linspace(-3, 3, 101, dtype=np.float32)
    theirs = torch.nn.PReLU()(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_array_equal(activations.get("prelu")(x), theirs)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "settings", "slopes"),
    [
        ("prelu", {}, {0.0: 0.25}),
        ("srelu", SRELU, {-1.0: 0.5, 0.75: 1.0}),
        ("apl", APL, {-1.5: 0.125, 0.0: -0.125, 0.5: 0.875}),
    ],
)
def test_at_a_corner_the_derivative_is_that_on_the_left(name, settings, slopes):
    found = activations.gradient(activations.get(name, **settings), list(slopes))
    np.testing.assert_array_equal(found, list(slopes.values()))


ELSEWHERE = [
    *SETTINGS.items(),
    ("prelu", {"negative_slope": 0.0}),
    ("prelu", {"negative_slope": 1.0}),
    ("prelu", {"negative_slope": -1.0}),
    ("srelu", {"a_l": 0.0, "a_r": 0.0}),
    ("srelu", {"t_l": -1.0, "a_l": 0.25, "a_r": 0.25}),
    ("srelu", {"a_l": 1.0}),
    ("apl", {"a_1": 0.0, "a_2": 0.0}),
    ("apl", {"a_1": 1.0, "b_1": 0.0, "a_2": 0.0}),
]


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "settings"), ELSEWHERE)
def test_the_facts_at_other_settings_are_what_calculation_finds(name, settings):
    fixed = activations.get(name, trainable=[], **settings)
    declared, found = describe(fixed), describe(replace(fixed, facts=None))
    assert found.kinks == pytest.approx(declared.kinks, abs=1e-9)
    assert found.range == pytest.approx(declared.range, abs=1e-6)
    assert found.largest_slope == pytest.approx(declared.largest_slope, abs=1e-6)
    assert (found.monotone, found.flat) == (declared.monotone, declared.flat)
    x = np.linspace(0, 5, 1001)
    odd, even = (bool(jnp.allclose(fixed(-x), side * fixed(x))) for side in (-1, 1))
    assert declared.symmetry == ("odd" if odd else "even" if even else "")
