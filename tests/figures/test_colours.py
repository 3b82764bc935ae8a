import re

import pytest

from actscope.figures import colour
from actscope.figures._colours import repeats

# C0 to C5 of seaborn's default palette, "deep", as seaborn 0.13 lists them.
DEEP = ["#4C72B0", "#DD8452", "#55A868", "#C44E52", "#8172B3", "#937860"]


def test_the_tutorials_six_have_the_tutorials_colours_in_its_order():
    six = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")
    assert [colour(name) for name in six] == DEEP


@pytest.mark.parametrize("label", ["gelu", "leaky_relu(negative_slope=0.2)", "a.b:c", "", "é", "$"])
def test_any_other_label_has_a_colour_of_its_own_cycle(label):
    assert re.fullmatch("#[0-9A-F]{6}", colour(label))
    assert colour(label) not in DEEP


def test_colours_are_the_same_in_every_process():
    # CRC-32 of the label, modulo 8; Python's own hash of a string differs from run to run.
    assert colour("gelu") == "#117733"
    assert colour("my_function") == "#882255"


def test_the_whole_cycle_is_used():
    others = {colour(f"function_{i}") for i in range(200)}
    assert len(others) == 8


def test_a_colour_that_comes_again_is_counted():
    labels = ["relu", *(f"function_{i}" for i in range(30))]
    found = repeats(labels)
    assert list(found) == labels
    assert found["relu"] == 0
    # Colour and count together tell every label from every other.
    assert len({(colour(label), turn) for label, turn in found.items()}) == len(labels)
    assert found[labels[1]] == 0


def test_networks_of_one_activation_have_its_colour():
    labels = ["relu, untrained", "relu, ten layers", "gelu, trained"]
    assert [colour(label) for label in labels] == [colour("relu")] * 2 + [colour("gelu")]
    assert list(repeats(labels).values()) == [0, 1, 0]
