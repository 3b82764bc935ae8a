"""Which known activation a function of one number is, by its values on a grid."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import least_squares

from actscope import activations
from actscope.activations import Activation
from actscope.sites import _jax
from actscope.sites._flatten import flatten
from actscope.sites._graph import Graph, Operand
from actscope.sites._numeric import acts_elementwise, evaluate

# No kink of any function in the table is among the points: at one a program may say anything.
GRID = np.concatenate([[-41.3, -23.7], np.linspace(-12, 12, 193) + 0.0137, [23.7, 41.3]])
_EXACT = 3e-5  # float32 numbers in the program, and polynomials in place of library functions
_HALF = 1e-2  # a number in the program is rounded to three digits or less
_TRIED = np.concatenate([-np.geomspace(100, 1e-3, 41), np.geomspace(1e-3, 100, 41)])
_NOWHERE_NEAR = 0.02  # mean square: neighbours among the settings tried are much nearer than that
# relu squared is a relu, and a square; identity is no activation.
_LEFT_OUT = {"identity", "squared_relu"}


@dataclass(frozen=True)
class Match:
    """A known activation.

    Attributes:
        activation: with the settings that were found.
        error: the largest deviation on the grid, relative to 1 + |value|.
    """

    activation: Activation
    error: float


def match(
    values: np.ndarray, parameters: Sequence[np.ndarray] | None = None, *, half: bool = False
) -> Match | None:
    """The activation that has these values, if one is known.

    Args:
        values: what the function makes of `GRID`, a column for each of some units.
        parameters: the values of what it learns, a number for each of these units; None: it learns
            nothing.
        half: the program computes in half precision.
    """
    allowed = _HALF if half else _EXACT
    if not np.isfinite(values).all():
        return None
    return min(_candidates(values, parameters, allowed), key=lambda each: each.error, default=None)


def _candidates(
    values: np.ndarray, parameters: Sequence[np.ndarray] | None, allowed: float
) -> Iterator[Match]:
    """The first that is exact enough of each kind: at its defaults, then of a family."""
    if parameters is None:
        close = [m for m in _at_defaults(values) if m.error <= allowed]
        yield from close
        if not close:
            yield from (m for m in _of_families(values, learning=False) if m.error <= allowed)
        return
    for name in activations.names("trainable"):
        learned = _with(activations.get(name), values, parameters)
        if learned is not None and learned.error <= allowed:
            yield learned
            return
    yield from (m for m in _of_families(values, learning=True) if m.error <= allowed)


def _at_defaults(values: np.ndarray) -> Iterator[Match]:
    if values.shape[1] > 1 and not np.allclose(values, values[:, :1]):
        return
    for activation, known in _table():
        yield Match(activation, _error(known[:, None], values))


@cache
def _table() -> tuple[tuple[Activation, np.ndarray], ...]:
    """Every function that learns and draws nothing, with its values on the grid."""
    return tuple(
        (activation, np.asarray(_function(activation)(GRID), np.float64)) for activation in _fixed()
    )


def _fixed() -> Iterator[Activation]:
    for name in activations.names():
        activation = activations.get(name)
        plain = activation.elementwise and not activation.random and not activation.trainable
        if plain and name not in _LEFT_OUT:
            yield activation


def _of_families(values: np.ndarray, *, learning: bool) -> Iterator[Match]:
    """Those that one setting makes of a function, fitted to each unit."""
    for activation in _families(learning):
        fits = [_fitted(activation, column) for column in values.T]
        error = max(error for _, error in fits)
        settings = {setting for setting, _ in fits}
        (key,) = activation.parameters
        made = activation
        if not learning and len(settings) == 1:
            made = activation.at({key: settings.pop()})
        yield Match(made, error)


@cache
def _families(learning: bool) -> tuple[Activation, ...]:
    fixed = [each for each in _fixed() if len(each.parameters) == 1]
    learned = [activations.get(name) for name in ("prelu", "trainable_swish", "trainable_snake")]
    if learning:
        return (*learned, *fixed)
    beta = activations.get("trainable_swish", trainable=[])
    return (*fixed, beta)


def _fitted(activation: Activation, column: np.ndarray) -> tuple[float, float]:
    """The setting of least squares, to six digits, and how far off the values are with it."""
    function = _function(activation)
    rough = ((_tried(activation) - column[:, None]) / (1 + np.abs(column[:, None]))) ** 2
    best = int(rough.mean(axis=0).argmin())
    if rough[:, best].mean() > _NOWHERE_NEAR:
        return _TRIED[best], np.inf

    def residual(setting: np.ndarray) -> np.ndarray:
        made = np.clip(np.nan_to_num(function(GRID, setting[0])), -1e6, 1e6)
        return (made - column) / (1 + np.abs(column))

    found = least_squares(residual, [_TRIED[best]], xtol=1e-12, ftol=1e-12, gtol=1e-12)
    setting = float(f"{found.x[0]:.6g}")
    return setting, float(np.abs(residual(np.array([setting]))).max())


@cache
def _tried(activation: Activation) -> np.ndarray:
    """The function on the grid, a column for each setting that is tried."""
    made = _function(activation)(GRID[:, None], _TRIED)
    return np.clip(np.nan_to_num(made, nan=1e6), -1e6, 1e6)


def _with(
    activation: Activation, values: np.ndarray, parameters: Sequence[np.ndarray]
) -> Match | None:
    """The function with these numbers for its settings, in the order that suits best."""
    if len(parameters) != len(activation.parameters) or len(parameters) > 4:
        return None
    function = _function(activation)
    errors = [_error(function(GRID[:, None], *given), values) for given in permutations(parameters)]
    return Match(activation, min(errors))


def _error(known: np.ndarray, values: np.ndarray) -> float:
    return float(np.nan_to_num(np.abs(known - values) / (1 + np.abs(known)), nan=np.inf).max())


@cache
def _function(activation: Activation) -> Callable[..., Any]:
    """The function of a number and its settings, in float64 on the host if it can be.

    What is not made of elementwise operations alone is computed by jax, without settings.
    """
    settings = [float(value) for value in activation.parameters.values()]
    keys = list(activation.parameters)

    def program(x: Any, *given: Any) -> Any:
        return activation.function(x, **dict(zip(keys, given, strict=True)))

    one = jax.ShapeDtypeStruct((), np.float32)
    graph = flatten(_jax.trace(program, one, *[one] * len(settings))[0])
    if not acts_elementwise(graph):
        return lambda x: np.asarray(activation(jnp.asarray(x, np.float32)), np.float64)
    return lambda x, *given: _evaluated(graph, [x, *(given or settings)])


def _evaluated(graph: Graph, given: Sequence[Any]) -> np.ndarray:
    known: dict[Operand, Any] = dict(zip(graph.inputs, given, strict=True))
    shape = np.broadcast_shapes(*map(np.shape, given))
    return np.broadcast_to(evaluate(graph.nodes, known, graph.outputs[0]), shape)
