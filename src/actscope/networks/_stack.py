"""The Linen modules behind `FeedForward`: Linen folds each layer's name into its key."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from actscope.activations import Activation
from actscope.networks._activate import Activate, Output, Signal, plainly
from actscope.networks._initialisers import Initialiser, of_second_moment
from actscope.networks._layers import Layer, Normalization, product

Units = Float[Array, "batch *position unit"]

# Linen's names for the collection that the state is kept in, and for the stream of keys.
STATISTICS = "statistics"
RANDOM = "random"

_MOMENTUM = 0.9  # share of a running statistic that a step keeps
_EPSILON = 1e-5  # added to variances


@dataclass(frozen=True)
class Parts:
    """What the layers of a network have in common, looked up in the tables."""

    activation: Activation
    layer: Layer
    normalization: Normalization
    dropout: float
    initialiser: Initialiser


class Stack(nn.Module):
    """All layers of a network, from inputs that have entered to outputs."""

    parts: Parts
    hidden_sizes: tuple[int, ...]
    num_outputs: int

    @nn.compact
    def __call__(
        self, x: Signal, activate: Activate = plainly, train: bool = False
    ) -> Float[Array, "batch output"]:
        signal = None
        # 1/√blocks: with 1 the variance would double from block to block.
        share = 1 / math.sqrt(max(len(self.hidden_sizes) - 1, 1))
        for index, width in enumerate(self.hidden_sizes):
            layer = _Hidden(self.parts, index, width, share, name=f"layers_{index}")
            x, signal = layer(x, signal, activate, train)
        count = len(self.hidden_sizes)
        output = _Output(self.parts, count, self.num_outputs, name=f"layers_{count}")
        return output(self.parts.layer.leave(x))


class _Hidden(nn.Module):
    """A layer up to and with its activation.

    Attributes:
        parts: what all layers have in common.
        index: of the layer, from 0.
        width: number of its units.
        share: of the branch in the signal, where there is a skip.
    """

    parts: Parts
    index: int
    width: int
    share: float

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch *before feature"],
        skipped: Float[Array, "batch *before skipped"] | None,
        activate: Activate,
        train: bool,
    ) -> tuple[Output, Units]:
        """What the activation makes of the layer, and the signal that the next skip takes on.

        Args:
            x: output of the activation before.
            skipped: the signal before that activation and its normalisation.
            activate: called at the site.
            train: whether layers that differ in training do so.
        """
        kind, activation = self.parts.layer, self.parts.activation
        shape = kind.kernel(x.shape[-1], self.width * activation.reads)
        signal = _affine(self, shape, lambda kernel: kind.connect(x, kernel, self.index))
        if kind.skip and skipped is not None:
            signal = self._around(skipped, signal.shape[-1]) + self.share * signal
        pre = self._normalised(signal, train)
        given = self._learned(pre) | self._random(train)
        post = activate(f"layers.{self.index}", activation, pre, given)
        return self._dropped(post, train), signal

    def _around(
        self, x: Float[Array, "batch feature"], features: int
    ) -> Float[Array, "batch unit"]:
        if x.shape[-1] == features:
            return x
        shape = (x.shape[-1], features)
        return x @ self.param("shortcut", self.parts.initialiser.kernel, shape, jnp.float32)

    def _normalised(self, x: Signal, train: bool) -> Signal:
        axes = self.parts.normalization.axes(x.ndim)
        if not axes:
            return x
        mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        if self.parts.normalization.running:
            mean, variance = self._running(mean, variance, train)
        scale = self.param("scale", nn.initializers.ones, x.shape[-1:], jnp.float32)
        offset = self.param("offset", nn.initializers.zeros, x.shape[-1:], jnp.float32)
        normal = (x - mean) * jax.lax.rsqrt(variance + _EPSILON)
        return normal * _along(scale, x) + _along(offset, x)

    def _running(self, mean: Array, variance: Array, train: bool) -> tuple[Array, Array]:
        """The batch's own statistics in training and at the start, else the averages so far."""
        kept_mean = self.variable(STATISTICS, "mean", jnp.zeros, mean.size)
        kept_variance = self.variable(STATISTICS, "variance", jnp.ones, mean.size)
        if train and not self.is_initializing():
            for kept, new in ((kept_mean, mean), (kept_variance, variance)):
                kept.value = _MOMENTUM * kept.value + (1 - _MOMENTUM) * new.ravel()
        if train or self.is_initializing():
            return mean, variance
        return kept_mean.value.reshape(mean.shape), kept_variance.value.reshape(mean.shape)

    def _learned(self, pre: Signal) -> dict[str, Array]:
        activation = self.parts.activation
        if not activation.trainable:
            return {}
        starts = {name: activation.parameters[name] for name in activation.trainable}
        shape = (self.width,) if activation.per_unit else ()
        learned: dict[str, Array] = self.param(
            "activation",
            lambda _: {name: jnp.full(shape, at, jnp.float32) for name, at in starts.items()},
        )
        return {name: _along(x, pre) if x.ndim else x for name, x in learned.items()}

    def _random(self, train: bool) -> dict[str, Array]:
        drawn = train and self.parts.activation.random
        return {"key": self.make_rng(RANDOM)} if drawn else {}

    def _dropped(self, x: Signal, train: bool) -> Signal:
        rate = self.parts.dropout
        if not (train and rate):
            return x
        keep = jax.random.bernoulli(self.make_rng(RANDOM), 1 - rate, x.shape)
        return jnp.where(keep, x / (1 - rate), 0)


class _Output(nn.Module):
    """The dense layer that no activation follows."""

    parts: Parts
    index: int
    width: int

    @nn.compact
    def __call__(self, x: Float[Array, "batch feature"]) -> Float[Array, "batch output"]:
        return _affine(self, (x.shape[-1], self.width), lambda kernel: product(x, kernel))


def _affine(
    module: _Hidden | _Output, shape: tuple[int, ...], connect: Callable[[Array], Units]
) -> Units:
    """What `connect` makes of the layer's weights, and its biases."""
    initialiser = module.parts.initialiser
    asked = initialiser.start(module.parts.activation) if initialiser.start else None

    def begin(key: Array) -> Array:
        kernel = initialiser.kernel(key, shape, jnp.float32)
        if asked and module.index:
            return asked.sigma_w * kernel
        # The first layer meets the data, every later one what an activation made.
        if asked:
            return of_second_moment(kernel, connect, asked.first_variance)
        return initialiser.fit(kernel, connect) if initialiser.fit else kernel

    kernel = module.param("kernel", begin)
    x = connect(kernel)
    bias = initialiser.bias(math.prod(shape[:-1]))
    if asked and asked.sigma_b:
        bias = nn.initializers.normal(asked.sigma_b)
    return x + _along(module.param("bias", bias, shape[-1:], jnp.float32), x)


def _along(vector: Float[Array, " feature"], x: Signal) -> Array:
    """The vector along the last axis of `x`."""
    return vector.reshape((1,) * (x.ndim - 1) + (-1,))
