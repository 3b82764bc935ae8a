"""Sites of functions written by hand: found, told apart, named, or passed over with the reason."""

import jax
import jax.numpy as jnp
import pytest

from actscope.sites import trace

pytestmark = pytest.mark.usefixtures("as_users_write")

W = jax.random.normal(jax.random.key(0), (4, 4))
X = jnp.ones((2, 4))
LAYERS = {"first": {"w": W, "b": jnp.zeros(4)}, "second": {"w": W}}


def sites(function, params=LAYERS):
    return [(spot.name, spot.label) for spot in trace(function, params, X).spots]


def reasons(function):
    return " / ".join(each.reason for each in trace(function, LAYERS, X).excluded)


def first(p, x):
    return x @ p["first"]["w"] + p["first"]["b"]


def second(p, x):
    return x @ p["second"]["w"]


def test_layers_in_order_by_the_parameter_before_them():
    def network(p, x):
        return second(p, jax.nn.gelu(second(p, jax.nn.relu(first(p, x)))))

    found = trace(network, LAYERS, X).spots
    assert [spot.name for spot in found] == ["first", "second"]
    assert [spot.label for spot in found] == ["relu", "gelu_tanh"]
    assert [spot.role for spot in found] == ["hidden", "hidden"]
    assert all("test_traced.py:" in spot.source for spot in found)


def test_linens_collection_is_not_part_of_a_name():
    ((name, _),) = sites(lambda p, x: jnp.tanh(first(p["params"], x)), {"params": LAYERS})
    assert name == "first"


@pytest.mark.parametrize(
    ("function", "labels"),
    [
        # A bias of zeros is a bias: what comes after it is a function of the sum.
        (lambda p, x: jax.nn.relu(first(p, x)), ["relu"]),
        (lambda p, x: jnp.tanh(jax.nn.relu(first(p, x))), ["relu", "tanh"]),
        (lambda p, x: 1.7159 * jnp.tanh(first(p, x) * (2 / 3)), ["lecun_tanh"]),
        (lambda p, x: jax.nn.relu6(first(p, x) + 3) / 6, ["hard_sigmoid"]),
        (lambda p, x: jnp.clip(first(p, x), -1, 1), ["hard_tanh"]),
        (lambda p, x: jnp.log1p(jax.nn.relu(first(p, x))), ["relu"]),
        (lambda p, x: jax.nn.relu(first(p, x)) ** 2, ["relu"]),
        (lambda p, x: x + jax.nn.relu(first(p, x)), ["relu"]),
        (lambda p, x: first(p, x) * jax.nn.sigmoid(second(p, x)), ["sigmoid"]),
        (lambda p, x: jnp.exp(-(first(p, x) ** 2)), ["gaussian"]),
        (lambda p, x: jnp.where(second(p, x) > 0, second(p, x), 0.0), ["relu"]),
        (jax.jit(lambda p, x: jax.checkpoint(jax.nn.silu)(first(p, x))), ["swish"]),
        (lambda p, x: jax.vmap(lambda row: jax.nn.elu(first(p, row)))(x), ["elu"]),
        (lambda p, x: first(p, x) ** 2 + jnp.abs(second(p, x)), []),
    ],
)
def test_what_acts(function, labels):
    assert [label for _, label in sites(function)] == labels


def test_a_skip_around_a_nonlinearity_alone_is_part_of_it():
    ((_, label),) = sites(lambda p, x: first(p, x) + jnp.tanh(first(p, x)))
    assert label == "custom(tanh, add)"


@pytest.mark.parametrize("slope", [jnp.full(4, 0.01), jnp.linspace(-1, 1, 4), jnp.asarray(0.3)])
def test_a_slope_that_is_a_parameter_makes_prelu(slope):
    def network(p, x):
        h = first(p, x)
        return jnp.where(h >= 0, h, p["slope"] * h)

    assert sites(network, LAYERS | {"slope": slope}) == [("first", "prelu")]


