"""Networks by the hundred: six kinds, seventeen activations, many sizes, five starts; bare JAX."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.datasets import load_digits

from actscope import theory

CLASSES = 10
EXAMPLES, BATCH = 512, 128

# JAX's own where it has them, as a user would write it.
ACTIVATIONS: Mapping[str, Callable[[Any], Any]] = {
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "relu6": jax.nn.relu6,
    "squared_relu": lambda x: jnp.square(jax.nn.relu(x)),
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "celu": jax.nn.celu,
    "gelu": partial(jax.nn.gelu, approximate=False),
    "gelu_tanh": jax.nn.gelu,
    "swish": jax.nn.silu,
    "mish": jax.nn.mish,
    "hard_swish": jax.nn.hard_swish,
    "softplus": jax.nn.softplus,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "hard_tanh": jax.nn.hard_tanh,
    "soft_sign": jax.nn.soft_sign,
}


def data() -> tuple[np.ndarray, np.ndarray]:
    """Digits, each number standardised over all of them."""
    digits: Any = load_digits()
    x = digits.images[:EXAMPLES].reshape(EXAMPLES, -1).astype(np.float32)
    return (x - x.mean()) / x.std(), digits.target[:EXAMPLES].astype(np.int32)


def _normal(variance: float) -> Callable[..., np.ndarray]:
    def draw(rng: np.random.Generator, shape: Any, fan_in: int, fan_out: int) -> np.ndarray:
        del fan_out
        return rng.normal(size=shape) * (variance / fan_in) ** 0.5

    return draw


def _glorot(rng: np.random.Generator, shape: Any, fan_in: int, fan_out: int) -> np.ndarray:
    end = (6 / (fan_in + fan_out)) ** 0.5
    return rng.uniform(-end, end, shape)


def _default(rng: np.random.Generator, shape: Any, fan_in: int, fan_out: int) -> np.ndarray:
    del fan_out
    return rng.uniform(-(fan_in**-0.5), fan_in**-0.5, shape)


# `critical` has a variance of its own for each kind of layer.
STARTS: Mapping[str, Callable[..., np.ndarray] | None] = {
    "critical": None,
    "PyTorch's default": _default,
    "He": _normal(2),
    "Glorot": _glorot,
    "LeCun": _normal(1),
}

Norm = Callable[[Any, Any], Any]


def _by_layer(layer: Any, x: Any) -> Any:
    del layer
    centred = x - x.mean(-1, keepdims=True)
    return centred / jnp.sqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5)


def _by_statistics(layer: Any, x: Any) -> Any:
    shape = (1,) * (x.ndim - 1) + (-1,)
    return (x - layer["mean"].reshape(shape)) / jnp.sqrt(layer["var"].reshape(shape) + 1e-5)


def _by_batch(layer: Any, x: Any) -> Any:
    del layer
    axes = tuple(range(x.ndim - 1))
    centred = x - x.mean(axes, keepdims=True)
    return centred / jnp.sqrt(jnp.square(centred).mean(axes, keepdims=True) + 1e-5)


def affine(layer: Any, x: Any, norm: Norm | None = None) -> Any:
    """What a layer makes of `x` before its activation."""
    kernel = layer["kernel"]
    if kernel.ndim == 2:
        x = x @ kernel
    else:
        x = jax.lax.conv_general_dilated(
            x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
    x = norm(layer, x) if norm else x
    return x + layer["bias"].reshape((1,) * (x.ndim - 1) + (-1,))


def _plain(act: Any, norm: Norm, layer: Any, x: Any) -> Any:
    del norm
    return act(affine(layer, x))


def _normalised(act: Any, norm: Norm, layer: Any, x: Any) -> Any:
    return act(affine(layer, x, norm))


def _residual(act: Any, norm: Norm, layer: Any, x: Any) -> Any:
    del norm
    return x + act(affine(layer, x)) @ layer["back"]["kernel"]


def _transformer(act: Any, norm: Norm, layer: Any, x: Any) -> Any:
    q, k, v = jnp.split(norm(layer, x) @ layer["mix"]["kernel"], 3, axis=-1)
    weights = jax.nn.softmax(q @ k.swapaxes(1, 2) / q.shape[-1] ** 0.5)
    x = x + weights @ v
    return x + act(affine(layer, norm(layer, x))) @ layer["back"]["kernel"]


@dataclass(frozen=True)
class Kind:
    """What its networks share.

    Attributes:
        block: `block(act, norm, layer, x)`.
        depths: fewest and most layers.
        widths: of which one is drawn.
        shape: of an example as the first layer takes it.
        norm: where it normalises.
        embeds: whether a matrix without an activation comes first, and blocks keep the width.
    """

    block: Callable[..., Any]
    depths: tuple[int, int]
    widths: tuple[int, ...]
    shape: tuple[int, ...] = (64,)
    norm: Norm | None = None
    embeds: bool = False


KINDS = {
    "dense": Kind(_plain, (3, 12), (16, 24, 32, 48, 64)),
    "layer norm": Kind(_normalised, (3, 12), (16, 24, 32, 48, 64), norm=_by_layer),
    "convolution": Kind(_plain, (2, 6), (8, 12, 16, 24), (4, 4, 1)),
    "batch norm": Kind(_normalised, (2, 5), (8, 12, 16, 24), (4, 4, 1), _by_statistics),
    "residual": Kind(_residual, (2, 10), (16, 24, 32, 48), embeds=True),
    "transformer": Kind(_transformer, (1, 4), (16, 24, 32), (8, 8), _by_layer, embeds=True),
}


@dataclass(frozen=True)
class Design:
    """One architecture.

    Attributes:
        number: by whose parity it is for choosing thresholds, or for reporting.
        kind: of `KINDS`.
        depth: layers, or blocks, with an activation.
        width: units, or channels, of each.
        activation: of `ACTIVATIONS`.
        loop: whether layers of equal shape lie in a `lax.scan`.
    """

    number: int
    kind: str
    depth: int
    width: int
    activation: str
    loop: bool

    @property
    def name(self) -> str:
        """For a table."""
        looped = " in a loop" if self.loop else ""
        return f"{self.kind} {self.depth}x{self.width} {self.activation}{looped}"

    @property
    def spots(self) -> tuple[int, ...]:
        """Places of an example at which its layers have units."""
        return KINDS[self.kind].shape[:-1]

    def program(self, *, by_batch: bool = False) -> Callable[[Any, Any], Any]:
        """`function(packed parameters, x)`, x of shape (batch, 64)."""
        kind, act = KINDS[self.kind], ACTIVATIONS[self.activation]
        norm = _by_batch if by_batch else kind.norm
        block = partial(kind.block, act, norm)

        def run(params: Any, x: Any) -> Any:
            if "batch_stats" in params:
                fixed, params = params["batch_stats"]["layers"], params["params"]
                both = zip(params["layers"], fixed, strict=True)
                params = {**params, "layers": [a | b for a, b in both]}
            x = entering(self, x)
            x = x @ params["embed"]["kernel"] if kind.embeds else x
            x = block(params["first"], x) if "first" in params else x
            if self.loop:
                x, _ = jax.lax.scan(lambda x, layer: (block(layer, x), None), x, params["layers"])
            else:
                for layer in params["layers"]:
                    x = block(layer, x)
            x = norm({}, x) if kind.embeds and norm else x
            return leaving(self, x) @ params["out"]["kernel"]

        return run

    def packed(self, params: Any) -> Any:
        """Parameters of single layers as `function` takes them."""
        layers = params["layers"]
        if self.kind == "batch norm":
            moving = [{k: layer[k] for k in ("mean", "var")} for layer in layers]
            layers = [
                {k: x for k, x in each.items() if k not in ("mean", "var")} for each in layers
            ]
            return {"params": {**params, "layers": layers}, "batch_stats": {"layers": moving}}
        if not self.loop:
            return params
        if not KINDS[self.kind].embeds:
            params, layers = {**params, "first": layers[0]}, layers[1:]
        return {**params, "layers": jax.tree.map(lambda *rows: jnp.stack(rows), *layers)}

    def init(self, start: str, seed: int, x: np.ndarray) -> Any:
        """Parameters of single layers; statistics of normalisation are those of `x`."""
        kind, rng = KINDS[self.kind], np.random.default_rng([self.number, seed])
        law = STARTS[start]
        gain = theory.gain(self.activation, "backward")

        def kernel(*shape: int, gain: float = 1.0) -> dict[str, Any]:
            fan_in, fan_out = int(np.prod(shape[:-1])), shape[-1] * int(np.prod(shape[:-2]))
            drawn = (law or _normal(gain**2))(rng, shape, fan_in, fan_out)
            return {"kernel": jnp.asarray(drawn, jnp.float32)}

        def layer(enters: int) -> dict[str, Any]:
            shape = (3, 3, enters, width) if len(kind.shape) == 3 else (enters, width)
            bias = jnp.zeros(width)
            if start == "PyTorch's default":
                fan_in = int(np.prod(shape[:-1]))
                bias = jnp.asarray(_default(rng, width, fan_in, width), jnp.float32)
            made = kernel(*shape, gain=gain) | {"bias": bias}
            if kind.embeds:
                made["back"] = kernel(width, width, gain=self.depth**-0.5)
            if self.kind == "transformer":
                made["mix"] = kernel(width, 3 * width)
            return made

        width = self.width
        sizes = [width if kind.embeds else kind.shape[-1], *[width] * (self.depth - 1)]
        made: dict[str, Any] = {"layers": [layer(size) for size in sizes]}
        made["out"] = kernel(width, CLASSES)
        if kind.embeds:
            made["embed"] = kernel(kind.shape[-1], width)
        if self.kind == "batch norm":
            self._measure(made["layers"], x)
        return made

    def _measure(self, layers: list[Any], x: Any) -> None:
        """Give each layer the mean and the variance of what comes to its normalisation."""
        x = entering(self, jnp.asarray(x))
        for layer in layers:
            before = affine(layer | {"bias": jnp.zeros(self.width)}, x)
            layer["mean"], layer["var"] = before.mean((0, 1, 2)), before.var((0, 1, 2))
            x = ACTIVATIONS[self.activation](affine(layer, x, _by_statistics))


def entering(design: Design, x: Any) -> Any:
    """Inputs as the first layer takes them."""
    shape = KINDS[design.kind].shape
    if len(shape) == 3:  # a quarter of the pixels: convolutions take long
        x = x.reshape(-1, 4, 2, 4, 2).mean((2, 4))
    return x.reshape(-1, *shape)


def leaving(design: Design, x: Any) -> Any:
    """One row an example, of what the last block gives."""
    return x.mean(1) if len(design.spots) == 1 else x.mean((1, 2)) * 4 if design.spots else x


def designs(count: int) -> Iterator[Design]:
    """The first so many designs: each round holds every kind with every activation, mixed."""
    pairs = [(kind, activation) for kind in KINDS for activation in ACTIVATIONS]
    for number in range(count):
        turn, place = divmod(number, len(pairs))
        kind, activation = pairs[np.random.default_rng(turn).permutation(len(pairs))[place]]
        rng, what = np.random.default_rng([number]), KINDS[kind]
        depth, width = (
            int(rng.integers(what.depths[0], what.depths[1] + 1)),
            rng.choice(what.widths),
        )
        # A convolution in a loop takes ten times as long as any other.
        loop = len(what.shape) < 3 and depth > 3 and bool(rng.random() < 0.75)
        yield Design(number, kind, depth, int(width), activation, loop)
