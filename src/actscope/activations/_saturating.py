"""Functions that level off on both sides, as an exponential does."""

import math

import jax
import jax.numpy as jnp
from jax import lax

from actscope.activations._activation import Activation, Facts
from actscope.activations._clipped import CLIPPED
from actscope.activations._floating import Numbers
from actscope.activations._precise import derivative_is, in_float32
from actscope.activations._rational import LECUN, RATIONAL


@in_float32
def sigmoid(x: Numbers) -> jax.Array:
    """1 / (1 + e^-x).

    The derivative is sigmoid(x) · sigmoid(-x): the usual s (1 - s) is exactly 0 beyond 16.7 in
    float32, where the true one is 5e-8.
    """
    return _sigmoid(x)


@in_float32
def tanh(x: Numbers) -> jax.Array:
    """(e^x - e^-x) / (e^x + e^-x).

    The derivative is 4 · sigmoid(2x) · sigmoid(-2x): the usual 1 - tanh² is exactly 0 beyond 9 in
    float32, where the true one is 6e-8.
    """
    return _tanh(x)


@in_float32
def lecun_tanh(x: Numbers) -> jax.Array:
    """1.7159 tanh(2x/3), which leaves 1 and -1 where they are.

    In its tail the derivative shows the rounding of 2x/3 as e^-(4x/3) magnifies it, by 50 ulps at
    80; so it makes that good.
    """
    return _lecun_tanh(x)


@in_float32
def log_sigmoid(x: Numbers) -> jax.Array:
    """The logarithm of sigmoid(x), -log(1 + e^-x): x on the left side, 0 on the right."""
    return _log_sigmoid(x)


@in_float32
def arctan(x: Numbers) -> jax.Array:
    """The angle whose tangent is x.

    The second derivative is what is special here: the program's own has (1 + x²)², which overflows
    beyond 4e9 in float32, where the true one is 2e-29.
    """
    return _arctan(x)


@in_float32
def erf(x: Numbers) -> jax.Array:
    """2/√π times the integral of e^-t² from 0 to x."""
    return _erf(x)


def _sigmoid_curvature(x: jax.Array) -> jax.Array:
    return -_tanh(x / 2) * _sigmoid_slope(x)


@derivative_is(_sigmoid_curvature)  # the program's own cancels near 0: s(-x) - s(x)
def _sigmoid_slope(x: jax.Array) -> jax.Array:
    return _sigmoid(x) * _sigmoid(-x)


@derivative_is(_sigmoid_slope)
def _sigmoid(x: jax.Array) -> jax.Array:
    return lax.logistic(x)


def _tanh_curvature(x: jax.Array) -> jax.Array:
    return -2 * _tanh(x) * _tanh_slope(x)


@derivative_is(_tanh_curvature)
def _tanh_slope(x: jax.Array) -> jax.Array:
    return 4 * _sigmoid(2 * x) * _sigmoid(-2 * x)


@derivative_is(_tanh_slope)
def _tanh(x: jax.Array) -> jax.Array:
    return lax.tanh(x)


