"""What the tutorial says of dead neurons."""

from typing import Any

from actscope.tutorial._claim import Claim, Evidence, dead_of
from actscope.tutorial._measure import Dead, Measured, MissingError

_WITHOUT_DEAD = ("leaky_relu", "elu", "swish")


def _shares(dead: Dead) -> list[float]:
    return [count / width for count, width in zip(dead.counts, dead.widths, strict=True)]


def _share(dead: Dead, layers: slice = slice(None)) -> float:
    """Of some layers' neurons together."""
    return sum(dead.counts[layers]) / sum(dead.widths[layers])


def _untrained_share(measured: Measured) -> Evidence:
    return {"dead share of all": _share(dead_of(measured, "relu.untrained"))}


def _untrained_shares(measured: Measured) -> Evidence:
    return {"dead share of each layer": _shares(dead_of(measured, "relu.untrained"))}


def _increases(evidence: Any, _: float) -> bool:
    shares = evidence["dead share of each layer"]
    return shares == sorted(shares) and shares[0] < shares[-1]


def _woken(measured: Measured) -> Evidence:
    before, after = (dead_of(measured, f"relu.{name}") for name in ("untrained", "trained"))
    if not (before.masks and after.masks) or before.widths != after.widths:
        raise MissingError("needs which neurons are dead before and after, in the same layers")
    pairs = list(zip(before.masks, after.masks, strict=True))
    return {
        "dead before, alive after": [int((old & ~new).sum()) for old, new in pairs],
        "alive before, dead after": [int((new & ~old).sum()) for old, new in pairs],
    }


def _later_half(measured: Measured) -> Evidence:
    found = {name: dead_of(measured, f"relu.{name}") for name in ("untrained", "trained")}
    return {
        f"dead in the later half of the layers, {name}": list(dead.counts[len(dead.counts) // 2 :])
        for name, dead in found.items()
    }


def _decreases(evidence: Any, _: float) -> bool:
    before, after = evidence.values()
    return sum(after) < sum(before)


def _input_layers(measured: Measured) -> Evidence:
    names = ("untrained", "trained", "deep")
    return {name: dead_of(measured, f"relu.{name}").counts[0] for name in names}


def _deep_and_before(measured: Measured) -> Evidence:
    return {name: _share(dead_of(measured, f"relu.{name}")) for name in ("deep", "untrained")}


def _last_layers(measured: Measured) -> Evidence:
    dead = dead_of(measured, "relu.deep")
    return {
        "dead share of each of the last three layers": _shares(dead)[-3:],
        "of the last three together": _share(dead, slice(-3, None)),
        "of the last four together": _share(dead, slice(-4, None)),
    }


def _pre_last_layer(measured: Measured) -> Evidence:
    return {"dead share of the last layer but one": _shares(dead_of(measured, "relu.deep"))[-2]}


def _other_rectified(measured: Measured) -> Evidence:
    for name in _WITHOUT_DEAD:
        for network in ("untrained", "deep"):
            dead_of(measured, f"{name}.{network}")
    others = {key: dead for key, dead in measured.dead.items() if not key.startswith("relu.")}
    return {key: sum(dead.counts) for key, dead in others.items()}


DEAD = (
    Claim(
        "claim.untrained_few_dead",
        "fewer than one in twenty of all neurons",
        _untrained_share,
        lambda found, _: found["dead share of all"] < 0.05,
    ),
    Claim(
        "claim.untrained_dead_increase",
        "no layer has a smaller dead share than the one before it, and the last a larger one than "
        "the first",
        _untrained_shares,
        _increases,
    ),
    Claim(
        "claim.dead_can_wake",
        "some neuron that is dead in the untrained network is not in the trained one, which began "
        "with the same parameters",
        _woken,
        lambda found, _: sum(found["dead before, alive after"]) > 0,
    ),
    Claim(
        "claim.trained_fewer_dead",
        "the later half of the layers together has fewer dead neurons after training",
        _later_half,
        _decreases,
    ),
    Claim(
        "claim.input_layer_alive",
        "no neuron of the first layer is dead, in any of the three networks",
        _input_layers,
        lambda found, _: not any(found.values()),
    ),
    Claim(
        "claim.deep_more_dead",
        "the dead share of all neurons is more than twice that of the four-layer network",
        _deep_and_before,
        lambda found, _: found["deep"] > 2 * found["untrained"],
    ),
    Claim(
        "claim.deep_last_layers",
        "each of the last three layers has a larger dead share than the number",
        _last_layers,
        lambda found, number: min(found["dead share of each of the last three layers"]) > number,
    ),
    Claim(
        "claim.deep_pre_last_layer",
        "the last layer but one has a larger dead share than the number",
        _pre_last_layer,
        lambda found, number: found["dead share of the last layer but one"] > number,
    ),
    Claim(
        "claim.only_relu_has_dead",
        "no neuron of the LeakyReLU, ELU and Swish networks is dead: untrained with four and with "
        "ten layers, and trained where the network is available",
        _other_rectified,
        lambda found, _: not any(found.values()),
    ),
)
