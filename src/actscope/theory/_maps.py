"""What a wide layer does to the variance of a signal, and to the correlation of two.

Of z ~ N(0, q), the pre-activations of one layer, the next makes V(q) = σ_w² E[f(z)²] + σ_b². Two
signals of that variance and of correlation c get C(c) = (σ_w² E[f(u) f(v)] + σ_b²) / V(q).
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.theory._gaussian import expectation, joint_expectation
from actscope.theory._hosted import Hosted, hosted
from actscope.theory._moments import jumps_at

Function = Activation | str | Callable[..., Any]

_BESIDE_ZERO = np.array([-1e-100, 1e-100])
_SAME = 1e-12  # what one-sided limits at 0 may differ by through rounding


def variance_map(f: Function, q: float, sigma_w: float, sigma_b: float = 0.0) -> float:
    """V(q) = σ_w² E[f(z)²] + σ_b², z ~ N(0, q): the next layer's pre-activation variance.

    Args:
        f: an activation, its name, or a callable of one array.
        q: variance of this layer's pre-activations.
        sigma_w: σ_w, of which σ_w² = fan_in · Var W.
        sigma_b: standard deviation of the biases.

    Raises:
        ActscopeError: a number is negative or not finite, or E[f²] is.

    Reference:
        Poole, Lahiri, Raghu, Sohl-Dickstein and Ganguli 2016, eq. 3.
    """
    require_scales(q=q, sigma_w=sigma_w, sigma_b=sigma_b)
    return sigma_w**2 * second_moment(hosted(f), q) + sigma_b**2


def variance_slope(f: Function, q: float, sigma_w: float) -> float:
    """V'(q) = σ_w² E[f(z) f'(z) z]/q, z ~ N(0, q), which needs no second derivative.

    Where f jumps it is σ_w² E[f(z)² (z²/q - 1)]/2q, which needs no derivative at all. At q = 0 it
    is the limit, and infinite where f has a kink at 0 and does not vanish there.

    Args:
        f: an activation, its name, or a callable of one array.
        q: variance of the pre-activations.
        sigma_w: σ_w, of which σ_w² = fan_in · Var W.

    Raises:
        ActscopeError: a number is negative or not finite, or the mean is.
    """
    require_scales(q=q, sigma_w=sigma_w)
    host = hosted(f)
    if q == 0:
        return sigma_w**2 * _slope_at_zero(host)
    if jumps(host):
        mean = expectation(lambda z: host.value(z) ** 2 * (z**2 / q - 1) / 2, q, host.breaks)
    else:
        mean = expectation(lambda z: host.value(z) * host.slope(z) * z, q, host.breaks)
    return sigma_w**2 * mean / q


def chi(f: Function, q: float, sigma_w: float) -> float:
    """χ₁ = σ_w² E[f'(z)²], z ~ N(0, q): a layer's factor of the squared gradient.

    It is also by how much two signals that hardly differ move apart. Infinite where f jumps:
    whatever derivative its program has, two such signals part at once.

    Args:
        f: an activation, its name, or a callable of one array.
        q: variance of the pre-activations.
        sigma_w: σ_w, of which σ_w² = fan_in · Var W.

    Raises:
        ActscopeError: a number is negative or not finite, or E[f'²] is.

    Reference:
        Schoenholz, Gilmer, Ganguli and Sohl-Dickstein 2017, eq. 5.
    """
    require_scales(q=q, sigma_w=sigma_w)
    host = hosted(f)
    return math.inf if jumps(host) and sigma_w else sigma_w**2 * slope_moment(host, q)


def correlation_map(f: Function, c: float, q: float, sigma_w: float, sigma_b: float = 0.0) -> float:
    """C(c): the correlation in the next layer of two signals of variance q and correlation c.

    Args:
        f: an activation, its name, or a callable of one array.
        c: correlation, from -1 to 1.
        q: variance of both, above 0.
        sigma_w: σ_w, of which σ_w² = fan_in · Var W.
        sigma_b: standard deviation of the biases.

    Raises:
        ActscopeError: a number is out of range, E[f²] is not finite, or the next layer's
            variance is 0.
    """
    host, variance = _signal(f, q, sigma_w, sigma_b)
    product = joint_expectation(host.value, host.value, q, c, host.breaks)
    return (sigma_w**2 * product + sigma_b**2) / variance


def correlation_slope(
    f: Function, c: float, q: float, sigma_w: float, sigma_b: float = 0.0
) -> float:
    """C'(c) = σ_w² q E[f'(u) f'(v)] / V(q); where V(q) = q, C'(1) = χ₁.

    Where f jumps f' says nothing, and the derivative of the joint density is taken instead.

    Args and Raises: as for `correlation_map`; where f jumps it is infinite at c = ±1.
    """
    host, variance = _signal(f, q, sigma_w, sigma_b)
    if not jumps(host):
        product = joint_expectation(host.slope, host.slope, q, c, host.breaks)
    elif abs(c) == 1:
        return math.copysign(math.inf, c)
    else:
        product = _product_slope(host, c, q) / q
    return sigma_w**2 * q * product / variance


def second_moment(host: Hosted, q: float) -> float:
    """E[f(z)²], z ~ N(0, q)."""
    return expectation(lambda z: host.value(z) ** 2, q, host.breaks)


def slope_moment(host: Hosted, q: float) -> float:
    """E[f'(z)²], z ~ N(0, q), of the program's derivative; at q = 0 the limit."""
    if q == 0:
        return float(np.mean(host.slope(_BESIDE_ZERO) ** 2))
    return expectation(lambda z: host.slope(z) ** 2, q, host.breaks)


@cache
def jumps(host: Hosted) -> bool:
    """Whether f itself jumps somewhere, and not only a derivative."""
    return bool(jumps_at(host.value, host.breaks))


def require_scales(**scales: float) -> None:
    """Pass if all are finite numbers of at least 0."""
    for name, scale in scales.items():
        if not 0 <= scale < math.inf:
            raise ActscopeError(f"{name} = {scale}", expected="a finite number of at least 0")


def _slope_at_zero(host: Hosted) -> float:
    """Lim d/dq E[f(z)²] for q → 0, from f, f' and f'' on either side of 0."""
    y, slope, curvature = (
        curve(_BESIDE_ZERO) for curve in (host.value, host.slope, host.curvature)
    )
    left, right = y * slope
    if abs(right - left) > _SAME * (1 + abs(left)):
        return math.copysign(math.inf, right - left)  # E[f²] then goes as √q
    return float(np.mean(slope**2 + y * curvature))


def _signal(f: Function, q: float, sigma_w: float, sigma_b: float) -> tuple[Hosted, float]:
    variance = variance_map(f, q, sigma_w, sigma_b)
    if not q or not variance:
        raise ActscopeError(
            f"pre-activations of variance {q:g}, and {variance:g} in the next layer",
            expected="both above 0: what is always 0 has no correlation",
        )
    return hosted(f), variance


def _product_slope(host: Hosted, c: float, q: float) -> float:
    """d/dc E[f(u) f(v)] from the density p of (u, v)/√q = (x, y).

    d ln p/dc = (c (1 - x² - y²) + (1 + c²) x y - c³) / (1 - c²)², symmetric in x and y.
    """

    def mean(power: int, other: int) -> float:
        return joint_expectation(
            lambda z: host.value(z) * (z / math.sqrt(q)) ** power,
            lambda z: host.value(z) * (z / math.sqrt(q)) ** other,
            q,
            c,
            host.breaks,
        )

    squares = c * (1 - c**2) * mean(0, 0) - 2 * c * mean(2, 0)
    return (squares + (1 + c**2) * mean(1, 1)) / (1 - c**2) ** 2