def test_a_block_called_again_is_another_site():
    block = jax.jit(lambda p, x: jnp.tanh(second(p, x)))
    names = [name for name, _ in sites(lambda p, x: block(p, block(p, block(p, x))))]
    assert names == ["second", "second#2", "second#3"]


def test_a_loop_is_one_site_of_many_rows():
    def network(p, x):
        return jax.lax.scan(lambda h, w: (jax.nn.silu(h @ w), None), x, p["blocks"])[0]

    (spot,) = trace(network, {"blocks": jnp.ones((5, 4, 4))}, X).spots
    assert (spot.name, spot.label, spot.rows) == ("blocks", "swish", (5,))


def test_branches_are_looked_into_and_open_loops_are_told_of():
    def chosen(p, x):
        return jax.lax.cond(x[0, 0] > 0, jnp.tanh, jax.nn.sigmoid, first(p, x))

    def repeated(p, x):
        return jax.lax.while_loop(lambda h: h.sum() > 1, lambda h: jnp.tanh(second(p, h)), x)

    assert {label for _, label in sites(chosen)} == {"tanh", "sigmoid"}
    assert sites(repeated) == []
    assert "number of steps" in reasons(repeated)


def layer_norm(p, x):
    h = first(p, x)
    centred = h - h.mean(-1, keepdims=True)
    return centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)


def guarded(p, x):
    h = first(p, x)
    return h / jnp.maximum(jnp.linalg.norm(h, axis=-1, keepdims=True), 1e-6)


def quantised(p, x):
    h = first(p, x)
    return h + jax.lax.stop_gradient(jnp.round(h) - h)


def attended(p, x):
    return jax.nn.softmax(first(p, x)) @ p["second"]["w"]


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("function", "told"),
    [(layer_norm, ""), (guarded, "divides"), (quantised, "rounds"), (attended, "softmax")],
)
def test_normalisers_norms_quantisers_and_softmax_are_none(function, told):
    assert sites(function) == []
    assert told in reasons(function)


def test_what_no_parameter_precedes_is_preprocessing():
    def network(p, x):
        return jax.nn.relu(first(p, jnp.tanh(x)))

    assert sites(network) == [("first", "relu")]
    assert reasons(network) == "no parameter acts before it"


def test_weights_that_are_closed_over_count():
    assert [label for _, label in sites(lambda _, x: jax.nn.relu(x @ W), {})] == ["relu"]


@pytest.mark.parametrize(
    ("layout", "kernel", "images", "axis"),
    [
        (("NCHW", "OIHW", "NCHW"), (5, 3, 3, 3), (2, 3, 8, 8), 1),
        (("NHWC", "HWIO", "NHWC"), (3, 3, 3, 5), (2, 8, 8, 3), 3),
    ],
)
def test_channels_are_the_units_wherever_they_stand(layout, kernel, images, axis):
    def network(p, x):
        made = jax.lax.conv_general_dilated(x, p["w"], (1, 1), "SAME", dimension_numbers=layout)
        return jax.nn.relu(made)

    (spot,) = trace(network, {"w": jnp.ones(kernel)}, jnp.ones(images)).spots
    assert spot.unit_axis == axis


def test_units_of_a_network_of_one_example_that_is_mapped():
    def network(p, x):
        return jax.vmap(lambda row: jax.nn.relu(p["w"] @ row))(x)

    (spot,) = trace(network, {"w": jnp.ones((7, 4))}, X).spots
    assert spot.run.pre.shape[spot.unit_axis] == 7


def test_what_only_reshapes_and_scales_comes_before_an_output():
    def network(p, x):
        return jax.nn.sigmoid(second(p, jax.nn.relu(first(p, x)))).reshape(-1) * 2

    assert [spot.role for spot in trace(network, LAYERS, X).spots] == ["hidden", "output"]


def test_a_key_among_the_inputs_and_half_precision():
    def network(p, inputs):
        x, key = inputs
        h = jax.nn.relu(first(p, x))
        kept = jnp.where(jax.random.bernoulli(jax.random.split(key)[0], 0.5, h.shape), 2 * h, 0)
        return jax.nn.silu(second(p, kept).astype(jnp.bfloat16))

    found = trace(network, LAYERS, (X, jax.random.key(0))).spots
    assert [(spot.name, spot.label) for spot in found] == [("first", "relu"), ("second", "swish")]


