"""What mathematics says of a function, at 50 digits, against what the program says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

# Each is a program to compile for each function. Half precision is computed in float32, which
# test_table.py checks each time.
DTYPES = (
    "float32",
    *(pytest.param(dtype, marks=pytest.mark.slow) for dtype in ("float16", "bfloat16", "float64")),
)
# Errors that pass, in ulps of the result. Half precision is computed in float32 and rounded once;
# in the others XLA's exp, log and tanh are good to a few, and products add some.
ULPS = {"float16": 1, "bfloat16": 1, "float32": 16, "float64": 16}
_ZONE = 0.1  # so near to a root, the error is measured against values at the zone's ends


@dataclass(frozen=True)
class Truth:
    """A function as mathematics has it.

    Attributes:
        pieces: of a number of mpmath, ascending; each analytic where it holds.
        breaks: where one piece ends and the next begins; the point itself is the next one's.
        roots: of f, f' and f'', to about two digits; not those at 0, where relative errors count.
        rough: f, f' and f'' are compared with 1 at least, however small they are: for functions
            with roots without end.
        slope: f' in closed form, where differences of f itself would take hundreds of digits.
    """

    pieces: Sequence[Callable]
    breaks: tuple[float, ...] = ()
    roots: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]] = ((), (), ())
    rough: bool = False
    slope: Callable | None = None

    def __call__(self, x: float, order: int, tiny: float = 1e-38) -> mpmath.mpf:
        """The derivative of that order (0: the value) at `x`, of the piece that `x` lies in.

        It is right to 20 digits, or far below `tiny`.
        """
        piece = self.pieces[int(np.searchsorted(self.breaks, x, side="right"))]
        # Of sin(1e300) three hundred digits are lost, and of the difference at 1e-300 as many.
        size = abs(float(np.log10(abs(x)))) if x else 0
        digits = 50 + (int(size) + 1) * (1 + order)
        if self.slope and order:
            return _derivative(self.slope, x, order - 1, digits)
        found = _derivative(piece, x, order, digits)
        if tiny < 1e-38 and abs(found) < 1e-25:
            # Where a function levels off, derivatives show in digits beyond those of the value.
            return _derivative(piece, x, order, digits + 330)
        return found

    def scale(self, x: float, order: int, exact: mpmath.mpf) -> mpmath.mpf:
        """What an error at `x`, where `exact` is true, is compared with."""
        sizes = [abs(exact), mpmath.mpf(int(self.rough))]
        for root in self.roots[order]:
            width = _ZONE * max(1.0, abs(root))
            if abs(x - root) <= width:
                sizes += [abs(self(root + side * width, order)) for side in (-1, 1)]
        return max(sizes)


def _derivative(piece: Callable, x: float, order: int, digits: int) -> mpmath.mpf:
    with mpmath.workdps(digits):
        point = mpmath.mpf(x)
        if not order:
            return mpmath.mpf(piece(point))
        return mpmath.diff(piece, point, order, relative=x != 0)


def points(dtype, breaks=()):
    """Where a function is looked at: random, around every break, and at the ends of the dtype."""
    info = jnp.finfo(dtype)
    top, tiny = float(info.max), float(info.tiny)
    generator = np.random.default_rng(0)
    ordinary = np.concatenate([generator.normal(0, 3, 100), generator.uniform(-110, 110, 80)])
    small = [0.0, tiny / 4, tiny, 1e-30, 1e-12, 1e-6, 1e-3, 0.03]
    large = [8.5, 16.8, 20, 88, 100, 746, 1e4, 1e10, top / 2, top]
    around = [b + side * d for b in breaks for side in (-1, 1) for d in (1e-6, 1e-3, 0.05)]
    special = np.asarray([*small, *large])
    every = np.concatenate([ordinary, special, -special, around, breaks])
    with jax.enable_x64(True):
        rounded = np.asarray(jnp.asarray(every[np.abs(every) <= top], dtype).astype("float64"))
    return np.unique(rounded)


def errors(function, truth: Truth, dtype: str, order: int):
    """(x, got, exact, error in ulps of the result or of the least normal number) at each point."""
    info = jnp.finfo(dtype)
    x = points(dtype, truth.breaks)
    got = _program(function, dtype, tuple(x))[order]
    if order:  # what the program says at a break is a convention, tested by itself
        # XLA takes a subnormal number for 0.
        away = ~np.isin(np.where(np.abs(x) < float(info.tiny), 0, x), truth.breaks)
        x, got = x[away], got[away]
    # Zero will do below the least normal number. There bfloat16 has no more room than the float32
    # that it is computed in, where a factor of the result may be smaller.
    least = mpmath.mpf(float(info.tiny)) * (4 if dtype == "bfloat16" else 1)
    found = []
    for point, value in zip(x.tolist(), got.tolist(), strict=True):
        exact = truth(point, order, float(info.tiny))
        # The correctly rounded one is infinite, or one that may be.
        if abs(exact) > float(info.max) * (1 - float(info.eps)):
            continue
        size = max(mpmath.mpf(truth.scale(point, order, exact)), least / float(info.eps))
        off = abs(mpmath.mpf(value) - exact) if np.isfinite(value) else mpmath.inf
        found.append((point, value, float(exact), float(off / (size * float(info.eps)))))
    return found


@cache
def _program(function, dtype: str, x: tuple[float, ...]):
    """Values, first and second derivatives, as float64."""

    @jax.jit
    def run(points):
        first = jax.grad(function)
        return (
            function(points),
            jax.vmap(first)(points),
            jax.vmap(lambda at: jax.jvp(first, (at,), (jnp.ones_like(at),))[1])(points),
        )

    with jax.enable_x64(True):
        given = jnp.asarray(x, dtype)
        made = run(given)
        assert all(values.dtype == given.dtype for values in made)
        return tuple(np.asarray(values.astype("float64")) for values in made)
