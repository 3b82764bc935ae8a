"""Rules on what depth does: to gradients, signals and the likeness of examples."""

import math
from collections.abc import Iterator

import numpy as np

from actscope import theory
from actscope._errors import ActscopeError
from actscope.activations import Activation
from actscope.diagnosis._case import Case, root_mean_square
from actscope.diagnosis._rate import Rate
from actscope.diagnosis._rule import Hit


def vanishing_gradient(case: Case, threshold: float) -> Iterator[Hit]:
    """The gradient is too much smaller at the first site than at the last."""
    yield from _shrinking(case, case.gradient_rate, threshold)


def exploding_gradient(case: Case, threshold: float) -> Iterator[Hit]:
    """The gradient is too much larger at the first site than at the last."""
    yield from _growing(case, case.gradient_rate, threshold)


def vanishing_signal(case: Case, threshold: float) -> Iterator[Hit]:
    """The signal is too much smaller at the last site than at the first."""
    yield from _shrinking(case, case.signal_rate, threshold)


def exploding_signal(case: Case, threshold: float) -> Iterator[Hit]:
    """The signal is too much larger at the last site than at the first."""
    yield from _growing(case, case.signal_rate, threshold)


def _shrinking(case: Case, found: Rate | None, threshold: float) -> Iterator[Hit]:
    # One jump between two layers of unlike kind is no rate: the interval must lie below 1.
    if found and found.ratio < threshold and not found.high >= 1 and not case.diverged:
        yield Hit(_evidence(found))


def _growing(case: Case, found: Rate | None, threshold: float) -> Iterator[Hit]:
    if found and found.ratio > threshold and not found.low <= 1 and not case.diverged:
        yield Hit(_evidence(found))


def _evidence(found: Rate) -> dict[str, float]:
    return {
        "ratio": found.ratio,
        "per_layer": found.per_layer,
        "per_layer_low": found.low,
        "per_layer_high": found.high,
    }


def collapsed_correlation(case: Case, threshold: float) -> Iterator[Hit]:
    """All examples look alike at the last site, and less so before: at the first, or as inputs."""
    known = [site for site in case.hidden if not math.isnan(site.correlation)]
    if not known or case.diverged:
        return
    first, last = known[0], known[-1]
    given = [each.correlation for each in case.inputs if not math.isnan(each.correlation)]
    apart = 1 - last.correlation
    if apart < threshold and apart < (1 - min([first.correlation, *given])) / 2:
        evidence = {"apart": apart, "correlation": last.correlation}
        evidence |= {"first_correlation": first.correlation}
        evidence |= {"input_correlation": min(given)} if given else {}
        yield Hit(evidence | {"effective_rank": last.effective_rank}, last)


def poor_initialization(case: Case, threshold: float) -> Iterator[Hit]:
    """The weights' scale, over all layers, makes gradients shrink or grow too much.

    χ₁ = σ_w² E[f'(z)²] at the measured size of z is what one layer does to the square of the
    gradient's norm (Schoenholz et al., 2017, eq. 8). What the gradients really do must confirm it:
    normalisation and skips take the weights' scale out of their way.
    """
    logs, scales, functions = [], [], []
    for site, _, kernel in case.kernels():
        q = root_mean_square(site.pre) ** 2
        if site.function is None or not site.function.elementwise or not 0 < q < math.inf:
            continue
        # σ_w² = fan_in · Var W; the units lie along one axis of the matrix, whichever.
        scale = kernel.size / site.units * float(kernel.var())
        try:
            slope = theory.moments(site.function, q).slope_second
        except ActscopeError:
            continue
        if scale * slope > 0:
            logs.append(math.log(scale * slope) / 2)
            scales.append(scale)
            functions.append(site.function)
    measured = case.gradient_rate
    if len(logs) < 2 or measured is None or case.diverged:
        return
    foreseen = sum(logs)
    seen = math.log(measured.ratio) * np.sign(foreseen)
    least = math.log(threshold)
    if abs(foreseen) > least and seen > least / 2:
        per_layer = math.exp(foreseen / len(logs))
        yield Hit(
            {
                "factor": math.exp(min(abs(foreseen), 700)),  # within a float
                "sigma_w_squared": float(np.exp(np.mean(np.log(scales)))),
                "gradient_per_layer": per_layer,
                "critical_sigma_w_squared": _critical_variance(functions[0]),
                "layers": len(logs),
            }
        )


def _critical_variance(activation: Activation) -> float:
    """σ_w² of the critical start; NaN where there is none."""
    try:
        return theory.start(activation).sigma_w ** 2
    except ActscopeError:
        return math.nan
