"""A sentence of the tutorial that can be checked, and what the check gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from actscope.probing import Profile, Signal
from actscope.tutorial._measure import HIDDEN_SIZES, Dead, Measured, MissingError
from actscope.tutorial._pair import ACTIVATIONS

Evidence = Mapping[str, Any]  # numbers, or lists or mappings of numbers


@dataclass(frozen=True)
class Claim:
    """How a sentence is checked. Its words and its number stand in `published.json`.

    Attributes:
        id: of the sentence, `claim.…`.
        criterion: when it counts as true, in words. Chosen before the result was known.
        measure: the evidence, by what it is; raises `MissingError` where it was not measured.
        holds: whether the evidence meets the criterion, given the sentence's number (NaN where
            it has none).
    """

    id: str
    criterion: str
    measure: Callable[[Measured], Evidence]
    holds: Callable[[Any, float], bool]


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes:
        evidence: what was measured.
        holds: whether the claim does; None where that cannot be said.
        reason: why it cannot be said.
    """

    evidence: Evidence
    holds: bool | None
    reason: str = ""


def judge(claim: Claim, measured: Measured, number: float) -> Verdict:
    """Check one claim."""
    try:
        evidence = claim.measure(measured)
    except MissingError as missing:
        return Verdict({}, None, str(missing))
    return Verdict(evidence, bool(claim.holds(evidence, number)))


def of_order(value: float, number: float) -> bool:
    """Whether `value` has the order of magnitude of `number`: within a factor of √10 of it."""
    return number / 10**0.5 <= value <= number * 10**0.5


def initial_gradients(measured: Measured, activation: str) -> list[Signal]:
    """Gradients of the weight matrices at key 0, from the input layer on."""
    if activation not in measured.gradients:
        raise MissingError(f"needs the gradients of the untrained {activation} network")
    parameters = measured.gradients[activation].parameters
    return [found.gradient for found in parameters if found.name.endswith("kernel")]


def trained_signals(measured: Measured, activation: str) -> Profile:
    """The pretrained network over the example batch, of as many layers as the tutorial's."""
    if activation not in measured.signals:
        raise MissingError(f"needs the pretrained {activation} network")
    profile, layers = measured.signals[activation], len(HIDDEN_SIZES["trained"])
    if len(profile.sites) != layers:
        raise MissingError(f"needs a trained {activation} network of {layers} hidden layers")
    return profile


def trained_accuracy(measured: Measured, activation: str) -> float:
    """The pretrained network's on the test set."""
    if activation not in measured.accuracy:
        raise MissingError(f"needs the pretrained {activation} network")
    return measured.accuracy[activation]


def dead_of(measured: Measured, network: str) -> Dead:
    """Dead neurons of the network `"activation.network"`."""
    if network not in measured.dead or not measured.dead[network].counts:
        raise MissingError(f"needs the dead neurons of {network}")
    return measured.dead[network]


def all_but(activation: str) -> list[str]:
    """The other five."""
    return [name for name in ACTIVATIONS if name != activation]


def largest(signal: Signal) -> float:
    """The largest size of a value."""
    return max(abs(signal.min), abs(signal.max))


def skewness(signal: Signal) -> float:
    """Third standardised moment, from the fine histogram; 0 for a constant.

    Above 0 the longer tail is the positive one.
    """
    x, weights = _histogram(signal)
    deviation = x - weights @ x
    variance = float(weights @ deviation**2)
    return float(weights @ deviation**3) / variance**1.5 if variance else 0.0


def mean_size(signal: Signal) -> float:
    """Mean absolute value, from the fine histogram."""
    x, weights = _histogram(signal)
    return float(weights @ np.abs(x))


def share_beyond(signal: Signal, size: float) -> float:
    """Share of values whose absolute value is above `size`, from the fine histogram."""
    x, weights = _histogram(signal)
    return float(weights[np.abs(x) > size].sum())


def tallest_bins(signal: Signal, bins: int) -> list[int]:
    """Indices of the bins of a histogram, the one with most values first."""
    return np.argsort(-signal.histogram.rebinned(bins).counts, kind="stable").tolist()


def bin_of_zero(signal: Signal, bins: int) -> int:
    """The bin that holds 0; -1 if none does."""
    edges = signal.histogram.rebinned(bins).edges
    if not edges[0] <= 0 <= edges[-1]:
        return -1
    return min(int(np.searchsorted(edges, 0, side="right")) - 1, bins - 1)


def _histogram(signal: Signal) -> tuple[np.ndarray, np.ndarray]:
    """Centres of the fine bins, and the share of values in each."""
    edges, counts = signal.histogram.edges, signal.histogram.counts
    if not signal.count:
        raise MissingError("needs a network whose signals are finite")
    return (edges[1:] + edges[:-1]) / 2, counts / counts.sum()
