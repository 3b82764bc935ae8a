"""Networks of which it is known what is wrong with them, and what is not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope import theory
from actscope.diagnosis import examined
from actscope.probing import Model
from diagnosis.conftest import cross_entropy

pytestmark = pytest.mark.heavy

WIDTH = 64


def stack(activation, depth, sigma_w, sigma_b=0.0, inputs=64):
    """A deep network, one layer a step of a scan, with weights of variance σ_w²/fan_in."""
    rng = np.random.default_rng(depth)

    def draw(*shape, scale):
        return jnp.asarray(scale * rng.normal(size=shape), jnp.float32)

    params = {
        "embed": draw(inputs, WIDTH, scale=inputs**-0.5),
        "layers": {
            "kernel": draw(depth, WIDTH, WIDTH, scale=sigma_w * WIDTH**-0.5),
            "bias": draw(depth, WIDTH, scale=sigma_b),
        },
        "out": draw(WIDTH, 10, scale=WIDTH**-0.5),
    }

    def function(params, x):
        def layer(h, each):
            return activation(h @ each["kernel"] + each["bias"][None]), None

        return jax.lax.scan(layer, x @ params["embed"], params["layers"])[0] @ params["out"]

    return function, params


def found_in(function, params, digits):
    x = digits.normalization(digits.train.images).reshape(len(digits.train), -1)
    batch = np.asarray(x, np.float32), np.asarray(digits.train.labels, np.int32)
    profile = examined(Model.of(function, params, batch, cross_entropy))
    return profile, {each.rule: each for each in profile.findings}


def test_ten_layers_of_relu_from_pytorchs_default_die_by_half(digits):
    profile, found = found_in(*stack(jax.nn.relu, 10, 3**-0.5), digits)
    assert {"dead_units", "vanishing_gradient", "poor_initialization"} <= set(found)
    assert found["poor_initialization"].evidence["critical_sigma_w_squared"] == pytest.approx(2)
    critical, healthy = found_in(*stack(jax.nn.relu, 10, 2**0.5), digits)
    assert "vanishing_gradient" not in healthy
    assert "poor_initialization" not in healthy
    assert len(profile.sites) == len(critical.sites) == 10


def test_fifty_layers_of_sigmoid(digits):
    _, found = found_in(*stack(jax.nn.sigmoid, 50, 1.0), digits)
    assert {"vanishing_gradient", "collapsed_correlation", "poor_initialization"} <= set(found)
    # σ_w² = 1, and q near ¼: χ₁ is about E[f'²] = 1/16 less what curves away.
    assert 0.2 < found["vanishing_gradient"].evidence["per_layer"] < 0.25


@pytest.mark.parametrize(
    ("sigma_w", "rules"),
    [
        (0.8, {"vanishing_gradient", "vanishing_signal", "poor_initialization"}),
        (2.5, {"exploding_gradient", "poor_initialization"}),
    ],
)
def test_a_hundred_layers_of_tanh_off_the_edge_of_chaos(digits, sigma_w, rules):
    _, found = found_in(*stack(jnp.tanh, 100, sigma_w), digits)
    assert rules <= set(found)


def test_a_hundred_layers_of_tanh_at_the_edge_of_chaos(digits):
    start = theory.start("tanh")
    _, found = found_in(*stack(jnp.tanh, 100, start.sigma_w, start.sigma_b), digits)
    assert "poor_initialization" not in found


def test_the_ordered_phase_makes_all_examples_alike(digits):
    profile, found = found_in(*stack(jnp.tanh, 30, 0.9, 0.3), digits)
    correlations = [site.correlation for site in profile.sites]
    assert "collapsed_correlation" in found
    assert correlations[-1] > 0.995
    assert np.argmax(np.asarray(correlations) > 0.9) > 0


def test_selu_from_the_start_of_relu(digits):
    _, wrong = found_in(*stack(jax.nn.selu, 30, 2**0.5), digits)
    _, right = found_in(*stack(jax.nn.selu, 30, 1.0), digits)
    assert "exploding_gradient" in wrong
    assert not {"exploding_gradient", "exploding_signal", "vanishing_gradient"} & set(right)


def norm(x):
    centred = x - x.mean(-1, keepdims=True)
    return centred / jnp.sqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5)


def transformer(before, depth=24, width=32):
    """Blocks of attention and MLP with the norm before each branch, or behind each sum."""
    rng = np.random.default_rng(0)

    def draw(*shape):
        return jnp.asarray(rng.normal(size=shape) * shape[-2] ** -0.5, jnp.float32)

    params = {
        "embed": draw(8, width),
        "blocks": {
            "mix": {"kernel": draw(depth, width, 3 * width)},
            "up": {"kernel": draw(depth, width, 2 * width)},
            "down": {"kernel": draw(depth, 2 * width, width)},
        },
        "out": draw(width, 10),
    }

    def attended(h, each):
        q, k, v = jnp.split(h @ each["mix"]["kernel"], 3, axis=-1)
        return jax.nn.softmax(q @ k.swapaxes(1, 2) / width**0.5) @ v

    def mixed(h, each):
        return jax.nn.gelu(h @ each["up"]["kernel"]) @ each["down"]["kernel"]

    def block(h, each):
        for branch in (attended, mixed):
            h = h + branch(norm(h), each) if before else norm(h + branch(h, each))
        return h, None

    def function(params, x):
        h = jax.lax.scan(block, x.reshape(-1, 8, 8) @ params["embed"], params["blocks"])[0]
        return norm(h).mean(1) @ params["out"]

    return function, params


@pytest.mark.slow
def test_a_norm_before_the_branches_carries_gradients_through_24_blocks(digits):
    sizes = {}
    for before in (True, False):
        profile, found = found_in(*transformer(before), digits)
        assert [site.name for site in profile.sites] == [f"blocks.up[{i}]" for i in range(24)]
        sizes[before] = profile.sites[-1].gradient.l2 / profile.sites[0].gradient.l2
        assert "diverged" not in found
    # Xiong et al. (2020): behind the sums gradients grow towards the output.
    assert sizes[False] > 3 * sizes[True]
