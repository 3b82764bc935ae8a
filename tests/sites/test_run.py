"""A traced function that runs with its sites open, against the function itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from actscope.sites import trace

KEYS = jax.random.split(jax.random.key(6), 4)
W, V = (jax.random.normal(key, (5, 5)) / 2 for key in KEYS[:2])
X = jax.random.normal(KEYS[2], (3, 5))
LAYERS = {"first": {"w": W, "b": jnp.linspace(-1, 1, 5)}, "second": {"w": V}}
STACK = {"blocks": jax.random.normal(KEYS[3], (4, 5, 5)) / 2}
WEIGHTS = jnp.linspace(-1, 2, 15)


@pytest.fixture(autouse=True)
def _as_users_write():
    with jax.numpy_rank_promotion("allow"):
        yield


def value(outputs):
    """A number that depends on every output, each in another way."""
    return sum((x.ravel() * jnp.linspace(-1, 2, x.size)).sum() for x in jax.tree.leaves(outputs))


def opened(function, params=LAYERS, inputs=X):
    """Outputs, what happened at the sites, and gradients at parameters and sites."""
    found = trace(function, params, inputs)
    witnesses = {spot.name: jnp.zeros(spot.shape, spot.run.pre.dtype) for spot in found.spots}

    def measured(params, witnesses):
        outputs, acted = found.run(params, inputs, witnesses)
        return value(outputs), (outputs, acted)

    differentiated = jax.jit(jax.value_and_grad(measured, argnums=(0, 1), has_aux=True))
    (_, (outputs, acted)), (gradient, at) = differentiated(params, witnesses)
    return outputs, acted, gradient, at


def plain(function, params=LAYERS, inputs=X):
    def measured(params):
        outputs = function(params, inputs)
        return value(outputs), outputs

    (_, outputs), gradient = jax.jit(jax.value_and_grad(measured, has_aux=True))(params)
    return outputs, gradient


def shifted(function, shift, params=LAYERS, inputs=X):
    """Gradient at what an activation is given, from a number that is added there."""
    return jax.jit(jax.grad(lambda shift: value(function(params, inputs, shift))))(shift)


def same(one, other):
    jax.tree.map(np.testing.assert_array_equal, one, other)


def close(one, other, rtol=1e-5):
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-6), one, other)


def first(p, x):
    return x @ p["first"]["w"] + p["first"]["b"]


def second(p, x):
    return x @ p["second"]["w"]


def dense(p, x, shift=0.0):
    return second(p, jax.nn.gelu(first(p, x) + shift))


def twice(p, x):
    block = jax.jit(lambda p, x: jnp.tanh(second(p, x)))
    return {"deep": block(p, block(p, x)), "skip": x}


def rematerialised(p, x):
    return second(p, jax.checkpoint(lambda x: jax.nn.silu(first(p, x)))(x))


def learned(p, x):
    h = first(p, x)
    return second(p, jnp.where(h >= 0, h, p["second"]["w"][0] * h))


def scanned(p, x):
    return jax.lax.scan(lambda h, w: (jax.nn.silu(h @ w), h.sum()), x, p["blocks"])


def chosen(p, x):
    return jax.lax.cond(
        x[0, 0] > 0,
        lambda p, x: jnp.tanh(first(p, x)),
        lambda p, x: jax.nn.softplus(second(p, x)),
        p,
        x,
    )


FUNCTIONS = [
    (dense, LAYERS),
    (twice, LAYERS),
    (rematerialised, LAYERS),
    (learned, LAYERS),
    (scanned, STACK),
    (chosen, LAYERS),
]


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


@pytest.mark.parametrize(("function", "params"), [(dense, LAYERS), (scanned, STACK)])
def test_compiled_they_are_the_same_to_rounding(function, params):
    outputs, gradient = plain(function, params)
    tapped, _, tapped_gradient, _ = opened(function, params)
    close(tapped, outputs, 2e-6)
    close(tapped_gradient, gradient, 2e-6)


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
    close(at[took], acted[took].slope * WEIGHTS.reshape(3, 5))
    assert not acted[missed].taken
    for nothing in (*acted[missed][:3], at[missed]):
        same(nothing, jnp.zeros((3, 5)))


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


@jax.custom_vjp
def straight_through(x):
    return jnp.tanh(x)


straight_through.defvjp(lambda x: (jnp.tanh(x), None), lambda _, g: (7 * g,))


@jax.custom_jvp
def halved(x):
    return jax.nn.sigmoid(x)


halved.defjvp(lambda primals, tangents: (halved(*primals), tangents[0] / 2))


@pytest.mark.parametrize(("function", "slope"), [(straight_through, 7), (halved, 0.5)])
def test_the_slope_is_that_of_a_rule_of_the_users_own(function, slope):
    def network(p, x):
        return second(p, function(first(p, x)))

    _, acted, gradient, at = opened(network)
    same(acted["first"].slope, jnp.full((3, 5), slope))
    after = WEIGHTS.reshape(3, 5) @ V.T
    close(at["first"], slope * after)
    close(gradient["first"]["b"], slope * after.sum(axis=0))


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
    close(at["w"][:, 1], slope * WEIGHTS.reshape(3, 5)[:, 1])
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
    weights = jnp.linspace(-1, 2, outputs.size).reshape(outputs.shape)
    close(gradient, jnp.moveaxis(weights * (outputs > 0), 1, -1))


def test_one_number_an_example_is_one_unit():
    def network(p, x):
        return jnp.tanh(x @ p["w"])

    _, acted, _, at = opened(network, {"w": jnp.linspace(-1, 1, 5)})
    assert acted["w"].pre.shape == at["w"].shape == (3, 1)
    close(acted["w"].slope[:, 0], 1 - jnp.tanh(X @ jnp.linspace(-1, 1, 5)) ** 2)


def test_half_precision_stays_half():
    half = jax.tree.map(lambda x: x.astype(jnp.bfloat16), (LAYERS, X))
    outputs, acted, gradient, at = opened(dense, *half)
    assert acted["first"].pre.dtype == acted["first"].slope.dtype == at["first"].dtype == "bfloat16"
    same((outputs, gradient), plain(dense, *half))
    z = first(*jax.tree.map(lambda x: x.astype(jnp.float32), half))
    np.testing.assert_allclose(acted["first"].pre, z, rtol=0.02, atol=0.02)
