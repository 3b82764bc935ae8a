"""Swish and the others that are x times a gate, against mpmath, peers and differences."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from actscope import activations
from truth import DTYPES, ULPS, Truth


def _sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def _softplus(x):
    return mpmath.log1p(mpmath.exp(x))


def _identity(x):
    return x


# Beyond the break the gate is 1 - 1e-340 or nearer, and its digits take mpmath long.
TRUTH = {
    "swish": Truth([lambda x: x * _sigmoid(x)], roots=((), (-1.28,), (-2.40, 2.40))),
    "mish": Truth(
        [lambda x: x * mpmath.tanh(_softplus(x)), _identity],
        breaks=(400.0,),
        roots=((), (-1.19,), (-2.26, 1.49)),
    ),
    "logish": Truth([lambda x: x * mpmath.log1p(_sigmoid(x))], roots=((), (-1.37,), (-2.53, 2.32))),
    "telu": Truth(
        [lambda x: x * mpmath.tanh(mpmath.exp(x)), _identity],
        breaks=(7.0,),
        roots=((), (-1.08,), (-2.07, 0.70)),
    ),
    "smish": Truth(
        [lambda x: x * mpmath.tanh(mpmath.log1p(_sigmoid(x)))],
        roots=((), (-1.39,), (-2.55, 2.22)),
    ),
    "serf": Truth(
        [lambda x: x * mpmath.erf(_softplus(x)), _identity],
        breaks=(30.0,),
        roots=((), (-1.19,), (-2.26, 1.10)),
    ),
}

# Around the root of f', f' is a sum of two parts six times as large as what it is compared with;
# together they are off by 1.3 eps at most, that is by up to 24 such ulps. TeLU's curvature falls
# off as e^(-2u) does, u = e^x: half an ulp of u, up to 80 at these points, is 80 ulps of the whole.
WIDE = {"logish": 32, "smish": 32, "telu": 80}


@pytest.mark.heavy
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTH)
def test_value_and_derivatives_are_right_wherever_the_dtype_reaches(name, dtype, assert_right):
    wide = WIDE.get(name) if ULPS[dtype] > 1 else None
    assert_right(activations.get(name), TRUTH[name], dtype, ulps=wide)


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "peer"), [("swish", jax.nn.silu), ("mish", jax.nn.mish)])
def test_they_agree_with_jax_nn(name, peer, assert_like_peer):
    assert_like_peer(activations.get(name), peer)


@pytest.mark.parametrize(("name", "peer"), [("swish", "silu"), ("mish", "mish")])
def test_they_agree_with_torch(name, peer):
    torch = pytest.importorskip("torch")
    x = np.linspace(-20, 20, 1001, dtype="float32")
    at = torch.from_numpy(x).requires_grad_()
    value = getattr(torch.nn.functional, peer)(at)
    value.sum().backward()
    f = activations.get(name)
    np.testing.assert_allclose(f(x), value.detach().numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(activations.gradient(f, x), at.grad.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_the_curvature_is_that_of_differences(name, assert_differences):
    assert_differences(activations.get(name))


@pytest.mark.heavy
@pytest.mark.parametrize("transform", [lambda f: f, jax.jit])
def test_swish_has_the_bits_of_the_plain_program(transform):
    """Published figures are reproduced to the last digit: the order of its sums may not change."""
    x = jnp.asarray(np.random.default_rng(0).normal(0, 8, 50_000), jnp.float32)
    x = jnp.where(x < -87, 0, x)  # where the plain program underflows

    def run(f):
        def loss(x):
            return jnp.sum(f(x) * jnp.cos(x))

        return transform(f)(x), transform(jax.grad(loss))(x)

    plain = run(lambda x: x * activations.get("sigmoid")(x))
    for got, expected in zip(run(activations.get("swish")), plain, strict=True):
        assert jnp.array_equal(got, expected)


@pytest.mark.parametrize("name", TRUTH)
def test_whole_numbers_become_floating_point(name):
    f = activations.get(name)
    assert jnp.array_equal(f([-1, 0, 2]), f(jnp.asarray([-1.0, 0.0, 2.0])))


@pytest.mark.heavy
@pytest.mark.parametrize("name", TRUTH)
def test_infinity_has_its_limits(name):
    assert activations.get(name)(jnp.inf) == jnp.inf
    assert activations.get(name)(-jnp.inf) == 0
    assert jnp.isnan(activations.get(name)(jnp.nan))


@pytest.mark.parametrize("name", TRUTH)
def test_the_facts_are_those_of_the_truth(name):
    facts, truth = activations.get(name).facts(), TRUTH[name]
    (dip,), bends = truth.roots[1], truth.roots[2]
    with mpmath.workdps(40):
        bottom = mpmath.findroot(lambda x: mpmath.diff(truth.pieces[0], x), dip)
        top = mpmath.findroot(lambda x: mpmath.diff(truth.pieces[0], x, 2), bends[1])
        assert facts.range[0] == pytest.approx(float(truth(float(bottom), 0)), rel=1e-15)
        assert facts.largest_slope == pytest.approx(float(truth(float(top), 1)), rel=1e-15)


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "limit"), [("logish", np.log(2)), ("smish", 0.6)])
def test_two_slopes_go_to_less_than_one(name, limit):
    assert activations.gradient(activations.get(name), 50.0) == pytest.approx(limit, rel=1e-6)
