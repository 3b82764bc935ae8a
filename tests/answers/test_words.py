"""Numbers and lists in sentences."""

import pytest

from actscope.answers._words import described, listed, plural, seeds, share, unit
from actscope.stats import Component, Interval


def interval(mean, low=None, high=None):
    return Interval(mean, low, high, 1 if low is None else 10, 0.95)


def test_an_accuracy_is_in_percent_and_its_differences_in_points():
    percent = unit("accuracy")
    assert percent.mean(interval(0.8893, 0.88612, 0.89238)) == "88.93 % [88.61, 89.24]"
    assert percent.mean(interval(0.8893)) == "88.93 %"
    assert percent.difference(interval(0.012, 0.004, 0.02)) == "+1.20 points [0.40, 2.00]"
    assert percent.difference(interval(-0.009, -0.016, -0.002)) == "−0.90 points [−1.60, −0.20]"
    assert percent.difference(interval(-0.000001, -0.1, 0.1)) == "+0.00 points [−10.00, 10.00]"
    assert (percent.step(0.005), percent.rounded(0.84)) == ("0.5 points", "84 %")


def test_other_scores_stand_as_they_are():
    plain = unit("R²")
    assert plain.mean(interval(0.61234, 0.6, -0.05)) == "0.6123 [0.6000, −0.0500]"
    assert plain.difference(interval(-0.01, -0.02, 0.0)) == "−0.0100 [−0.0200, 0.0000]"
    assert (plain.step(0.005), plain.rounded(0.84)) == ("0.005", "0.84")


def component(found, low, high):
    return Component(("depth",), found, low, high, 1, 1.0, None, 5)


def test_shares_are_whole_percents():
    assert share(component(0.408, 0.351, 0.4652)) == "41 % [35, 47]"
    assert share(component(-0.001, -0.034, 0.02)) == "0 % [−3, 2]"
    assert share(component(0.31, None, None)) == "31 %"


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        (
            {"activation": "elu", "depth": 2, "learning_rate": 0.1},
            "elu at depth 2, learning_rate 0.1",
        ),
        ({"depth": 2, "activation": "elu"}, "depth 2 at elu"),
        ({"activation": "relu"}, "relu"),
        ({}, "all"),
    ],
)
def test_a_setting_is_called_by_its_values(axes, words):
    assert described(axes) == words


def test_of_many_the_first_four_are_named():
    assert listed(["a", "b"]) == "a, b"
    assert listed([*"abcdef"]) == "a, b, c, d, and 2 more"
    assert listed(["a"], total=1201, between="; ") == "a; and 1,200 more"
    assert (plural(1, "network"), plural(1000, "network")) == ("1 network", "1,000 networks")


def test_n_is_one_number_or_a_range():
    assert (seeds([10, 10]), seeds([3, 10, 5])) == ("n = 10", "n = 3 to 10")
