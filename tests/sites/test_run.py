"""A traced function that runs with its sites open, against the function itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.sites import trace
from tapping import (
    KEYS,
    LAYERS,
    STACK,
    V,
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


def twice(p, x):
    block = jax.jit(lambda p, x: jnp.tanh(second(p, x)))
    return {"deep": block(p, block(p, x)), "skip": x}


def rematerialised(p, x):
    return second(p, jax.checkpoint(lambda x: jax.nn.silu(first(p, x)))(x))


def learned(p, x):
    h = first(p, x)
    return second(p, jnp.where(h >= 0, h, p["second"]["w"][0] * h))


FUNCTIONS = [
    (dense, LAYERS),
    (twice, LAYERS),
    (rematerialised, LAYERS),
    (learned, LAYERS),
    (scanned, STACK),
    (chosen, LAYERS),
]


@pytest.mark.heavy
@pytest.mark.parametrize(("function", "params"), FUNCTIONS)
def test_outputs_and_gradients_stay_the_same_bit_for_bit_op_by_op(function, params):
    found = trace(function, params, X)
    witnesses = {spot.name: jnp.zeros(spot.shape) for spot in found.spots}
    assert witnesses
    with jax.disable_jit():
        outputs, gradient = plain(function, params)
        tapped, tapped_gradient = plain(lambda p, x: found.run(p, x, witnesses)[0], params)
        same(found.run(params, X)[0], outputs)
    same(tapped, outputs)
    same(tapped_gradient, gradient)


@pytest.mark.heavy
@pytest.mark.parametrize(("function", "params"), [(dense, LAYERS), (scanned, STACK)])
def test_compiled_they_are_the_same_to_rounding(function, params):
    outputs, gradient = plain(function, params)
    tapped, _, tapped_gradient, _ = opened(function, params)
    close(tapped, outputs, 2e-6)
    close(tapped_gradient, gradient, 2e-6)


@pytest.mark.heavy
def test_what_happens_at_a_site():
    _, acted, _, gradient = opened(dense)
    z = first(LAYERS, X)
    site = acted["first"]
    close(site.pre, z)
    close(site.post, jax.nn.gelu(z))
    close(site.slope, jax.vmap(jax.vmap(jax.grad(jax.nn.gelu)))(z))
    assert site.taken
    close(gradient["first"], shifted(dense, jnp.zeros((3, 5))))


def test_the_gradient_through_a_skip_is_not_that_of_the_site():
    def network(p, x, shift=0.0):
        h = first(p, x)
        return second(p, h + 3 * h @ p["second"]["w"] + jax.nn.relu(h + shift) @ V)

    _, _, gradient, at = opened(network)
    close(at["first"], shifted(network, jnp.zeros((3, 5))))
    close(gradient, plain(network)[1])


@jax.custom_vjp
def straight_through(x):
    return jnp.tanh(x)


straight_through.defvjp(lambda x: (jnp.tanh(x), None), lambda _, g: (7 * g,))


@jax.custom_jvp
def halved(x):
    return jax.nn.sigmoid(x)


halved.defjvp(lambda primals, tangents: (halved(*primals), tangents[0] / 2))


@pytest.mark.heavy
@pytest.mark.parametrize(("function", "slope"), [(straight_through, 7), (halved, 0.5)])
def test_the_slope_is_that_of_a_rule_of_the_users_own(function, slope):
    def network(p, x):
        return second(p, function(first(p, x)))

    _, acted, gradient, at = opened(network)
    same(acted["first"].slope, jnp.full((3, 5), slope))
    after = weights(X) @ V.T
    close(at["first"], slope * after)
    close(gradient["first"]["b"], slope * after.sum(axis=0))


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("relu", "slope"), [(jax.nn.relu, 0.0), (lambda x: jnp.maximum(x, 0), 0.5)]
)
def test_the_tie_at_zero_is_the_programs_own(relu, slope):
    def network(p, x):
        return relu(x @ p["w"])

    params = {"w": jnp.eye(5).at[:, 1].set(0)}
    _, acted, _, at = opened(network, params)
    assert list(acted) == ["w"]
    same(acted["w"].slope[:, 1], jnp.full(3, slope))
    close(at["w"][:, 1], slope * weights(X)[:, 1])
    close(acted["w"].slope[:, 0], (X[:, 0] > 0) * 1.0)


def test_a_negative_zero_stays_one():
    def network(p, x):
        return 1 / jnp.tanh(-0.0 * jnp.abs(x @ p["w"])), jnp.tanh(-0.0 * jnp.abs(x @ p["w"]))

    params = {"w": jnp.eye(5)}
    outputs, *_ = opened(network, params)
    same(outputs, network(params, X))


def test_tied_weights_are_three_sites_and_share_their_gradient():
    def network(p, x):
        for _ in range(3):
            x = jnp.tanh(second(p, x))
        return x

    _, acted, gradient, at = opened(network)
    assert list(acted) == ["second", "second#2", "second#3"]
    inputs = [X, acted["second"].post, acted["second#2"].post]
    parts = [x.T @ at[name] for x, name in zip(inputs, acted, strict=True)]
    close(gradient["second"]["w"], sum(parts))


@pytest.mark.heavy
def test_channels_stand_last_wherever_the_program_has_them():
    def network(p, x):
        layout = ("NCHW", "OIHW", "NCHW")
        made = jax.lax.conv_general_dilated(x, p["w"], (1, 1), "SAME", dimension_numbers=layout)
        return jax.nn.relu(made + p["b"][:, None, None])

    params = {"w": jax.random.normal(KEYS[0], (4, 3, 3, 3)), "b": jnp.linspace(-1, 1, 4)}
    images = jax.random.normal(KEYS[1], (2, 3, 6, 5))
    outputs, acted, _, at = opened(network, params, images)
    (site,), (gradient,) = acted.values(), at.values()
    assert site.pre.shape == site.slope.shape == (2, 6, 5, 4)
    close(jnp.moveaxis(site.post, -1, 1), outputs)
    close(gradient, jnp.moveaxis(weights(outputs) * (outputs > 0), 1, -1))


def test_one_number_an_example_is_one_unit():
    def network(p, x):
        return jnp.tanh(x @ p["w"])

    _, acted, _, at = opened(network, {"w": jnp.linspace(-1, 1, 5)})
    assert acted["w"].pre.shape == at["w"].shape == (3, 1)
    close(acted["w"].slope[:, 0], 1 - jnp.tanh(X @ jnp.linspace(-1, 1, 5)) ** 2)


@pytest.mark.heavy
def test_half_precision_stays_half():
    half = jax.tree.map(lambda x: x.astype(jnp.bfloat16), (LAYERS, X))
    outputs, acted, gradient, at = opened(dense, *half)
    assert acted["first"].pre.dtype == acted["first"].slope.dtype == at["first"].dtype == "bfloat16"
    same((outputs, gradient), plain(dense, *half))
    z = first(*jax.tree.map(lambda x: x.astype(jnp.float32), half))
    np.testing.assert_allclose(acted["first"].pre, z, rtol=0.02, atol=0.02)


def test_what_a_function_prints_it_still_prints(capfd):
    def network(p, x):
        h = first(p, x)
        jax.debug.print("at {}", h[0, 0])
        return jnp.tanh(h)

    trace(network, LAYERS, X).run(LAYERS, X)
    jax.effects_barrier()
    assert "at " in capfd.readouterr().out
