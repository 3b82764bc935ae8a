"""What normalises, compares, draws or masks is no site, however it is written."""

import jax
import jax.numpy as jnp
import optax
import pytest
from flax import linen

from actscope.sites import trace
from tapping import LAYERS, X, first, second

pytestmark = pytest.mark.usefixtures("as_users_write")


def moments(h, axis):
    return h.mean(axis, keepdims=True), h.var(axis, keepdims=True)


def layer_norm(h):
    mean, variance = moments(h, -1)
    return (h - mean) * jax.lax.rsqrt(variance + 1e-5)


def batch_norm(h):
    mean = h.mean(0)
    variance = jnp.maximum(0, jnp.square(h).mean(0) - jnp.square(mean))
    return (h - mean) / jnp.sqrt(variance + 1e-5)


def rms_norm(h):
    return h * jax.lax.rsqrt(jnp.square(h).mean(-1, keepdims=True) + 1e-6)


def standard(h):
    return (h - h.mean(-1, keepdims=True)) / (h.std(-1, keepdims=True) + 1e-6)


def unit(h):
    return h / jnp.maximum(jnp.linalg.norm(h, axis=-1, keepdims=True), 1e-6)


def unit_by_squares(h):
    return h / jnp.sqrt(jnp.maximum(jnp.square(h).sum(-1, keepdims=True), 1e-12))


def unit_twice_guarded(h):
    square = jnp.square(h).sum(-1, keepdims=True)
    good = square > 1e-12
    return h * jnp.where(good, jax.lax.rsqrt(jnp.where(good, square, 1)), 0)


def by_the_sum(h):
    return h / (jnp.abs(h).sum(-1, keepdims=True) + 1e-6)


def by_the_largest(h):
    return h / jnp.clip(jnp.abs(h).max(-1, keepdims=True), 1e-6)


def linens_norms(h):
    for norm in (linen.LayerNorm(), linen.RMSNorm(), linen.GroupNorm(1)):
        h = norm.apply(norm.init(jax.random.key(0), h), h)
    norm = linen.BatchNorm(use_running_average=False)
    return norm.apply(norm.init(jax.random.key(0), h), h, mutable=["batch_stats"])[0]


def masked_softmax(h):
    return jax.nn.softmax(jnp.where(jnp.tril(jnp.ones(h.shape)) > 0, h, -1e9))


def quiet_softmax(h):
    e = jnp.exp(h - h.max(-1, keepdims=True))
    return e / (1 + e.sum(-1, keepdims=True))


def very_quiet_softmax(h):
    largest = jnp.maximum(h.max(-1, keepdims=True), 0)
    e = jnp.exp(h - largest)
    return e / (jnp.exp(-largest) + e.sum(-1, keepdims=True))


def attention(h):
    layer = linen.MultiHeadDotProductAttention(1)
    return layer.apply(layer.init(jax.random.key(0), h), h)


def gumbel_softmax(h):
    return jax.nn.softmax((h + jax.random.gumbel(jax.random.key(0), h.shape)) / 0.5)


def dropout(h):
    return jnp.where(jax.random.bernoulli(jax.random.key(0), 0.5, h.shape), h / 0.5, 0)


def linens_dropout(h):
    return linen.Dropout(0.5, deterministic=False).apply({}, h, rngs={"dropout": jax.random.key(0)})


def reparametrised(h):
    mean, log_variance = jnp.split(jnp.tile(h, 2), 2, axis=-1)
    noise = jax.random.normal(jax.random.key(0), mean.shape)
    return mean + jnp.exp(0.5 * jnp.clip(log_variance, -20, 2)) * noise


def rotary(h):
    angle = jnp.arange(3)[:, None] / 10.0 ** jnp.arange(2)
    one, two = h[:, :2], h[:, 2:4]
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    return jnp.concatenate([one * cos - two * sin, one * sin + two * cos, h[:, 4:]], -1)


def causal(h):
    return jnp.where(jnp.tril(jnp.ones(h.shape, bool)), h, 0)


def without_nan(h):
    return jnp.nan_to_num(jnp.where(jnp.isfinite(h), h, 0.0))


def pooled(h):
    return linen.max_pool(h[..., None], (2,), (1,), "SAME")[..., 0]


