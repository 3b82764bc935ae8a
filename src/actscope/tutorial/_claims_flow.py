"""What the tutorial says of the functions themselves and of gradients in untrained networks."""

from typing import Any

import numpy as np

from actscope.activations import Curve
from actscope.tutorial._claim import (
    Claim,
    Evidence,
    all_but,
    bin_of_zero,
    initial_gradients,
    largest,
    of_order,
    tallest_bins,
)
from actscope.tutorial._measure import Measured, MissingError
from actscope.tutorial._pair import ACTIVATIONS

_BINS = 30  # of the tutorial's histograms of gradients


def _curve(measured: Measured, activation: str) -> Curve:
    if activation not in measured.curves:
        raise MissingError(f"needs the curve of {activation}")
    return measured.curves[activation]


def _swish_slopes(measured: Measured) -> Evidence:
    slopes = _curve(measured, "swish").gradient
    return {
        "smallest slope": float(slopes.min()),
        "largest slope": float(slopes.max()),
        "largest change of slope between points": float(np.abs(np.diff(slopes)).max()),
    }


def _sigmoid_slope(measured: Measured) -> Evidence:
    return {"largest slope": float(_curve(measured, "sigmoid").gradient.max())}


def _norms(measured: Measured, activation: str) -> list[float]:
    """Euclidean norm of each weight matrix's gradient, from the input layer on."""
    return [signal.l2 for signal in initial_gradients(measured, activation)]


def _sigmoid_output(measured: Measured) -> Evidence:
    return {"largest gradient": largest(initial_gradients(measured, "sigmoid")[-1])}


def _sigmoid_input(measured: Measured) -> Evidence:
    signal = initial_gradients(measured, "sigmoid")[0]
    return {
        "largest gradient": largest(signal),
        "standard deviation": signal.std,
        "Euclidean norm": signal.l2,
    }


def _all_norms(measured: Measured) -> Evidence:
    return {name: _norms(measured, name) for name in ACTIVATIONS}


def _input_is_lowest(norms: Any, _: float) -> bool:
    return norms["sigmoid"][0] == min(norm for layers in norms.values() for norm in layers)


def _sigmoid_norms(measured: Measured) -> Evidence:
    return {"sigmoid": _norms(measured, "sigmoid")}


def _vanishes(norms: Any, _: float) -> bool:
    layers = norms["sigmoid"]
    return layers == sorted(layers) and layers[0] < layers[-1] / 100


def _ratios(measured: Measured) -> Evidence:
    norms = {name: _norms(measured, name) for name in all_but("sigmoid")}
    return {name: max(layers) / min(layers) for name, layers in norms.items()}


def _spike(measured: Measured) -> Evidence:
    relu = initial_gradients(measured, "relu")
    heights = [tallest_bins(signal, _BINS)[0] == bin_of_zero(signal, _BINS) for signal in relu]
    return {
        "share of exact zeros": {name: _share_of_zeros(measured, name) for name in ACTIVATIONS},
        "relu layers whose tallest bin holds 0": sum(heights),
        "layers": len(relu),
    }


def _share_of_zeros(measured: Measured, activation: str) -> float:
    signals = initial_gradients(measured, activation)
    zeros = sum(signal.fraction_zero * signal.count for signal in signals)
    return zeros / sum(signal.count for signal in signals)


def _spikes(evidence: Any, _: float) -> bool:
    shares = evidence["share of exact zeros"]
    highest = all(shares["relu"] > shares[name] for name in all_but("relu"))
    return highest and evidence["relu layers whose tallest bin holds 0"] == evidence["layers"]


FLOW = (
    Claim(
        "claim.swish_smooth",
        "over [-5, 5] the slope takes both signs, and changes by less than 0.05 from one of the "
        "1000 points to the next",
        _swish_slopes,
        lambda found, _: (
            found["smallest slope"] < 0 < found["largest slope"]
            and found["largest change of slope between points"] < 0.05
        ),
    ),
    Claim(
        "claim.sigmoid_largest_slope",
        "the largest slope over [-5, 5], to two decimals, is the number",
        _sigmoid_slope,
        lambda found, number: round(found["largest slope"], 2) == number,
    ),
    Claim(
        "claim.sigmoid_output_gradient",
        "the largest entry of the output layer's weight gradient has the number's order of "
        "magnitude: it is within a factor of √10",
        _sigmoid_output,
        lambda found, number: of_order(found["largest gradient"], number),
    ),
    Claim(
        "claim.sigmoid_input_gradient_lowest",
        "of all weight gradients of all six networks, that of sigmoid's input layer has the "
        "smallest Euclidean norm",
        _all_norms,
        _input_is_lowest,
    ),
    Claim(
        "claim.sigmoid_input_gradient_size",
        "the largest entry of the input layer's weight gradient, single entries being what the "
        "tutorial's figure shows, has the number's order of magnitude: it is within a factor of "
        "√10. The Euclidean norm stands beside it",
        _sigmoid_input,
        lambda found, number: of_order(found["largest gradient"], number),
    ),
    Claim(
        "claim.sigmoid_vanishing",
        "the weight gradient's Euclidean norm falls with every layer towards the input, there "
        "below a hundredth of the output layer's",
        _sigmoid_norms,
        _vanishes,
    ),
    Claim(
        "claim.similar_gradients",
        "in each of the other five networks the largest and the smallest Euclidean norm of a "
        "weight gradient differ by less than a factor of 10",
        _ratios,
        lambda ratios, _: max(ratios.values()) < 10,
    ),
    Claim(
        "claim.relu_gradient_spike",
        "of all weight gradients a larger share is exactly 0 with ReLU than with any other, and "
        "in each of ReLU's histograms of 30 bins the tallest one holds 0",
        _spike,
        _spikes,
    ),
)
