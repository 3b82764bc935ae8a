"""Functions that level off on both sides."""

import jax
from jax import lax

from actscope.activations._activation import Activation, Facts
from actscope.activations._floating import Numbers, floating


def sigmoid(x: Numbers) -> jax.Array:
    """1 / (1 + e^-x).

    The derivative is sigmoid(x) · sigmoid(-x): the usual s (1 - s) is exactly 0 beyond 16.7 in
    float32, where the true one is 5e-8.
    """
    return _sigmoid(floating(x))


def tanh(x: Numbers) -> jax.Array:
    """(e^x - e^-x) / (e^x + e^-x).

    The derivative is 4 · sigmoid(2x) · sigmoid(-2x): the usual 1 - tanh² is exactly 0 beyond 9 in
    float32, where the true one is 6e-8.
    """
    return _tanh(floating(x))


@jax.custom_jvp
def _sigmoid(x: jax.Array) -> jax.Array:
    return lax.logistic(x)


@_sigmoid.defjvp
def _sigmoid_jvp(
    primals: tuple[jax.Array], tangents: tuple[jax.Array]
) -> tuple[jax.Array, jax.Array]:
    (x,), (tangent,) = primals, tangents
    value = _sigmoid(x)
    return value, value * _sigmoid(-x) * tangent


@jax.custom_jvp
def _tanh(x: jax.Array) -> jax.Array:
    return lax.tanh(x)


@_tanh.defjvp
def _tanh_jvp(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    (x,), (tangent,) = primals, tangents
    return _tanh(x), 4 * _sigmoid(2 * x) * _sigmoid(-2 * x) * tangent


SATURATING = (
    Activation(
        name="sigmoid",
        function=sigmoid,
        formula="1 / (1 + e^-x)",
        source="Verhulst 1845; in networks: Rumelhart, Hinton and Williams 1986, eq. 15",
        facts=lambda: Facts(range=(0.0, 1.0), largest_slope=0.25),
    ),
    Activation(
        name="tanh",
        function=tanh,
        formula="(e^x - e^-x) / (e^x + e^-x)",
        source="LeCun, Bottou, Orr and Müller 1998, section 4.4",
        facts=lambda: Facts(range=(-1.0, 1.0)),
    ),
)
