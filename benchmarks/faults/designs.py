"""Networks that train: dense, convolution, residual and transformer ones, in bare JAX."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.datasets import load_digits

from actscope import activations, theory

CLASSES = 10
EXAMPLES, BATCH = 512, 128


def data() -> tuple[np.ndarray, np.ndarray]:
    """Digits, each number standardised over all of them."""
    digits = load_digits()
    x = digits.images[:EXAMPLES].reshape(EXAMPLES, -1).astype(np.float32)
    return (x - x.mean()) / x.std(), digits.target[:EXAMPLES].astype(np.int32)


@dataclass(frozen=True)
class Design:
    """One architecture; `function` is the same object each time, so that it is compiled once."""

    kind: str
    depth: int
    width: int
    activation: str

    @property
    def name(self) -> str:
        """For a table."""
        return f"{self.kind} {self.depth}x{self.width} {self.activation}"

    @cached_property
    def function(self) -> Callable[[Any, Any], Any]:
        """`function(params, x)`, x of shape (batch, 64)."""
        act = activations.get(self.activation)
        body = {"dense": _dense, "convolution": _convolution, "residual": _residual}.get(
            self.kind, _transformer
        )

        def run(params: Any, x: Any) -> Any:
            return body(act, params, x) @ params["out"]["kernel"]

        return run

    def init(self, seed: int) -> Any:
        """Parameters at the critical gain."""
        rng = np.random.default_rng(seed)
        gain = theory.gain(self.activation, "backward")
        sizes = {"dense": 64, "convolution": 1, "residual": 64}.get(self.kind, 8)

        def kernel(*shape: int, gain: float = gain) -> Any:
            fan_in = int(np.prod(shape[:-1]))
            return jnp.asarray(gain * rng.normal(size=shape) / fan_in**0.5, jnp.float32)

        def layer(a: int, b: int) -> Any:
            shape = (3, 3, a, b) if self.kind == "convolution" else (a, b)
            return {"kernel": kernel(*shape), "bias": jnp.zeros(b)}

        width = self.width
        if self.kind in ("dense", "convolution"):
            widths = [sizes, *[width] * self.depth]
            layers = [layer(a, b) for a, b in itertools.pairwise(widths)]
        else:
            layers = [layer(width, width) for _ in range(self.depth)]
        made: dict[str, Any] = {"layers": layers, "out": {"kernel": kernel(width, CLASSES, gain=1)}}
        if self.kind in ("residual", "transformer"):
            made["embed"] = {"kernel": kernel(sizes, width, gain=1)}
            for each in layers:
                each["back"] = {"kernel": kernel(width, width, gain=self.depth**-0.5)}
        if self.kind == "transformer":
            for each in layers:
                each["mix"] = {"kernel": kernel(width, 3 * width, gain=1)}
        return made


def _dense(act: Any, params: Any, x: Any) -> Any:
    for layer in params["layers"]:
        x = act(x @ layer["kernel"] + layer["bias"][None])
    return x


def _convolution(act: Any, params: Any, x: Any) -> Any:
    x = x.reshape(-1, 8, 8, 1)
    for layer in params["layers"]:
        x = jax.lax.conv_general_dilated(
            x, layer["kernel"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        x = act(x + layer["bias"][None, None, None])
    return x.mean((1, 2)) * 8


def _residual(act: Any, params: Any, x: Any) -> Any:
    x = x @ params["embed"]["kernel"]
    for layer in params["layers"]:
        x = x + act(x @ layer["kernel"] + layer["bias"][None]) @ layer["back"]["kernel"]
    return x


def _norm(x: Any) -> Any:
    centred = x - x.mean(-1, keepdims=True)
    return centred / jnp.sqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5)


def _transformer(act: Any, params: Any, x: Any) -> Any:
    x = x.reshape(-1, 8, 8) @ params["embed"]["kernel"]
    for layer in params["layers"]:
        q, k, v = jnp.split(_norm(x) @ layer["mix"]["kernel"], 3, axis=-1)
        weights = jax.nn.softmax(q @ k.swapaxes(1, 2) / q.shape[-1] ** 0.5)
        x = x + weights @ v / len(params["layers"]) ** 0.5
        x = x + act(_norm(x) @ layer["kernel"] + layer["bias"]) @ layer["back"]["kernel"]
    return _norm(x).mean(1)


def designs() -> Iterator[Design]:
    """Every architecture, the kinds in turn."""
    names = ("relu", "tanh", "gelu", "swish", "leaky_relu", "elu", "sigmoid")
    shapes = {
        "dense": [(3, 64), (6, 48), (10, 32)],
        "convolution": [(3, 16), (6, 12)],
        "residual": [(4, 48), (8, 32)],
        "transformer": [(2, 32), (4, 32)],
    }
    for name in names:
        for kind, sizes in shapes.items():
            for depth, width in sizes:
                yield Design(kind, depth, width, name)