def straight_through_round(h):
    scale = jnp.abs(h).max() / 127
    rounded = jnp.clip(jnp.round(h / scale), -127, 127) * scale
    return h + jax.lax.stop_gradient(rounded - h)


def few_bits(h):
    scale = jnp.abs(h).max() / 7
    rounded = jnp.clip(jnp.round(h / scale), -8, 7) * scale
    return h + jax.lax.stop_gradient(rounded - h)


def learned_bits(h):
    clipped = jnp.clip(h, -8, 7)
    return clipped + jax.lax.stop_gradient(jnp.round(clipped * 16) / 16 - clipped)


def squashed(h):
    square = jnp.square(h).sum(-1, keepdims=True)
    return square / (1 + square) * h


def one_hot(h):
    return jax.nn.one_hot(h.argmax(-1), 5) + jax.nn.one_hot(jax.lax.top_k(h, 2)[1], 5).sum(1)


def splines(h):
    knots = jnp.linspace(-1, 1, 6)
    above, below = h[..., None] >= knots[:-1], h[..., None] < knots[1:]
    return (above & below).astype(h.dtype).sum(-2)


@pytest.mark.heavy
@pytest.mark.parametrize(
    "function",
    [
        few_bits,
        learned_bits,
        squashed,
        one_hot,
        splines,
        layer_norm,
        batch_norm,
        rms_norm,
        standard,
        unit,
        unit_by_squares,
        unit_twice_guarded,
        by_the_sum,
        by_the_largest,
        linens_norms,
        jax.nn.standardize,
        jax.nn.softmax,
        jax.nn.log_softmax,
        masked_softmax,
        quiet_softmax,
        very_quiet_softmax,
        attention,
        gumbel_softmax,
        dropout,
        linens_dropout,
        reparametrised,
        rotary,
        causal,
        without_nan,
        pooled,
        straight_through_round,
    ],
)
def test_it_is_no_site(function):
    found = trace(lambda p, x: second(p, function(first(p, x))), LAYERS, X)
    assert [spot.label for spot in found.spots] == []


@pytest.mark.heavy
def test_the_terms_of_a_loss_within_are_outputs():
    def entropy(p, x):
        return optax.sigmoid_binary_cross_entropy(first(p, x), (X > 0) * 1.0).mean()

    def log_likelihood(p, x):
        return jax.nn.log_softmax(first(p, x))[:, 0].mean() + optax.l2_loss(second(p, x)).mean()

    assert {spot.role for spot in trace(entropy, LAYERS, X).spots} == {"output"}
    assert trace(log_likelihood, LAYERS, X).spots == ()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("function", "told"),
    [
        (jax.nn.softmax, "a softmax: not elementwise"),
        (masked_softmax, "a softmax: not elementwise"),
        (very_quiet_softmax, "it keeps a softmax from overflowing"),
        (lambda h: jax.lax.top_k(h, 2)[0] @ jnp.ones((2, 5)), "by their order: not elementwise"),
        (lambda h: h * (h.max(-1, keepdims=True) == h), "the largest of several numbers"),
        (lambda h: jnp.exp(jnp.clip(h, -3, 3)), "it bounds what is exponentiated"),
        (unit, "a guarded norm"),
        (few_bits, "it rounds: a quantiser"),
        (learned_bits, "it rounds: a quantiser"),
        (squashed, "it scales by the size of a vector: a norm"),
        (lambda h: jnp.maximum(h, h @ jnp.ones((5, 5))), "the largest of several numbers (maxout"),
    ],
)
def test_the_reason_is_given(function, told):
    found = trace(lambda p, x: second(p, function(first(p, x))), LAYERS, X)
    assert told in " / ".join(each.reason for each in found.excluded)


@pytest.mark.parametrize(
    "function",
    [
        jax.nn.log_softmax,
        lambda h: jax.nn.logsumexp(h, axis=-1, keepdims=True) - h,
        lambda h: jax.nn.logsumexp(h, axis=-1, keepdims=True, where=X > 0) - h,
        lambda h: jnp.log(jnp.exp(h).sum(-1, keepdims=True)) * h,
    ],
)
def test_a_logsumexp_is_no_maximum(function):
    found = trace(lambda p, x: second(p, function(first(p, x))), LAYERS, X)
    assert found.spots == ()
    assert [each.reason for each in found.excluded] == [
        "a logsumexp, as in a log_softmax: not elementwise"
    ]
