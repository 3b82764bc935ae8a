"""Signals of followed functions against backpropagation by hand, in NumPy's float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from actscope._errors import ActscopeError
from actscope.probing import probe, summarise
from actscope.probing._followed import Following, where

pytestmark = pytest.mark.usefixtures("as_users_write")

RNG = np.random.default_rng(3)
X = RNG.normal(size=(6, 5))


def normal(*shape):
    return RNG.normal(size=shape) / np.sqrt(shape[-2] if len(shape) > 1 else 1)


def loss(outputs, targets):
    return jnp.square(outputs - targets).sum(tuple(range(1, outputs.ndim))).mean()


def check(function, params, x, expected, target):
    """The profile's sites are those expected: pre, post and gradient by name, in order."""
    found = probe(function, params, (x, target), loss)
    assert [site.name for site in found.sites] == list(expected)
    for site in found.sites:
        for which, values in zip(("pre", "post", "gradient"), expected[site.name], strict=True):
            signal, by_hand = getattr(site, which), summarise(values)
            told = f"{site.name}, {which}"
            assert signal.count == by_hand.count
            for measure in ("l2", "std", "min", "max", "mean"):
                np.testing.assert_allclose(
                    getattr(signal, measure),
                    getattr(by_hand, measure),
                    rtol=1e-5,
                    atol=2e-6 * by_hand.std,
                    err_msg=f"{told}, {measure}",
                )
    return found


def slope_of_tanh(z):
    return 1 - np.tanh(z) ** 2


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.heavy
def test_dense_layers():
    p = {
        "a": {"w": normal(5, 4), "b": normal(4)},
        "c": {"w": normal(4, 4)},
        "d": {"w": normal(4, 3)},
    }

    def network(p, x):
        return jax.nn.relu(jnp.tanh(x @ p["a"]["w"] + p["a"]["b"]) @ p["c"]["w"]) @ p["d"]["w"]

    target = normal(6, 3)
    z1 = X @ p["a"]["w"] + p["a"]["b"]
    z2 = np.tanh(z1) @ p["c"]["w"]
    out = np.maximum(z2, 0) @ p["d"]["w"]
    d2 = 2 * (out - target) @ p["d"]["w"].T * (z2 > 0)
    d1 = d2 @ p["c"]["w"].T * slope_of_tanh(z1)
    expected = {"a": (z1, np.tanh(z1), d1), "c": (z2, np.maximum(z2, 0), d2)}
    found = check(network, p, X, expected, target)
    assert found.loss == pytest.approx(((out - target) ** 2).sum() / 6, rel=1e-6)
    weights = {each.name: each.gradient.l2 for each in found.parameters}
    assert weights["a.w"] == pytest.approx(np.linalg.norm(X.T @ d1) / 6, rel=1e-5)


@pytest.mark.heavy
def test_a_gated_unit_through_the_gate_alone():
    p = {"gate": {"w": normal(5, 4)}, "up": {"w": normal(5, 4)}, "down": {"w": normal(4, 3)}}

    def network(p, x):
        return jax.nn.silu(x @ p["gate"]["w"]) * (x @ p["up"]["w"]) @ p["down"]["w"]

    target = normal(6, 3)
    gate, up = X @ p["gate"]["w"], X @ p["up"]["w"]
    silu = gate * sigmoid(gate)
    slope = sigmoid(gate) * (1 + gate * (1 - sigmoid(gate)))
    gradient = 2 * ((silu * up) @ p["down"]["w"] - target) @ p["down"]["w"].T * up * slope
    check(network, p, X, {"gate": (gate, silu, gradient)}, target)


@pytest.mark.heavy
def test_a_block_with_a_skip_around_normalised_preactivations():
    p = {
        "stem": {"w": normal(5, 4)},
        "norm1": {"scale": normal(4), "shift": normal(4)},
        "one": {"w": normal(4, 4)},
        "norm2": {"scale": normal(4), "shift": normal(4)},
        "two": {"w": normal(4, 4)},
        "head": {"w": normal(4, 3)},
    }

    def norm(p, x):
        return x * p["scale"] + p["shift"]

    def network(p, x):
        x = x @ p["stem"]["w"]
        h = jax.nn.relu(norm(p["norm1"], x)) @ p["one"]["w"]
        return (x + jax.nn.relu(norm(p["norm2"], h)) @ p["two"]["w"]) @ p["head"]["w"]

    target = normal(6, 3)
    stem = X @ p["stem"]["w"]
    z1 = norm(p["norm1"], stem)
    z2 = norm(p["norm2"], np.maximum(z1, 0) @ p["one"]["w"])
    out = (stem + np.maximum(z2, 0) @ p["two"]["w"]) @ p["head"]["w"]
    d2 = 2 * (out - target) @ p["head"]["w"].T @ p["two"]["w"].T * (z2 > 0)
    d1 = d2 * p["norm2"]["scale"] @ p["one"]["w"].T * (z1 > 0)  # without the skip's
    expected = {"norm1": (z1, np.maximum(z1, 0), d1), "norm2": (z2, np.maximum(z2, 0), d2)}
    check(network, p, X, expected, target)


