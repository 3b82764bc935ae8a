"""Loops and branches with their sites open, against the same function without any."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.sites import trace
from tapping import (
    LAYERS,
    STACK,
    X,
    chosen,
    close,
    dense,
    first,
    opened,
    plain,
    same,
    scanned,
    second,
    shifted,
    weights,
)

pytestmark = pytest.mark.usefixtures("as_users_write")


@pytest.mark.heavy
def test_a_loop_is_its_steps_one_after_the_other():
    def unrolled(p, x):
        sums = []
        for w in p["blocks"]:
            sums.append(x.sum())
            x = jax.nn.silu(x @ w)
        return x, jnp.stack(sums)

    outputs, acted, gradient, at = opened(scanned, STACK)
    expected, steps, expected_gradient, at_steps = opened(unrolled, STACK)
    close(outputs, expected)
    close(gradient, expected_gradient)
    assert list(acted) == ["blocks"]
    assert list(steps) == ["blocks", "blocks#2", "blocks#3", "blocks#4"]
    for row, name in enumerate(steps):
        close(jax.tree.map(lambda x, row=row: x[row], acted["blocks"]), steps[name])
        close(at["blocks"][row], at_steps[name])


def test_a_backward_loop_has_the_row_of_the_weights_it_used():
    def network(p, x):
        return jax.lax.scan(lambda h, w: (jnp.tanh(h @ w), None), x, p["blocks"], reverse=True)[0]

    _, acted, _, _ = opened(network, STACK)
    close(acted["blocks"].pre[-1], X @ STACK["blocks"][-1])
    close(acted["blocks"].post[0], network(STACK, X))


@pytest.mark.heavy
def test_loops_within_loops_have_rows_of_rows():
    def network(p, x):
        def outer(h, ws):
            return jax.lax.scan(lambda h, w: (jnp.sin(h @ w), None), h, ws)[0], None

        return jax.lax.scan(outer, x, p["blocks"].reshape(2, 2, 5, 5))[0]

    def straight(p, x, shift):
        for w, added in zip(p["blocks"], shift.reshape(4, 3, 5), strict=True):
            x = jnp.sin(x @ w + added)
        return x

    (spot,) = trace(network, STACK, X).spots
    assert spot.shape == (2, 2, 3, 5)
    _, acted, _, gradient = opened(network, STACK)
    assert acted[spot.name].taken.shape == (2, 2)
    close(gradient[spot.name], shifted(straight, jnp.zeros((2, 2, 3, 5)), STACK))


@pytest.mark.heavy
@pytest.mark.parametrize("sign", [1, -1])
def test_only_the_branch_that_was_taken_acts(sign):
    inputs = X.at[0, 0].set(sign)
    outputs, acted, gradient, at = opened(chosen, LAYERS, inputs)
    expected, expected_gradient = plain(chosen, LAYERS, inputs)
    close(outputs, expected)
    close(gradient, expected_gradient)
    took, missed = ("first", "second") if sign > 0 else ("second", "first")
    assert acted[took].taken
    close(acted[took].post, expected)
    close(at[took], acted[took].slope * weights(X))
    assert not acted[missed].taken
    for nothing in (*acted[missed][:3], at[missed]):
        same(nothing, jnp.zeros((3, 5)))


@pytest.mark.heavy
def test_a_branch_in_a_loop_is_taken_in_some_steps():
    def network(p, x):
        def step(h, item):
            index, w = item
            return jax.lax.cond(index % 2 == 0, jnp.tanh, lambda h: 2 * h, h @ w), None

        return jax.lax.scan(step, x, (jnp.arange(4), p["blocks"]))[0]

    outputs, acted, gradient, at = opened(network, STACK)
    (name,) = acted
    np.testing.assert_array_equal(acted[name].taken, [True, False, True, False])
    same(at[name][1::2], jnp.zeros((2, 3, 5)))
    close(acted[name].pre[0], X @ STACK["blocks"][0])
    close((outputs, gradient), plain(network, STACK))


def test_a_loop_through_the_examples_is_the_batch_at_once():
    def by_one(p, x):
        return jax.lax.map(lambda row: dense(p, row), x)

    one, whole = opened(by_one), opened(dense)
    assert one[1]["first"].pre.shape == (3, 5)
    close(one, whole)


@pytest.mark.heavy
def test_loops_within_and_around_one_through_the_examples():
    def network(p, x):
        def example(row):
            return jax.lax.scan(lambda h, w: (jnp.tanh(h @ w), None), row, p["blocks"])[0]

        def again(h, _):
            return jax.lax.cond(h[0, 0] > 9, jnp.negative, partial(jax.lax.map, example), h), None

        return jax.lax.scan(again, x, length=2)[0]

    def straight(p, x, shift):
        for added in shift.reshape(8, 3, 5):
            x, p = jnp.tanh(x @ p[0] + added), jnp.roll(p, -1, axis=0)
        return x

    outputs, acted, gradient, at = opened(network, STACK)
    (name,) = acted
    assert acted[name].pre.shape == at[name].shape == (2, 4, 3, 5)
    np.testing.assert_array_equal(acted[name].taken, np.ones((2, 4), bool))
    close(acted[name].post[-1, -1], outputs)
    close(at[name], shifted(straight, jnp.zeros((2, 4, 3, 5)), STACK["blocks"]))
    close((outputs, gradient), plain(network, STACK))


def test_what_each_example_chooses_alone_is_told_of():
    def network(p, x):
        def example(row):
            h = jax.nn.relu(first(p, row))
            return jax.lax.cond(h[0] > 0, jnp.tanh, jnp.negative, second(p, h))

        return jax.lax.map(example, x)

    for examples in (2, 3):
        found = trace(network, LAYERS, jnp.ones((examples, 5)))
        assert [(spot.name, spot.rows) for spot in found.spots] == [("first", ())]
        assert [(each.name, each.reason) for each in found.excluded] == [
            ("second", "within a condition that each example meets alone")
        ]


def test_before_a_product_of_what_parameters_have_made_it_is_hidden():
    def attention(p, x):
        return jax.nn.sigmoid(first(p, x) @ second(p, x).T) @ second(p, x)

    def gated(p, x):
        return first(p, x) * jax.nn.sigmoid(second(p, x))

    roles = [trace(each, LAYERS, X).spots[0].role for each in (attention, gated)]
    assert roles == ["hidden", "output"]


def test_a_loop_through_chunks_has_a_site_for_these_and_one_for_the_rest():
    def in_chunks(p, x):
        return jax.lax.map(lambda row: dense(p, row), x, batch_size=2)

    outputs, acted, gradient, _ = opened(in_chunks)
    whole = opened(dense)
    close((outputs, gradient), (whole[0], whole[2]))
    assert acted["first"].pre.shape == (1, 2, 5)
    found = jnp.concatenate([acted["first"].pre.reshape(2, 5), acted["first#2"].pre])
    close(found, whole[1]["first"].pre)
