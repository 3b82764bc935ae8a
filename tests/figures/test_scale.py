from dataclasses import replace

import pytest

from actscope.figures import ACCURACY, R_SQUARED


def test_accuracies_are_written_in_percent_and_their_differences_in_points():
    assert ACCURACY.written(0.8846) == "88.46"
    assert ACCURACY.written(0.0031, signed=True) == "+0.31"
    assert ACCURACY.label == "accuracy (%)"
    assert ACCURACY.difference("mean difference") == "mean difference (points)"


def test_r_squared_is_written_as_it_is():
    assert R_SQUARED.written(0.88461) == "0.8846"
    assert R_SQUARED.written(-0.2, signed=True) == "−0.2000"
    assert R_SQUARED.label == "R²"
    assert R_SQUARED.difference("mean difference") == "mean difference"


def test_a_name_of_ones_own_stands_on_the_axis_and_begins_a_title():
    scale = replace(ACCURACY, name="test accuracy")
    assert (scale.label, scale.title) == ("test accuracy (%)", "Test accuracy")
    assert R_SQUARED.title == "R²"


@pytest.mark.parametrize(("scale", "words"), [(ACCURACY, "50"), (R_SQUARED, "0.5")])
def test_ticks_are_in_the_unit(scale, words):
    ticks = scale.ticks()
    assert float(ticks(0.5)) == float(words)
    assert "%" not in ticks(0.5)


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e30])
def test_ticks_say_what_they_stand_at_however_small_or_large(size):
    told = [R_SQUARED.ticks()(size * step).replace("−", "-") for step in (-1, 0, 0.5, 2.5)]
    assert [float(words) for words in told] == pytest.approx([-size, 0, 0.5 * size, 2.5 * size])
    assert max(map(len, told)) <= 8
