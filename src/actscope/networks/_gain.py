"""The scale of a layer's weights that keeps the size of what an activation hands to it."""

import math
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from actscope._errors import ActscopeError
from actscope.activations import Activation, describe

_REACH = 38.0  # beyond it the normal density is less than float64 holds
_PANEL = 0.5
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_NOTHING = 1e-9  # share of the last panels in an integral that has come to its end


@cache
def forward_gain(activation: Activation) -> float:
    """1/√E[f(z)²] for z ~ N(0, 1): with weights of variance gain²/fan_in sizes stay.

    By Gauss–Legendre quadrature in float64, in panels that end at the kinks. Of a trainable
    activation f is the function that it starts as.

    Raises:
        ActscopeError: E[f(z)²] is 0 or not finite.

    Reference:
        He, Zhang, Ren and Sun 2015, eq. 10, where it is √2 for relu.
    """
    moment = _second_moment(activation)
    if not 0 < moment < math.inf:
        raise ActscopeError(
            f"{activation.label}: the mean of f(z)² under a standard normal is {moment:g}",
            expected="a finite number above 0",
            do="take another initialisation, such as 'lecun_normal'",
        )
    return 1 / math.sqrt(moment)


def _second_moment(activation: Activation) -> float:
    kinks = [kink for kink in describe(activation).kinks if abs(kink) < _REACH]
    ends = np.union1d(np.arange(-_REACH, _REACH + _PANEL, _PANEL), kinks)
    middles, halves = (ends[1:] + ends[:-1]) / 2, np.diff(ends) / 2
    z = middles[:, None] + halves[:, None] * _POINTS
    with jax.ensure_compile_time_eval(), jax.enable_x64(True):
        y = np.asarray(jax.jit(activation.__call__)(jnp.asarray(z, jnp.float64)))
    with np.errstate(over="ignore", invalid="ignore"):  # ∞ · 0: the integral is not finite
        density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        panels = (y**2 * density) @ _WEIGHTS * halves
        moment = float(panels.sum())
        ended = panels[0] + panels[-1] <= _NOTHING * moment
    return moment if ended or math.isnan(moment) else math.inf
