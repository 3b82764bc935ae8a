import math
from itertools import pairwise

import pytest

from actscope._errors import ActscopeError
from actscope.figures import GainRow, colour, gain_table
from actscope.figures._style import INK

ROWS = {"tanh": GainRow(1.5925, 1.4674, 5 / 3), "my_function": GainRow(1.2, 1.3)}


def marks(axis, row):
    """What stands in a row: x by marker."""
    found = [line for line in axis.lines if line.get_marker() not in ("None", None, "")]
    return {
        line.get_marker(): line.get_xdata()[0]
        for line in found
        if abs(line.get_ydata()[0] - row) < 0.5
    }


def test_each_row_has_its_three_gains(png):
    figure = gain_table(ROWS, caption="a sentence")
    (axis,) = figure.axes
    assert [text.get_text() for text in axis.get_yticklabels()] == list(ROWS)
    assert marks(axis, 0) == {"o": 1.5925, "D": 1.4674, "x": 5 / 3}
    assert marks(axis, 1) == {"o": 1.2, "D": 1.3}
    words = [text.get_text() for text in axis.texts]
    assert {"1.5925", "1.4674", "1.6667", "1.2000", "1.3000", "–"} <= set(words)
    assert axis.get_xscale() == "linear"
    assert png(figure)


def test_pytorchs_mark_is_not_in_the_functions_colour():
    (axis,) = gain_table(ROWS).axes
    inks = {line.get_marker(): line.get_color() for line in axis.lines[:6]}
    assert inks["x"] == INK
    assert inks["o"] == inks["D"] == colour("tanh")


def test_equal_gains_do_not_hide_each_other():
    (axis,) = gain_table({"relu": GainRow(2**0.5, 2**0.5, 2**0.5)}).axes
    places = {line.get_ydata()[0] for line in axis.lines if line.get_linestyle() == "None"}
    assert len(places) == 3


def test_gains_far_apart_have_a_logarithmic_scale(png):
    figure = gain_table({**ROWS, "sigmoid": GainRow(1.8, 40.0, 1.0)})
    (axis,) = figure.axes
    assert axis.get_xscale() == "log"
    low, high = axis.get_xlim()
    assert low < 1
    assert high > 40
    assert png(figure)


@pytest.mark.parametrize("gain", [None, 0.0, math.inf, math.nan])
def test_a_gain_that_is_none_has_no_mark(gain, png):
    figure = gain_table({"step": GainRow(gain, gain, gain)})
    (axis,) = figure.axes
    assert marks(axis, 0) == {}
    assert png(figure)


def test_many_rows_fit(png):
    figure = gain_table({f"function_{i}": GainRow(1.0 + i / 24, 1.0) for i in range(24)})
    assert png(figure)
    boxes = [text.get_window_extent() for text in figure.axes[0].get_yticklabels()]
    assert all(one.y0 > other.y1 for one, other in pairwise(boxes))


def test_no_gain_is_refused():
    with pytest.raises(ActscopeError, match="no gain to draw"):
        gain_table({})


@pytest.mark.parametrize(("low", "high"), [(1e-12, 1e-12), (1e-12, 1e30), (0.9, 1e30), (1, 1)])
def test_gains_of_any_size_lie_on_the_scale(legible, low, high):
    figure = gain_table({"relu": GainRow(low, high), "tanh": GainRow(1.0, 1.7, 1.66)})
    legible(figure)
    left, right = figure.axes[0].get_xlim()
    assert left < min(low, 1) <= max(high, 1.7) < right


def test_what_is_no_gain_is_written_alone(legible):
    figure = gain_table({"a": GainRow(math.inf, math.nan, 0.0), "b": GainRow(None, None)})
    legible(figure)
    (axis,) = figure.axes
    assert len(axis.lines) == 1  # the one at 1


@pytest.mark.heavy
def test_odd_names_and_many_rows(legible, odd_name):
    rows = {odd_name: GainRow(1.0, 1.4), **{f"f{i}": GainRow(1.0, 2.0) for i in range(99)}}
    legible(gain_table(rows))
