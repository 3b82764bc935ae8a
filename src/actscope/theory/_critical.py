"""The edge of chaos: where a deep network keeps both the size of its signal and of its gradient.

A point (σ_w, σ_b, q) is critical if V(q) = q, a variance that stays, and χ₁ = 1. The second says
σ_w² = 1/E[f'²]; what is left is one equation in q, q - E[f²]/E[f'²] = σ_b².
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from actscope._errors import ActscopeError
from actscope.theory._hosted import Hosted, hosted
from actscope.theory._maps import (
    Function,
    chi,
    jumps,
    require_scales,
    second_moment,
    slope_moment,
    variance_slope,
)
from actscope.theory._scan import LARGEST, SMALLEST, VARIANCES, roots, scan

_SAME = 1e-9  # relative; moments of a homogeneous function agree to 1e-14
_NEUTRAL = 1e-6  # of a slope: deviations that take a million layers neither grow nor shrink


@dataclass(frozen=True)
class CriticalPoint:
    """A pair (σ_w, σ_b) with a variance at which signal and gradient keep their sizes.

    Attributes:
        sigma_w: σ_w, of which σ_w² = fan_in · Var W.
        sigma_b: standard deviation of the biases.
        q: the variance of pre-activations that stays; None where any does.
        chi: χ₁ there, which is 1.
        stable: no small deviation from q grows from layer to layer; where any variance stays,
            none grows.
        slope: V'(q), a layer's factor of a small deviation from q.
    """

    sigma_w: float
    sigma_b: float
    q: float | None
    chi: float
    stable: bool
    slope: float


@dataclass(frozen=True)
class Critical:
    """All critical points of a function at one σ_b.

    Attributes:
        points: by ascending q.
        reason: why there is none; empty if there are some.
    """

    points: tuple[CriticalPoint, ...]
    reason: str = ""


def critical(f: Function, sigma_b: float = 0.0) -> Critical:
    """All (σ_w, q) with V(q) = q and χ₁ = 1 at that σ_b, for q = 0 and from 1e-8 to 1e4.

    A grid of 40 variances a decade is searched, closer where a curve nearly touches; each root
    is right to about 1e-10. q = 0 counts at σ_b = 0 if f(0) = 0: V'(0) = χ₁ is 1, so that
    deviations neither grow nor shrink by a factor; it is stable if V(q) < q next to it.

    Args:
        f: an activation, its name, or a callable of one array.
        sigma_b: standard deviation of the biases.

    Raises:
        ActscopeError: σ_b is negative or not finite, or `f` is no elementwise fixed function.

    Reference:
        Roberts, Yaida and Hanin 2022, The Principles of Deep Learning Theory, section 5.
    """
    require_scales(sigma_b=sigma_b)
    return _critical(hosted(f), float(sigma_b))


def edge_of_chaos(f: Function, sigma_bs: Iterable[float]) -> tuple[Critical, ...]:
    """The critical points at each σ_b, in their order: the edge of chaos in (σ_w, σ_b).

    Args and Raises: as for `critical`.
    """
    return tuple(critical(f, sigma_b) for sigma_b in sigma_bs)


def homogeneous(host: Hosted) -> bool:
    """Whether E[f²] is proportional to q: V is linear, as for relu and whatever scales as it."""
    ratio = scan(host).grid[0] / VARIANCES
    return bool((np.abs(ratio - ratio[0]) <= _SAME * ratio[0]).all())


def falls(host: Hosted) -> bool:
    """Whether E[f²]/q falls, rather than grows or stays, as q leaves 0."""
    ratio = scan(host).grid[0] / VARIANCES
    differs = np.flatnonzero(np.abs(ratio / ratio[0] - 1) > 100 * _SAME)
    return bool(differs.size and ratio[differs[0]] < ratio[0])


@lru_cache(maxsize=4096)
def _critical(host: Hosted, sigma_b: float) -> Critical:
    reason = _obstacle(host)
    if reason:
        return Critical((), reason)
    if homogeneous(host):
        return _of_homogeneous(host, sigma_b)
    points = [_point(host, q, sigma_b) for q in roots(host, _excess(sigma_b))]
    if sigma_b == 0 and second_moment(host, 0.0) == 0 and _has_slope_at_zero(host):
        points.insert(0, _point(host, 0.0, sigma_b))
    return Critical(tuple(points), "" if points else _reason(host, sigma_b))


def _obstacle(host: Hosted) -> str:
    """Why there can be no point at any σ_b, or nothing."""
    if jumps(host):
        return "f jumps, so two signals that hardly differ part at once: χ₁ is infinite"
    try:
        size = slope_moment(host, 1.0)
        second_moment(host, 1.0)
    except ActscopeError as error:
        return f"a mean that the map takes does not exist: {error}"
    return "" if size else "f is constant where signals are, so that no gradient returns: χ₁ is 0"


def _has_slope_at_zero(host: Hosted) -> bool:
    return slope_moment(host, 0.0) > _SAME * slope_moment(host, 1.0)


def _of_homogeneous(host: Hosted, sigma_b: float) -> Critical:
    if sigma_b:
        return Critical(
            (),
            "E[f²] is proportional to q, so where χ₁ = 1 the variance grows by σ_b² in each layer:"
            " only σ_b = 0 is critical",
        )
    sigma_w = 1 / math.sqrt(slope_moment(host, 1.0))
    point = CriticalPoint(
        sigma_w=sigma_w,
        sigma_b=0.0,
        q=None,
        chi=chi(host.activation, 1.0, sigma_w),
        stable=True,
        slope=variance_slope(host.activation, 1.0, sigma_w),
    )
    return Critical((point,))


def _excess(sigma_b: float) -> Callable[[Any, Any, Any], Any]:
    """V(q)/q - 1 where χ₁ = 1."""

    def excess(q: Any, second: Any, slope_second: Any) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.divide(second, q * slope_second) + sigma_b**2 / q - 1

    return excess


def _point(host: Hosted, q: float, sigma_b: float) -> CriticalPoint:
    sigma_w = 1 / math.sqrt(slope_moment(host, q))
    slope = variance_slope(host.activation, q, sigma_w)
    return CriticalPoint(
        sigma_w=sigma_w,
        sigma_b=sigma_b,
        q=q,
        chi=chi(host.activation, q, sigma_w),
        stable=abs(slope) < 1 - _NEUTRAL if q else falls(host),
        slope=slope,
    )


def _reason(host: Hosted, sigma_b: float) -> str:
    excess = _excess(sigma_b)(VARIANCES, *scan(host).grid)
    where = f"wherever χ₁ = 1, for variances from {SMALLEST:g} to {LARGEST:g}"
    known = excess[np.isfinite(excess)]
    if (known > 0).all():
        return f"{where}, a layer makes the variance larger: V(q) > q"
    if (known < 0).all():
        return f"{where}, a layer makes the variance smaller: V(q) < q"
    return f"{where}, no variance stays: V(q) is nowhere q"
