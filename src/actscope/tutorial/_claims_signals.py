"""What the tutorial says of how well networks train, and of the signals in trained ones."""

from typing import Any

from actscope.probing import Signal
from actscope.tutorial._claim import (
    Claim,
    Evidence,
    all_but,
    bin_of_zero,
    mean_size,
    share_beyond,
    skewness,
    tallest_bins,
    trained_accuracy,
    trained_signals,
)
from actscope.tutorial._measure import Measured, MissingError
from actscope.tutorial._pair import ACTIVATIONS

_BINS = 50  # of the tutorial's histograms of signals
_NEAR_ONE = 0.9


def _before(measured: Measured, activation: str) -> list[Signal]:
    return [site.pre for site in trained_signals(measured, activation).sites]


def _after(measured: Measured, activation: str) -> list[Signal]:
    return [site.post for site in trained_signals(measured, activation).sites]


def _waiting(measured: Measured) -> Evidence:
    curve = measured.learning.get("sigmoid")
    if not curve:
        raise MissingError("needs the learning curve of a run: --retrain")
    learnt = [number for number, accuracy in enumerate(curve) if accuracy >= 0.2]
    return {"epochs below 0.2": learnt[0] if learnt else len(curve), "best": max(curve)}


def _other_accuracies(measured: Measured) -> Evidence:
    return {name: trained_accuracy(measured, name) for name in all_but("sigmoid")}


def _sigmoid_peaks(measured: Measured) -> Evidence:
    last = _after(measured, "sigmoid")[-1]
    return {
        "tallest bins": tallest_bins(last, _BINS)[:2],
        "smallest value": last.min,
        "largest value": last.max,
    }


def _tanh_shares(measured: Measured) -> Evidence:
    return {"share beyond ±0.9": [share_beyond(x, _NEAR_ONE) for x in _after(measured, "tanh")]}


def _tanh_sizes(measured: Measured) -> Evidence:
    return {"mean size": [mean_size(signal) for signal in _after(measured, "tanh")]}


def _above_the_middle(layer: int) -> Any:
    """Whether a layer's share is above those of the second and the third layer."""

    def holds(evidence: Any, _: float) -> bool:
        shares = evidence["share beyond ±0.9"]
        return shares[layer] > max(shares[1:3])

    return holds


def _zero_peaks(measured: Measured, activation: str) -> list[bool]:
    signals = _after(measured, activation)
    return [tallest_bins(x, _BINS)[0] == bin_of_zero(x, _BINS) for x in signals]


def _relu_peaks(measured: Measured) -> Evidence:
    return {
        "layers whose tallest bin holds 0": sum(_zero_peaks(measured, "relu")),
        "share of exact zeros": [signal.fraction_zero for signal in _after(measured, "relu")],
    }


def _skewness(measured: Measured, activation: str) -> list[float]:
    return [skewness(signal) for signal in _before(measured, activation)]


def _like_relu(measured: Measured) -> Evidence:
    return {
        "skewness, relu": _skewness(measured, "relu"),
        "skewness, leaky_relu": _skewness(measured, "leaky_relu"),
        "layers whose tallest bin holds 0": sum(_zero_peaks(measured, "leaky_relu")),
    }


def _is_like_relu(evidence: Any, _: float) -> bool:
    pairs = list(zip(evidence["skewness, relu"], evidence["skewness, leaky_relu"], strict=True))
    return all(relu * leaky > 0 for relu, leaky in pairs) and (
        evidence["layers whose tallest bin holds 0"] == len(pairs)
    )


def _elu_skewness(measured: Measured) -> Evidence:
    sizes = {name: [abs(x) for x in _skewness(measured, name)] for name in ("elu", "relu")}
    return {f"mean size of skewness, {name}": sum(x) / len(x) for name, x in sizes.items()}


def _highest(measured: Measured) -> Evidence:
    return {name: max(x.max for x in _after(measured, name)) for name in ACTIVATIONS}


def _swish_highest(measured: Measured) -> Evidence:
    return {"largest value": max(signal.max for signal in _after(measured, "swish"))}


SIGNALS = (
    Claim(
        "claim.sigmoid_trains",
        "the pretrained network's test accuracy is above one half, five times chance",
        lambda measured: {"test accuracy": trained_accuracy(measured, "sigmoid")},
        lambda found, _: found["test accuracy"] > 0.5,
    ),
    Claim(
        "claim.sigmoid_waits",
        "in a run by the recipe validation accuracy stays below 0.2, twice chance, for five epochs "
        "or more, and passes it later",
        _waiting,
        lambda found, _: found["epochs below 0.2"] >= 5 and found["best"] >= 0.2,
    ),
    Claim(
        "claim.similar_accuracy",
        "the test accuracies of the other five lie within one percentage point",
        _other_accuracies,
        lambda found, _: max(found.values()) - min(found.values()) <= 0.01,
    ),
    Claim(
        "claim.sigmoid_last_layer_peaks",
        "of the 50 bins of the last hidden layer's output the two at its ends are the tallest",
        _sigmoid_peaks,
        lambda found, _: sorted(found["tallest bins"]) == [0, _BINS - 1],
    ),
    Claim(
        "claim.tanh_input_layer_saturated",
        "the first layer has a larger share of outputs beyond ±0.9 than the second and the third",
        _tanh_shares,
        _above_the_middle(0),
    ),
    Claim(
        "claim.tanh_middle_layers_near_zero",
        "outputs of the second and the third layer have a smaller mean size than the first's",
        _tanh_sizes,
        lambda found, _: max(found["mean size"][1:3]) < found["mean size"][0],
    ),
    Claim(
        "claim.tanh_last_layer_extreme",
        "the last layer has a larger share of outputs beyond ±0.9 than the second and the third",
        _tanh_shares,
        _above_the_middle(-1),
    ),
    Claim(
        "claim.relu_peak_at_zero",
        "of the 50 bins of every hidden layer's output the tallest holds 0",
        _relu_peaks,
        lambda found, _: (
            found["layers whose tallest bin holds 0"] == len(found["share of exact zeros"])
        ),
    ),
    Claim(
        "claim.relu_positive_tail",
        "the skewness of the pre-activations is above 0 in every hidden layer",
        lambda measured: {"skewness": _skewness(measured, "relu")},
        lambda found, _: min(found["skewness"]) > 0,
    ),
    Claim(
        "claim.leaky_relu_like_relu",
        "the skewness of the pre-activations has the sign of ReLU's in every hidden layer, and the "
        "tallest of the 50 bins of every output holds 0",
        _like_relu,
        _is_like_relu,
    ),
    Claim(
        "claim.elu_gaussian",
        "the pre-activations' skewness is smaller in size than ReLU's, averaged over the layers",
        _elu_skewness,
        lambda found, _: found["mean size of skewness, elu"] < found["mean size of skewness, relu"],
    ),
    Claim(
        "claim.swish_highest",
        "the largest output of a hidden layer is Swish's, of all six networks",
        _highest,
        lambda found, _: found["swish"] > max(found[name] for name in all_but("swish")),
    ),
    Claim(
        "claim.swish_largest_value",
        "the largest output of a hidden layer is within a tenth of the number",
        _swish_highest,
        lambda found, number: abs(found["largest value"] - number) <= number / 10,
    ),
)
