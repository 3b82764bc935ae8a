"""Where a deep network's signal goes: variances and correlations that stay, and how fast."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from actscope.theory._critical import falls, homogeneous
from actscope.theory._gaussian import expectation
from actscope.theory._hosted import Hosted, hosted
from actscope.theory._maps import (
    Function,
    chi,
    correlation_map,
    correlation_slope,
    require_scales,
    second_moment,
    variance_slope,
)
from actscope.theory._scan import crossing, roots

Phase = Literal["ordered", "critical", "chaotic"]

_NEUTRAL = 1e-6  # a depth scale of a million layers is as good as infinite
_DECADES = 7  # of 1 - c: nearer to 1 a correlation is 1
_ROUNDING = 1e-12


@dataclass(frozen=True)
class FixedPoint:
    """A variance that stays from layer to layer, and what becomes of correlations there.

    Attributes:
        q: the variance of pre-activations; None where any stays.
        slope: V'(q), a layer's factor of a small deviation from q.
        stable: no small deviation grows.
        chi: χ₁, a layer's factor of the squared gradient.
        phase: `"ordered"` for χ₁ < 1: gradients vanish and signals become alike; `"chaotic"` for
            χ₁ > 1: gradients explode and the like part; `"critical"` within 1e-6 of 1.
        correlation: c*, from 0 to 1, to which two signals' correlation goes.
        depth_q: ξ_q = -1/ln|V'(q)|, layers in which a deviation of the variance falls to 1/e;
            infinite at |V'| = 1, where a power law takes over, negative where deviations grow.
        depth_c: ξ_c = -1/ln|C'(c*)|, likewise of the correlation; at q = 0, where nothing has a
            correlation, of the distance of two signals.
    """

    q: float | None
    slope: float
    stable: bool
    chi: float
    phase: Phase
    correlation: float
    depth_q: float
    depth_c: float


def fixed_points(f: Function, sigma_w: float, sigma_b: float = 0.0) -> tuple[FixedPoint, ...]:
    """All q with V(q) = q at that (σ_w, σ_b), ascending, for q = 0 and from 1e-8 to 1e4.

    None at all means that every variance grows for ever, or beyond 1e4.

    Args:
        f: an activation, its name, or a callable of one array.
        sigma_w: σ_w, of which σ_w² = fan_in · Var W.
        sigma_b: standard deviation of the biases.

    Raises:
        ActscopeError: a number is negative or not finite, or `f` is no elementwise fixed function.

    Reference:
        Schoenholz, Gilmer, Ganguli and Sohl-Dickstein 2017, eqs. 4 to 9.
    """
    require_scales(sigma_w=sigma_w, sigma_b=sigma_b)
    return _fixed_points(hosted(f), float(sigma_w), float(sigma_b))


@lru_cache(maxsize=4096)
def _fixed_points(host: Hosted, sigma_w: float, sigma_b: float) -> tuple[FixedPoint, ...]:
    return tuple(_point(host, q, sigma_w, sigma_b) for q in _variances(host, sigma_w, sigma_b))


def _variances(host: Hosted, sigma_w: float, sigma_b: float) -> list[float | None]:
    if homogeneous(host):
        return _of_linear(sigma_w**2 * second_moment(host, 1.0), sigma_b**2)

    def excess(q: Any, second: Any, _: Any) -> Any:
        return (sigma_w**2 * second + sigma_b**2) / q - 1

    zero = [0.0] if sigma_w**2 * second_moment(host, 0.0) + sigma_b**2 == 0 else []
    return [*zero, *roots(host, excess)]


def _of_linear(factor: float, added: float) -> list[float | None]:
    """The fixed points of V(q) = factor · q + added."""
    if abs(factor - 1) <= _ROUNDING:
        return [] if added else [None]
    if added == 0:
        return [0.0]
    return [added / (1 - factor)] if factor < 1 else []


def _point(host: Hosted, q: float | None, sigma_w: float, sigma_b: float) -> FixedPoint:
    f, at = host.activation, 1.0 if q is None else q
    slope, growth = variance_slope(f, at, sigma_w), chi(f, at, sigma_w)
    correlation, approach = _correlation(host, at, sigma_w, sigma_b, growth)
    return FixedPoint(
        q=q,
        slope=slope,
        stable=q is None or _stable(host, q, slope),
        chi=growth,
        phase=_phase(growth),
        correlation=correlation,
        depth_q=_depth(slope),
        depth_c=_depth(approach),
    )


def _stable(host: Hosted, q: float, slope: float) -> bool:
    if q == 0 and abs(slope - 1) <= _NEUTRAL:
        return falls(host)
    return abs(slope) < 1 - _NEUTRAL


def _phase(chi: float) -> Phase:
    if abs(chi - 1) <= _NEUTRAL:
        return "critical"
    return "ordered" if chi < 1 else "chaotic"


def _depth(factor: float) -> float:
    """-1/ln|factor|."""
    if factor == 0:
        return 0.0
    return math.inf if abs(abs(factor) - 1) <= _NEUTRAL else -1 / math.log(abs(factor))


def _correlation(
    host: Hosted, q: float, sigma_w: float, sigma_b: float, chi: float
) -> tuple[float, float]:
    """c* and C'(c*).

    C is a power series without negative coefficients, so convex from 0 to 1, and C(1) = 1. It
    stays above the diagonal if C'(1) = χ₁ is at most 1; else it crosses it once more.
    """
    if q == 0 or chi <= 1 + _NEUTRAL:
        return 1.0, chi
    scales = (q, sigma_w, sigma_b)

    def above(c: float) -> float:
        return correlation_map(host.activation, c, *scales) - c

    mean = expectation(host.value, q, host.breaks)
    if sigma_w**2 * mean**2 + sigma_b**2 <= _ROUNDING * q:
        return 0.0, correlation_slope(host.activation, 0.0, *scales)
    low = 0.0
    for decade in range(1, _DECADES + 1):
        high = 1 - 10.0**-decade
        if above(high) < 0:
            c = crossing(above, low, high, 1e-12)
            return c, correlation_slope(host.activation, c, *scales)
        low = high
    return 1.0, correlation_slope(host.activation, low, *scales)