@pytest.mark.heavy
def test_through_attention_whose_softmax_is_no_site():
    p = {name: {"w": normal(4, 4)} for name in ("inner", "query", "key", "value", "outer")}
    x, target = RNG.normal(size=(2, 3, 4)), normal(2, 3, 4)

    def network(p, x):
        h = jnp.tanh(x @ p["inner"]["w"])
        query, key, value = (h @ p[name]["w"] for name in ("query", "key", "value"))
        share = jax.nn.softmax(query @ key.mT / 2)
        return jax.nn.sigmoid((h + share @ value) @ p["outer"]["w"])

    z1 = x @ p["inner"]["w"]
    h = np.tanh(z1)
    query, key, value = (h @ p[name]["w"] for name in ("query", "key", "value"))
    score = np.exp(query @ key.mT / 2)
    share = score / score.sum(-1, keepdims=True)
    z2 = (h + share @ value) @ p["outer"]["w"]
    d2 = 2 * (sigmoid(z2) - target) * sigmoid(z2) * (1 - sigmoid(z2))
    mixed = d2 @ p["outer"]["w"].T
    of_share = mixed @ value.mT
    of_score = share * (of_share - (share * of_share).sum(-1, keepdims=True)) / 2
    of_h = (
        mixed
        + of_score @ key @ p["query"]["w"].T
        + of_score.mT @ query @ p["key"]["w"].T
        + share.mT @ mixed @ p["value"]["w"].T
    )
    expected = {
        "inner": (z1, h, of_h * slope_of_tanh(z1)),
        "outer": (z2, sigmoid(z2), d2),
    }
    found = check(network, p, x, expected, target)
    assert [(site.role, site.shape) for site in found.sites] == [
        ("hidden", (3, 4)),
        ("output", (3, 4)),
    ]
    assert [why for _, why in found.excluded] == ["a softmax: not elementwise"]


@pytest.mark.heavy
def test_a_loop_over_layers_is_a_site_for_each():
    p = {"layers": {"w": normal(3, 5, 5), "b": normal(3, 5)}}

    def network(p, x):
        def step(h, layer):
            return h + jnp.tanh(h @ layer["w"] + layer["b"]), None

        return jax.lax.scan(step, x, p["layers"])[0]

    target, h, pre = normal(6, 5), X, []
    for w, b in zip(p["layers"]["w"], p["layers"]["b"], strict=True):
        pre.append(h @ w + b)
        h = h + np.tanh(pre[-1])
    gradient, d = [], 2 * (h - target)
    for w, z in zip(p["layers"]["w"][::-1], pre[::-1], strict=True):
        gradient.insert(0, d * slope_of_tanh(z))
        d = d + gradient[0] @ w.T
    expected = {f"layers[{i}]": (z, np.tanh(z), gradient[i]) for i, z in enumerate(pre)}
    check(network, p, X, expected, target)


class Convolved(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.Conv(3, (3, 3), name="conv")(x)
        x = nn.relu(nn.BatchNorm(use_running_average=True, name="norm")(x))
        return nn.Dense(2, name="head")(x.mean((1, 2)))


def convolved(x, kernel):
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    h, w = x.shape[1:3]
    return sum(padded[:, i : i + h, j : j + w] @ kernel[i, j] for i in range(3) for j in range(3))


@pytest.mark.heavy
def test_convolution_and_batch_norm_of_which_statistics_are_not_trained():
    x, target = RNG.normal(size=(4, 5, 6, 2)), normal(4, 2)
    weights = {
        "conv": {"kernel": normal(3, 3, 2, 3), "bias": normal(3)},
        "norm": {"scale": normal(3), "bias": normal(3)},
        "head": {"kernel": normal(3, 2), "bias": normal(2)},
    }
    moving = {"norm": {"mean": normal(3), "var": normal(3) ** 2}}
    made = convolved(x, weights["conv"]["kernel"]) + weights["conv"]["bias"]
    scale = weights["norm"]["scale"] / np.sqrt(moving["norm"]["var"] + 1e-5)
    z = (made - moving["norm"]["mean"]) * scale + weights["norm"]["bias"]
    out = np.maximum(z, 0).mean((1, 2)) @ weights["head"]["kernel"] + weights["head"]["bias"]
    pooled = 2 * (out - target) @ weights["head"]["kernel"].T / 30
    gradient = pooled[:, None, None] * (z > 0)
    variables = {"params": weights, "batch_stats": moving}
    expected = {"norm": (z, np.maximum(z, 0), gradient)}
    found = check(Convolved().apply, variables, x, expected, target)
    assert {each.name.split(".")[0] for each in found.parameters} == set(weights)
    assert len(found.parameters) == 6


def test_it_is_traced_once_for_every_shape():
    traced = []

    def network(p, x):
        traced.append(x.shape)
        return jnp.tanh(x @ p)

    following = Following(network)
    one = following(np.eye(5), X)
    assert following(np.eye(5), X + 1) is one
    assert following(np.eye(5), X[:2]) is not one
    assert traced == [(6, 5), (2, 5)]
    assert one.only(frozenset()) is one.only(frozenset())


def test_a_model_that_does_something_else_for_another_shape_is_refused():
    def network(p, x):
        return jnp.tanh(x @ p) if len(x) > 2 else x @ p

    following = Following(network)
    following(np.eye(5), X)
    with pytest.raises(
        ActscopeError, match="0 sites in a batch of one shape and 1 in one of anoth"
    ):
        following(np.eye(5), X[:2])


def test_an_error_is_where_the_user_made_it():
    def network(p, x):
        return jnp.dot(x, p)

    with pytest.raises(ActscopeError, match=r"test_followed.py:\d+ \(network\) raised TypeError"):
        Following(network)(np.eye(4), X)
    assert where(ValueError()) == "it"
