"""Residual branches are found in programs as people write them, and nothing else is one."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.sites import Branch, trace

X = jnp.ones((4, 6))


def dense(p, x):
    return x @ p["kernel"] + p["bias"][None]


def layer(n=6, m=6):
    return {"kernel": jnp.ones((n, m)), "bias": jnp.zeros(m)}


def norm(x):
    return (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + 1e-5)


def branches(function, params, x=X):
    return trace(function, params, x).branches


def block(p, x):
    return dense(p["down"], jax.nn.relu(dense(p["up"], x)))


BLOCK = {"up": layer(), "down": layer()}
DOWN = ("down.kernel", "down.bias")


@pytest.mark.parametrize(
    "function",
    [
        lambda p, x: x + block(p, x),
        lambda p, x: block(p, norm(x)) + x,
        lambda p, x: norm(x + block(p, x)),
        lambda p, x: x + 0.5 * block(p, x).reshape(2, 2, 6).reshape(4, 6) / 3,
        lambda p, x: x + jnp.where(jnp.arange(6)[None] > 2, block(p, x), 0),
        lambda p, x: x + jax.checkpoint(block)(p, x),
    ],
    ids=["plain", "norm before", "norm behind", "scaled", "masked", "remat"],
)
def test_the_last_weights_and_what_is_behind_them(function):
    (found,) = branches(function, BLOCK)
    assert sorted(found.leaves) == sorted(DOWN)
    assert found.times == 1


@pytest.mark.heavy
def test_they_do_scale_the_branch():
    def function(p, x):
        return x + block(p, norm(x))

    (found,) = branches(function, BLOCK)
    draw = iter(jax.random.split(jax.random.key(0), 5))
    params = jax.tree.map(lambda leaf: jax.random.normal(next(draw), leaf.shape), BLOCK)
    down = {
        name: x * (0.25 if f"down.{name}" in found.leaves else 1)
        for name, x in params["down"].items()
    }
    x = jax.random.normal(next(draw), (4, 6))
    part = function(params, x) - x
    scaled = function(params | {"down": down}, x) - x
    np.testing.assert_allclose(scaled, 0.25 * part, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("function", "leaf"),
    [
        (lambda p, x: x + p["gamma"][None] * block(p, x), "gamma"),
        (lambda p, x: x + p["gamma"][None] * norm(block(p, x)), "gamma"),
        (lambda p, x: x + norm(block(p, x)) * p["gamma"][None] + p["up"]["bias"][None], "gamma"),
    ],
    ids=["layer scale", "norm at the end", "an offset of the sum"],
)
def test_a_learned_scale_at_the_end(function, leaf):
    (found,) = branches(function, BLOCK | {"gamma": jnp.ones(6)})
    assert found.leaves == (leaf,)


class Residual(nn.Module):
    """As in a ResNet: the branch ends with a BatchNorm."""

    train: bool

    @nn.compact
    def __call__(self, x):
        y = nn.relu(nn.Conv(3, (3, 3), name="first")(x))
        y = nn.Conv(3, (3, 3), name="second")(y)
        y = nn.BatchNorm(use_running_average=not self.train, name="last")(y)
        return nn.relu(x + y)


@pytest.mark.heavy
@pytest.mark.parametrize("train", [True, False])
def test_batch_norm_at_the_end_takes_the_scale_of_the_weights_away(train):
    model, x = Residual(train), jnp.ones((2, 4, 4, 3))
    variables = model.init(jax.random.key(0), x)

    def function(p, x):
        return model.apply(p, x, mutable=["batch_stats"])[0]

    (found,) = branches(function, variables, x)
    assert sorted(found.leaves) == ["params.last.bias", "params.last.scale"]


def test_two_branches_of_one_signal_and_two_in_one():
    params = {"a": layer(), "b": layer()}

    def after_each_other(p, x):
        return x + jnp.tanh(dense(p["a"], x)) @ p["a"]["kernel"] + dense(p["b"], x)

    def together(p, x):
        return x + (dense(p["a"], x) + dense(p["b"], x))

    one, two = branches(after_each_other, params)
    assert (one.leaves, two.leaves) == (("a.kernel",), ("b.kernel", "b.bias"))
    (both,) = branches(together, params)
    assert sorted(both.leaves) == ["a.bias", "a.kernel", "b.bias", "b.kernel"]


def test_layers_in_a_loop_count_as_often_as_they_run():
    stacked = jax.tree.map(lambda leaf: jnp.stack([leaf] * 5), BLOCK)

    def looped(p, x):
        return jax.lax.scan(lambda h, each: (h + block(each, h), None), x, p)[0]

    assert branches(looped, stacked) == (Branch(DOWN, 5),)

    def mapped(p, x):
        return jax.lax.map(lambda each: each[None] + block(p, each[None]), x)

    assert branches(mapped, BLOCK) == (Branch(DOWN, 1),)


def test_a_branch_that_ends_in_an_activation_is_one_of_unknown_scale():
    assert branches(lambda p, x: x + jnp.tanh(dense(p, x)), layer()) == (Branch((), 1),)


@pytest.mark.parametrize(
    ("function", "params"),
    [
        (lambda p, x: jax.nn.gelu(dense(p, x)), layer()),
        (lambda p, x: dense(p, x) + p["bias"][None], layer()),
        (lambda p, x: dense(p, x) + x.sum(-1, keepdims=True), layer()),
        (lambda p, x: dense(p["up"], x[:, ::-1]) + jnp.tanh(dense(p["down"], x)), BLOCK),
        (lambda p, x: x + jnp.square(x) * p["gamma"][None], {"gamma": jnp.ones(6)}),
    ],
    ids=["gelu", "bias", "what was not before", "two of one kind", "no layer"],
)
def test_it_is_no_branch(function, params):
    assert branches(function, params) == ()


def test_a_gate_is_no_branch():
    """A GRU's (1 - z) n + z h, as n + z (h - n): z has layers, but none leads from n to it."""

    def cell(p, x):
        n, z = jnp.tanh(dense(p["up"], x)), jax.nn.sigmoid(dense(p["down"], x))
        return n + z * (x - n)

    assert branches(cell, BLOCK) == ()