def roles(function, params=LAYERS):
    return [spot.role for spot in trace(function, params, X).spots]


def test_a_branch_before_a_layer_is_hidden_and_one_at_the_end_an_output():
    def chosen(p, x):
        return jax.lax.cond(x[0, 0] > 0, jnp.tanh, jax.nn.sigmoid, first(p, x))

    assert roles(chosen) == ["output", "output"]
    assert roles(lambda p, x: second(p, chosen(p, x))) == ["hidden", "hidden"]


def test_before_weights_that_are_closed_over_it_is_hidden():
    assert roles(lambda _, x: jnp.sin(jnp.tanh(x @ W) @ W), {}) == ["hidden", "output"]


def test_a_loop_through_the_examples_is_a_batch():
    def network(p, x):
        return jax.lax.map(lambda row: jax.nn.sigmoid(second(p, jnp.tanh(first(p, row)))), x)

    found = trace(network, LAYERS, X).spots
    assert [(spot.name, spot.role) for spot in found] == [("first", "hidden"), ("second", "output")]
    assert [(spot.rows, spot.shape, spot.units) for spot in found] == [((), (2, 4), 4)] * 2


def test_after_a_skip_the_branch_gives_the_name():
    def network(p, x):
        h = first(p, x)
        return jnp.sin(h + second(p, jax.nn.relu(h)))

    assert sites(network) == [("first", "relu"), ("second", "sine")]


@pytest.mark.heavy
@pytest.mark.parametrize(("low", "high"), [(-5, 2), (-1, 1), (None, 8)])
def test_a_clipped_exponential_is_none(low, high):
    def network(p, x):
        return second(p, jnp.exp(0.5 * jnp.clip(first(p, x), low, high)))

    assert sites(network) == []
    assert reasons(network) == "it bounds what is exponentiated"


def test_a_clip_that_no_table_has_is_one_site():
    assert sites(lambda p, x: second(p, jnp.clip(first(p, x), -5, 2))) == [
        ("first", "custom(max, min)")
    ]


def test_a_norm_that_is_guarded_twice_is_none():
    def network(p, x):
        h = first(p, x)
        square = (h * h).sum(-1, keepdims=True)
        safe = square > 1e-12
        return h * jnp.where(safe, jax.lax.rsqrt(jnp.where(safe, square, 1)), 0)

    assert sites(network) == []
    assert "a norm" in reasons(network)


def test_a_masked_softmax_is_told_of():
    def network(p, x):
        return jax.nn.softmax(first(p, x), where=jnp.arange(4) < 3)

    assert reasons(network) == "a softmax: not elementwise"


def test_a_function_that_prints_is_followed():
    def network(p, x):
        h = first(p, x)
        jax.debug.print("{}", h)
        return jnp.tanh(h)

    assert sites(network) == [("first", "tanh")]


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("groups", [(2, 2, -1), (2, 2, 2, 8, 8)])
def test_channels_are_found_again_after_a_norm_over_groups(scaled, groups):
    def network(p, x):
        layout = ("NCHW", "OIHW", "NCHW")
        made = jax.lax.conv_general_dilated(x, p["w"], (1, 1), "SAME", dimension_numbers=layout)
        apart = made.reshape(groups)
        squares = jnp.square(apart).mean(range(2, apart.ndim), keepdims=True)
        normed = (apart / (1 + squares)).reshape(made.shape)
        return jax.nn.relu(normed * p["scale"][:, None, None] if scaled else normed)

    params = {"w": jnp.ones((4, 3, 3, 3)), "scale": jnp.ones(4)}
    (spot,) = trace(network, params, jnp.ones((2, 3, 8, 8))).spots
    assert (spot.unit_axis, spot.shape) == (1, (2, 8, 8, 4))
