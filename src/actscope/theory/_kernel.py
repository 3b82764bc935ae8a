"""What one layer of a wide network hands to the next: the second moments between examples."""

import numpy as np
from jaxtyping import Float

from actscope.theory._hosted import Hosted

_ORDERS = 128  # of Hermite's polynomials; the rest is known as a whole
_REACH = 12.0  # standard deviations; beyond, the polynomials times the density are nothing
_PANELS, _NODES = 96, 20  # a polynomial of that order has a wave in two panels
_ROWS = 32
_JITTER = 1e-10  # of the variance
_GRID = 33  # variances for which coefficients are calculated, where the examples' differ

Covariance = Float[np.ndarray, "example example"]


def kernel(f: Hosted, covariance: Covariance) -> Covariance:
    """E[f(u) f(v)] for each pair of examples, u and v being jointly normal with mean 0.

    By Mehler's formula it is Σ a_k(q) a_k(q') c^k for variances q and q' and the correlation c,
    a_k(q) = E[f(√q t) h_k(t)], h_k Hermite's polynomials, normalised. What the orders beyond the
    last add up to is known from E[f²] where c = 1; where it is smaller they are taken to fall as
    they do for a function with a kink, k^(-5/2), three times the last order being their mean.

    Args:
        f: the function.
        covariance: of the pre-activations; its diagonal above 0.
    """
    variances = np.diag(covariance)
    deviations = np.sqrt(variances)
    correlation = np.clip(covariance / np.outer(deviations, deviations), -1, 1)
    np.fill_diagonal(correlation, 1.0)
    coefficients, rest = _coefficients(f, variances)
    total = np.empty_like(correlation)
    for start in range(0, len(total), _ROWS):  # so few that they stay in the processor's cache
        rows = slice(start, start + _ROWS)
        c, part = correlation[rows], np.outer(rest[rows], rest)
        part *= correlation[rows] ** (2 * _ORDERS)
        for a in coefficients[::-1]:  # Horner's rule, by which the rest gets its third part
            part *= c
            part += a[rows, None] * a
        total[rows] = part
    return total


def root(covariance: Covariance) -> Covariance:
    """A matrix that makes of independent normal numbers ones of that covariance."""
    # So that examples which are nearly the same do no harm.
    jitter = _JITTER * max(float(covariance.max()), np.finfo(float).tiny)
    return np.linalg.cholesky(covariance + jitter * np.eye(len(covariance)))


def _coefficients(
    f: Hosted, variances: Float[np.ndarray, " example"]
) -> tuple[Float[np.ndarray, "order example"], Float[np.ndarray, " example"]]:
    """The a_k of each example, and the root of what they leave out of E[f²]."""
    logs = np.log(variances)
    middle, half = (logs.max() + logs.min()) / 2, (logs.max() - logs.min()) / 2
    if half < 1e-12:
        at = np.broadcast_to(
            _of_variance(f, float(np.exp(middle)))[:, None], (_ORDERS + 1, logs.size)
        )
    else:  # they are analytic in log q: f is averaged over a normal distribution
        from scipy.interpolate import BarycentricInterpolator

        nodes = np.cos(np.pi * np.arange(_GRID) / (_GRID - 1))
        rows = [_of_variance(f, float(q)) for q in np.exp(middle + half * nodes)]
        at = BarycentricInterpolator(nodes, np.array(rows))((logs - middle) / half).T
    rest = np.maximum(at[-1] - (at[:-1] ** 2).sum(0), 0)
    return at[:-1], np.sqrt(rest)


def _of_variance(f: Hosted, q: float) -> Float[np.ndarray, " number"]:
    """The a_k for one variance, and E[f²]."""
    points, weights = np.polynomial.legendre.leggauss(_NODES)
    breaks = np.asarray(f.breaks) / np.sqrt(q)
    grid = np.linspace(-_REACH, _REACH, _PANELS + 1)
    ends = np.union1d(grid, breaks[np.abs(breaks) < _REACH])
    halves = np.diff(ends)[:, None] / 2
    t = (ends[:-1, None] + halves * (1 + points)).ravel()
    density = np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi) * (halves * weights).ravel()
    value = f.value(np.sqrt(q) * t)
    coefficients = np.empty(_ORDERS + 1)
    last, this = np.zeros(t.size), np.ones(t.size)
    for order in range(_ORDERS):
        coefficients[order] = (value * density) @ this
        last, this = this, (t * this - np.sqrt(order) * last) / np.sqrt(order + 1)
    coefficients[-1] = value**2 @ density
    return coefficients