def _two_thirds(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """2x/3 with four digits cut off, and the small rest, exact but for its last bits."""
    info = jnp.finfo(x.dtype)
    y = lax.reduce_precision(2 / 3 * x, info.nexp, info.nmant - 4)
    return y, (2 * (x - y) - y) / 3  # neither difference is rounded: what is left is near y, or 0


def _lecun_curvature(x: jax.Array) -> jax.Array:
    return -4 / 3 * _tanh(2 / 3 * x) * _lecun_slope(x)


@derivative_is(_lecun_curvature)
def _lecun_slope(x: jax.Array) -> jax.Array:
    # Beyond 200 (in float64: 1600) all is 0, and the rest of infinity is not a number.
    farthest = 1600.0 if x.dtype == jnp.float64 else 200.0
    y, rest = _two_thirds(jnp.clip(x, -farthest, farthest))
    return LECUN * 2 / 3 * _tanh_slope(y) * (1 - 2 * rest * _tanh(y))


@derivative_is(_lecun_slope)
def _lecun_tanh(x: jax.Array) -> jax.Array:
    return LECUN * _tanh(2 / 3 * x)


def _log_sigmoid_slope(x: jax.Array) -> jax.Array:
    return _sigmoid(-x)


@derivative_is(_log_sigmoid_slope)
def _log_sigmoid(x: jax.Array) -> jax.Array:
    return -jnp.logaddexp(-x, 0)


def _arctan_curvature(x: jax.Array) -> jax.Array:
    # Beyond 1e30 (in float64: 1e300) it is below the least number, and infinity times 0 is none.
    farthest = 1e300 if x.dtype == jnp.float64 else 1e30
    held = jnp.clip(x, -farthest, farthest)
    return -2 * held * _arctan_slope(x) * _arctan_slope(x)


@derivative_is(_arctan_curvature)
def _arctan_slope(x: jax.Array) -> jax.Array:
    return 1 / (1 + x * x)


@derivative_is(_arctan_slope)
def _arctan(x: jax.Array) -> jax.Array:
    return jnp.arctan(x)


def _erf_curvature(x: jax.Array) -> jax.Array:
    return -2 * jnp.clip(x, -40, 40) * _erf_slope(x)


@derivative_is(_erf_curvature)
def _erf_slope(x: jax.Array) -> jax.Array:
    # The rounding of x² would show 40-fold at 9: of its half `near` the square is exact. Beyond 40
    # all is 0.
    info = jnp.finfo(x.dtype)
    held = jnp.clip(x, -40, 40)
    near = lax.reduce_precision(held, info.nexp, (info.nmant - 1) // 2)
    square, rest = near * near, (held - near) * (held + near)
    return 2 / math.sqrt(math.pi) * jnp.exp(-square) * jnp.exp(-rest)


@derivative_is(_erf_slope)
def _erf(x: jax.Array) -> jax.Array:
    return lax.erf(x)


SATURATING = (
    Activation(
        name="sigmoid",
        function=sigmoid,
        formula="1 / (1 + e^-x)",
        latex=r"\frac{1}{1 + e^{-x}}",
        source="Verhulst 1845; in networks: Rumelhart, Hinton and Williams 1986, eq. 15",
        facts=lambda: Facts(range=(0.0, 1.0), largest_slope=0.25),
        family="saturating",
        aliases=("logistic",),
    ),
    Activation(
        name="tanh",
        function=tanh,
        formula="(e^x - e^-x) / (e^x + e^-x)",
        latex=r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
        source="LeCun, Bottou, Orr and Müller 1998, section 4.4",
        facts=lambda: Facts(range=(-1.0, 1.0), symmetry="odd"),
        family="saturating",
    ),
    *CLIPPED,
    Activation(
        name="arctan",
        function=arctan,
        formula="arctan x",
        latex=r"\arctan x",
        source="Kamruzzaman and Aziz 2002 (A note on activation function in multilayer "
        "feedforward learning)",
        facts=lambda: Facts(range=(-math.pi / 2, math.pi / 2), symmetry="odd"),
        family="saturating",
        aliases=("atan",),
    ),
    Activation(
        name="erf",
        function=erf,
        formula="2/√π · ∫ e^-t² dt from 0 to x",
        latex=r"\frac{2}{\sqrt{\pi}} \int_0^x e^{-t^2}\,dt",
        source="Williams 1997 (Computing with infinite networks)",
        facts=lambda: Facts(
            range=(-1.0, 1.0), largest_slope=2 / math.sqrt(math.pi), symmetry="odd"
        ),
        family="saturating",
    ),
    Activation(
        name="lecun_tanh",
        function=lecun_tanh,
        formula="1.7159 · tanh(2x/3)",
        latex=r"1.7159\,\tanh\left(\tfrac{2}{3} x\right)",
        source="LeCun, Bottou, Orr and Müller 1998, section 4.4",
        facts=lambda: Facts(range=(-LECUN, LECUN), largest_slope=LECUN * 2 / 3, symmetry="odd"),
        family="saturating",
    ),
    Activation(
        name="log_sigmoid",
        function=log_sigmoid,
        formula="-log(1 + e^-x)",
        latex=r"-\log\left(1 + e^{-x}\right)",
        source="Cox 1958, as a class's log-likelihood; a layer in torch.nn (LogSigmoid) and jax.nn",
        facts=lambda: Facts(range=(-math.inf, 0.0)),
        family="saturating",
        aliases=("logsigmoid",),
    ),
    *RATIONAL,
)
