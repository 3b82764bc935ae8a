"""What one batch says of a site, worked out by PyTorch where the batch is.

The same numbers as `part`, `bin_counts`, `respond` and `Together` need in JAX, which would have to
compile a program for every shape of a site.
"""

import math
from typing import Any

import numpy as np
from jaxtyping import Int

from actscope._signal import FINE_BINS
from actscope.probing._activity import Activity
from actscope.probing._moments import Moments, Part
from actscope.probing._response import Intervals, Response
from actscope.probing._together import MOST_UNITS, Alike, Covariance, Together
from actscope.pytorch._calls import torch


def moments(x: Any) -> Moments:
    """The statistics of one batch; the last axis holds the units, if there is one."""
    t = torch()
    x = _wide(x)
    x = x.reshape(-1, x.shape[-1] if x.ndim > 1 else 1)
    finite = t.full(x.shape[1:], x.shape[0], device=x.device)
    low, high = _ends(x)
    good = None
    if not math.isfinite(low) or not math.isfinite(high):
        good = x.isfinite()
        finite = good.sum(dim=0)
        low = float(t.where(good, x, math.inf).min())
        high = float(t.where(good, x, -math.inf).max())
    scale = _scale(low, high)
    scaled = _or_zero(x / scale, good)
    mean = scaled.sum(dim=0) / finite.clamp(min=1)
    squares = _or_zero((scaled - mean).square(), good).sum(dim=0)
    nonfinite, zeros = x.shape[0] - finite, (x == 0).sum(dim=0)
    told = map(_array, (finite, nonfinite, zeros, mean, squares))
    return Moments.of(Part(*told, *map(np.float64, (low, high, scale))))  # pyright: ignore[reportArgumentType]


def bin_counts(x: Any, low: float, high: float) -> Int[np.ndarray, " bins"]:
    """Counts of one batch's finite values in `FINE_BINS` equal bins over [low, high]."""
    x = _wide(x).flatten()
    if not all(map(math.isfinite, _ends(x))):
        x = x[x.isfinite()]
    scale = _scale(low, high)  # without it the width of the range might overflow
    start, width = low / scale, high / scale - low / scale
    index = (x / scale).sub_(start).mul_(FINE_BINS / (width if width > 0 else 1))
    counts = torch().bincount(index.clamp_(0, FINE_BINS - 1).long(), minlength=FINE_BINS)
    return _array(counts).astype(np.int64)


def activity(to: Response, pre: Any, slope: Any) -> Activity:
    """How the units respond to one batch."""
    pre, slope = (x.reshape(-1, x.shape[-1]) for x in (pre, slope))
    if not to.elementwise:
        nothing = np.zeros(slope.shape[-1], np.int64)
        return Activity(_array((slope == 0).all(dim=0)), nothing > 0, nothing, nothing)
    known = ~pre.isnan()
    half_lines = tuple(interval for interval in to.flat if not np.isfinite(interval).all())
    constant = _within(pre, to.flat)
    by_design = constant if half_lines == to.flat else _within(pre, half_lines)
    sloping = ~by_design & known
    found = (
        ((constant | (slope == 0)) & known).all(dim=0),
        constant.all(dim=0),
        sloping.sum(dim=0),
        (sloping & (slope.abs() < to.least_slope)).sum(dim=0),
    )
    return Activity.of([_array(x) for x in found])


def together(pre: Any, post: Any, wanted: int) -> Together:
    """How the examples of one batch resemble each other, and the units.

    Args:
        pre: input of a site, the examples along the first axis.
        post: its output.
        wanted: number of examples, the first of the batch, that enter the covariance.
    """
    t = torch()
    flat = _wide(pre).reshape(pre.shape[0], -1)
    flat = flat / flat.abs().amax(dim=1, keepdim=True).clamp(min=1e-37)
    norm = t.linalg.vector_norm(flat, dim=1)
    good = norm.isfinite() & (norm > 0)
    if not good.all():
        flat, norm = flat[good], norm[good]
    direction = (1 / norm) @ flat
    rows = _wide(_few(post[: max(wanted, 0)]))
    rows = rows.reshape(-1, rows.shape[-1])
    rows = rows[rows.isfinite().all(dim=1)]
    told: Any = _array(direction), np.float64(int(good.sum()))
    alike = Alike(*told)
    if not len(rows):
        return Together.of(alike, None)
    # From one of the rows on: the mean of a constant is rounded, and would make it scatter.
    base = rows[0]
    apart = rows - base
    step = apart.mean(dim=0)
    centred = apart - step
    known = len(rows), _array(base + step), _array(centred.T @ centred)
    return Together.of(alike, Covariance(*known))  # pyright: ignore[reportArgumentType]


def _few(post: Any) -> Any:
    units = post.shape[-1]
    if units <= MOST_UNITS:
        return post
    return post[..., np.linspace(0, units - 1, MOST_UNITS).astype(int).tolist()]


def _ends(x: Any) -> tuple[float, float]:
    """The extreme values, of which one at least is not finite where a value is not.

    To look for these is far cheaper than a mask, which is made only where it is needed.
    """
    low, high = x.aminmax()
    return float(low), float(high)


def _or_zero(x: Any, good: Any) -> Any:
    return x if good is None else torch().where(good, x, 0)


def _within(x: Any, intervals: Intervals) -> Any:
    inside = torch().zeros_like(x, dtype=torch().bool)
    for low, high in intervals:
        inside |= (x >= low) & (x <= high)
    return inside


def _wide(x: Any) -> Any:
    """`x` in float32 at least."""
    return x.detach() if x.dtype is torch().float64 else x.detach().float()


def _scale(low: float, high: float) -> float:
    """A power of two near the larger magnitude, whose reciprocal is a normal number."""
    largest = min(max(abs(low), abs(high), 2.0**-125), 2.0**125)
    return 2.0 ** round(math.log2(largest))


def _array(x: Any) -> np.ndarray:
    return x.cpu().numpy()
