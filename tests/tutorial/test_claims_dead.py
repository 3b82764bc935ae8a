import numpy as np
import pytest

from actscope.tutorial import Dead, Measured
from actscope.tutorial._claim import judge
from actscope.tutorial._claims_dead import DEAD
from actscope.tutorial._published import sentences

CLAIMS = {claim.id.removeprefix("claim."): claim for claim in DEAD}
NUMBERS = {sentence.id: sentence.number for sentence in sentences()}


def verdict(name, measured):
    return judge(CLAIMS[name], measured, NUMBERS[f"claim.{name}"])


def dead(*counts, width=100):
    return Dead(counts, (width,) * len(counts))


def masked(*masks):
    found = tuple(np.array(list(mask)) == "d" for mask in masks)
    counts = tuple(int(mask.sum()) for mask in found)
    return Dead(counts, tuple(len(mask) for mask in found), found)


def relu(**networks):
    return Measured(dead={f"relu.{name}": found for name, found in networks.items()})


@pytest.mark.parametrize("name", CLAIMS)
def test_without_measurements(name):
    found = verdict(name, Measured())
    assert found.holds is None
    assert found.reason.startswith("needs the dead neurons of ")


@pytest.mark.parametrize(
    ("name", "networks", "holds"),
    [
        ("untrained_few_dead", {"untrained": dead(0, 9)}, True),
        ("untrained_few_dead", {"untrained": dead(0, 10)}, False),
        ("untrained_dead_increase", {"untrained": dead(0, 0, 3, 7)}, True),
        ("untrained_dead_increase", {"untrained": dead(0, 7, 3, 7)}, False),
        ("untrained_dead_increase", {"untrained": dead(3, 3)}, False),
        ("trained_fewer_dead", {"untrained": dead(0, 0, 3, 7), "trained": dead(9, 9, 3, 6)}, True),
        ("trained_fewer_dead", {"untrained": dead(9, 9, 3, 7), "trained": dead(0, 0, 3, 7)}, False),
        ("dead_can_wake", {"untrained": masked("dll"), "trained": masked("lll")}, True),
        ("dead_can_wake", {"untrained": masked("dll"), "trained": masked("ddl")}, False),
        ("dead_can_wake", {"untrained": masked("dll"), "trained": masked("ll")}, None),
        ("deep_more_dead", {"untrained": dead(1, 1), "deep": dead(3, 3, 3)}, True),
        ("deep_more_dead", {"untrained": dead(1, 1), "deep": dead(2, 2, 2)}, False),
        ("deep_last_layers", {"deep": dead(0, 51, 52, 53)}, True),
        ("deep_last_layers", {"deep": dead(99, 51, 50, 53)}, False),
        ("deep_pre_last_layer", {"deep": dead(0, 57, 0)}, True),
        ("deep_pre_last_layer", {"deep": dead(99, 56, 99)}, False),
    ],
)
def test_criteria(name, networks, holds):
    assert verdict(name, relu(**networks)).holds is holds


@pytest.mark.parametrize(("first", "holds"), [(0, True), (1, False)])
def test_input_layers(first, holds):
    networks = {"untrained": dead(0, 9), "trained": dead(first, 9), "deep": dead(0, 9)}
    assert verdict("input_layer_alive", relu(**networks)).holds is holds


def test_a_trained_network_without_a_hidden_layer():
    networks = {"untrained": dead(0, 9), "trained": dead(), "deep": dead(0, 9)}
    for name in ("input_layer_alive", "trained_fewer_dead", "dead_can_wake"):
        assert verdict(name, relu(**networks)).holds is None


def test_woken_and_fallen_asleep_are_told_apart():
    found = verdict("dead_can_wake", relu(untrained=masked("dddl"), trained=masked("dlld")))
    assert found.evidence == {"dead before, alive after": [2], "alive before, dead after": [1]}


def test_evidence_of_the_last_layers():
    found = verdict("deep_last_layers", relu(deep=Dead((8, 10, 30, 60), (10, 20, 60, 80))))
    assert found.evidence["dead share of each of the last three layers"] == [0.5, 0.5, 0.75]
    assert found.evidence["of the last three together"] == pytest.approx(100 / 160)
    assert found.evidence["of the last four together"] == pytest.approx(108 / 170)


@pytest.mark.heavy
def test_the_other_rectified_functions(begun):
    assert verdict("only_relu_has_dead", begun).holds is True
    sick = dict(begun.dead) | {"elu.trained": dead(0, 1)}
    found = verdict("only_relu_has_dead", Measured(dead=sick))
    assert found.holds is False
    assert found.evidence["elu.trained"] == 1
    assert "relu.deep" not in found.evidence
