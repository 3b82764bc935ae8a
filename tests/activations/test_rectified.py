"""ReLU and its relatives of straight lines against mpmath, jax.nn, torch and differences."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from truth import DTYPES, Truth


def _nothing(x):
    return 0 * x


def _itself(x):
    return x


def _leaky(slope):
    return Truth([lambda x: slope * x, _itself], (0.0,))


TRUTH = {
    "relu": Truth([_nothing, _itself], (0.0,)),
    "leaky_relu": _leaky(0.1),
    "relu6": Truth([_nothing, _itself, lambda x: 6 + 0 * x], (0.0, 6.0)),
    "rrelu": _leaky((1 / 8 + 1 / 3) / 2),
    "squared_relu": Truth([_nothing, lambda x: x * x], (0.0,)),
}
OTHERS = [  # at other settings
    ("leaky_relu", {"negative_slope": -0.3}, _leaky(-0.3)),
    ("leaky_relu", {"negative_slope": 0}, TRUTH["relu"]),
    ("rrelu", {"lower": -0.5, "upper": 0.75}, _leaky(0.125)),
]


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    assert_right(activations.get(name), TRUTH[name], dtype)


@pytest.mark.parametrize(("name", "settings", "truth"), OTHERS)
def test_they_are_right_at_other_settings(name, settings, truth, assert_right):
    assert_right(activations.get(name, **settings), truth, "float32")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sign", [1, -1])
def test_both_halves_of_crelu_are_right(sign, dtype, assert_right):
    half, crelu = (1 - sign) // 2, activations.get("crelu")
    truth = TRUTH["relu"] if sign > 0 else Truth([lambda x: -x, _nothing], (0.0,))

    def one(x):
        return crelu(x[..., None])[..., half]

    assert_right(one, truth, dtype)


@pytest.mark.heavy
def test_crelu_is_twice_as_long_as_what_it_is_given():
    crelu = activations.get("crelu")
    x = jnp.asarray([[-2.0, 3.0], [0.0, -jnp.inf], [1.0, jnp.inf]])
    made = [[0, 3, 2, 0], [0, 0, 0, jnp.inf], [1, jnp.inf, 0, 0]]
    np.testing.assert_array_equal(crelu(x), made)
    np.testing.assert_array_equal(crelu(-2), [0, 2])
    assert crelu(jnp.ones((4, 5, 3), jnp.float16)).shape == (4, 5, 6)
    assert (crelu.reads, crelu.makes) == (1, 2)
    np.testing.assert_array_equal(jax.jacobian(crelu)(0.0), [0, 0])


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("relu", jax.nn.relu),
        ("leaky_relu", partial(jax.nn.leaky_relu, negative_slope=0.1)),
        ("relu6", jax.nn.relu6),
        ("squared_relu", lambda x: jax.nn.relu(x) ** 2),
    ],
)
def test_they_agree_with_jax_nn(name, peer, assert_like_peer):
    assert_like_peer(activations.get(name), peer)


def test_they_agree_with_torch():
    torch = pytest.importorskip("torch")
    x = np.linspace(-9, 9, 400, dtype=np.float32)
    for name, peer in (
        ("relu", torch.nn.ReLU()),
        ("leaky_relu", torch.nn.LeakyReLU(0.1)),
        ("relu6", torch.nn.ReLU6()),
        ("rrelu", torch.nn.RReLU().eval()),
    ):
        theirs = torch.tensor(x, requires_grad=True)
        peer(theirs).sum().backward()
        f = activations.get(name)
        np.testing.assert_allclose(f(x), peer(theirs).detach(), rtol=1e-6)
        np.testing.assert_allclose(activations.gradient(f, x), theirs.grad, rtol=1e-6)


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_the_curvature_is_that_of_differences(name, assert_differences):
    assert_differences(activations.get(name))


def test_parameters_change_the_function_and_its_kink():
    x = jnp.asarray([-2.0, 0.0, 3.0])
    leaky = activations.get("leaky_relu", negative_slope=0.25)
    np.testing.assert_array_equal(leaky(x), [-0.5, 0.0, 3.0])
    np.testing.assert_array_equal(activations.gradient(leaky, x), [0.25, 0.25, 1.0])


@pytest.mark.parametrize(
    ("name", "at", "slope"),
    [
        ("relu", 0.0, 0.0),
        ("leaky_relu", 0.0, 0.1),
        ("relu6", 0.0, 0.0),
        ("relu6", 6.0, 1.0),
        ("rrelu", 0.0, 11 / 48),
        ("squared_relu", 0.0, 0.0),
    ],
)
def test_at_a_kink_the_slope_is_that_of_the_left_side(name, at, slope):
    assert activations.gradient(activations.get(name), at) == np.float32(slope)


def test_the_curvature_of_squared_relu_at_0_is_that_of_the_left_side():
    assert jax.grad(jax.grad(activations.get("squared_relu")))(0.0) == 0


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_rrelu_draws_a_slope_for_each_number(dtype):
    rrelu, key = activations.get("rrelu"), jax.random.key(0)
    x = jnp.full(40_000, -1, dtype)
    slopes = -np.asarray(rrelu(x, key=key), np.float64)
    assert rrelu(x, key=key).dtype == dtype
    step = 2 * np.finfo(dtype).eps  # by so much rounding may lead out
    assert slopes.min() >= (1 / 8) * (1 - step)
    assert slopes.max() <= (1 / 3) * (1 + step)
    # Of a uniform distribution: the variance, and that of its estimate from fourth moments.
    width, n = 1 / 3 - 1 / 8, len(slopes)
    assert abs(slopes.mean() - 11 / 48) < 4 * width / np.sqrt(12 * n)
    assert abs(slopes.var() / (width**2 / 12) - 1) < 4 * np.sqrt(0.8 / n)
    np.testing.assert_array_equal(rrelu(jnp.ones(9, dtype), key=key), np.ones(9))


@pytest.mark.heavy
def test_rrelu_draws_the_same_by_the_same_key_and_differentiates_what_it_drew():
    rrelu = activations.get("rrelu", lower=0.2, upper=0.6)
    x, one, two = jnp.full((3, 5), -2.0), jax.random.key(1), jax.random.key(2)
    np.testing.assert_array_equal(rrelu(x, key=one), rrelu(x, key=one))
    assert (rrelu(x, key=one) != rrelu(x, key=two)).all()
    slope = jax.grad(lambda x: rrelu(x, key=one).sum())(x)
    np.testing.assert_allclose(x * slope, rrelu(x, key=one), rtol=1e-6)
    np.testing.assert_allclose(rrelu(x), 0.4 * x, rtol=1e-6)
    certain = activations.get("rrelu", lower=0.25, upper=0.25)
    np.testing.assert_array_equal(certain(x, key=one), 0.25 * x)


def test_the_slopes_range_in_order():
    with pytest.raises(ActscopeError, match="lower not above upper"):
        activations.describe(activations.get("rrelu", lower=0.5))


@pytest.mark.parametrize("name", [*TRUTH, "crelu"])
def test_what_is_not_a_number_stays_so(name):
    f = activations.get(name)
    assert jnp.isnan(f(jnp.nan)).all()


@pytest.mark.parametrize("name", TRUTH)
def test_whole_numbers_become_floating_point(name):
    f = activations.get(name)
    assert jnp.array_equal(f([-1, 0, 2]), f(jnp.asarray([-1.0, 0.0, 2.0])))


@pytest.mark.parametrize("name", TRUTH)
def test_infinity_has_its_limits(name):
    low, high = activations.describe(activations.get(name)).range
    assert activations.get(name)(jnp.inf) == high
    assert activations.get(name)(-jnp.inf) == low
