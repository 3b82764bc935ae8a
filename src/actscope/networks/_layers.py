"""What a hidden layer is made of: the kinds of layers and of normalisations, a record each."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from actscope._errors import ActscopeError, unknown

Inputs = Float[Array, "batch ..."]
Signal = Float[Array, "batch *position feature"]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One kind of hidden layer: how a signal of some features becomes one of others.

    Attributes:
        name: as in the specification of a study.
        feature: what an input's last axis counts, as errors call it.
        enter: inputs as the first layer takes them.
        kernel: shape of the weights, from the number of features before and after.
        connect: `connect(x, kernel, index)`, the new features at layer `index`, without biases.
        leave: the last layer's features as the output layer takes them.
        smallest: shape of the smallest input of so many features.
        skip: whether the signal also goes around every layer but the first.
    """

    name: str
    feature: str
    enter: Callable[[Inputs], Signal]
    kernel: Callable[[int, int], Shape]
    connect: Callable[[Signal, Array, int], Signal]
    leave: Callable[[Signal], Float[Array, "batch feature"]]
    smallest: Callable[[int], Shape]
    skip: bool = False


@dataclass(frozen=True)
class Normalization:
    """One way to normalise a signal before the activation.

    Attributes:
        name: as in the specification of a study.
        axes: those that mean and variance are taken over, in a signal of so many axes; over none
            the signal stays as it is.
        running: examples share their statistics, so averages are kept for single ones.
    """

    name: str
    axes: Callable[[int], tuple[int, ...]]
    running: bool = False


def layer(name: str) -> Layer:
    """The kind of layer of that name.

    Raises:
        ActscopeError: there is none.
    """
    if name not in _LAYERS:
        raise unknown("layer", name, _LAYERS)
    return _LAYERS[name]


def layers() -> tuple[str, ...]:
    """The names of all kinds of layers."""
    return tuple(_LAYERS)


def normalization(name: str) -> Normalization:
    """The normalisation of that name.

    Raises:
        ActscopeError: there is none.
    """
    if name not in _NORMALIZATIONS:
        raise unknown("normalization", name, _NORMALIZATIONS)
    return _NORMALIZATIONS[name]


def normalizations() -> tuple[str, ...]:
    """The names of all normalisations of signals inside a network."""
    return tuple(_NORMALIZATIONS)


def product(
    x: Signal, kernel: Float[Array, "feature unit"], index: int = 0
) -> Float[Array, "batch *position unit"]:
    """The matrix product of a dense layer."""
    del index
    return x @ kernel


def _flat(x: Inputs) -> Float[Array, "batch feature"]:
    return x.reshape(x.shape[0], math.prod(x.shape[1:]))


def _image(x: Inputs) -> Float[Array, "batch height width channel"]:
    if x.ndim not in (3, 4):
        raise ActscopeError(
            f"inputs of shape {x.shape} to a convolution",
            expected="images: (batch, height, width) or (batch, height, width, channel)",
        )
    return x if x.ndim == 4 else x[..., None]


def _convolve(
    x: Float[Array, "batch height width channel"],
    kernel: Float[Array, "3 3 channel unit"],
    index: int,
) -> Float[Array, "batch _ _ unit"]:
    stride = 1 + index % 2
    dtype = jnp.result_type(x, kernel)
    return jax.lax.conv_general_dilated(
        x.astype(dtype),
        kernel.astype(dtype),
        window_strides=(stride, stride),
        padding="SAME",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


def _dense(name: str, *, skip: bool) -> Layer:
    return Layer(
        name=name,
        feature="numbers",
        enter=_flat,
        kernel=lambda before, after: (before, after),
        connect=product,
        leave=lambda x: x,
        smallest=lambda features: (features,),
        skip=skip,
    )


_LAYERS = {
    known.name: known
    for known in (
        _dense("dense", skip=False),
        Layer(
            name="convolution",
            feature="channels",
            enter=_image,
            kernel=lambda before, after: (3, 3, before, after),
            connect=_convolve,
            leave=lambda x: x.mean(axis=(1, 2)),
            smallest=lambda features: (1, 1, features),
        ),
        _dense("residual", skip=True),
    )
}

_NORMALIZATIONS = {
    known.name: known
    for known in (
        Normalization("none", axes=lambda _: ()),
        Normalization("layer", axes=lambda count: tuple(range(1, count))),
        Normalization("batch", axes=lambda count: tuple(range(count - 1)), running=True),
    )
}
