import math
from itertools import pairwise

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.figures import R_SQUARED, Scores, colour, comparison
from actscope.stats import Interval, mean_interval

VALUES = {"sigmoid": (0.78, 0.785, 0.79), "relu": (0.8865,), "my_package.my_module:f": (0.5, 0.5)}


def scores(values=VALUES, level=0.95) -> dict[str, Scores]:
    return {label: Scores(v, mean_interval(v, level)) for label, v in values.items()}


def test_seeds_means_and_intervals_are_where_the_numbers_say(png):
    figure = comparison(scores(), caption="in words")
    (axis,) = figure.axes
    lines = iter(axis.lines)
    for row, (label, values) in enumerate(VALUES.items()):
        seeds = next(lines)
        assert tuple(seeds.get_xdata()) == values
        assert all(row < y < row + 0.5 for y in seeds.get_ydata())
        drawn = [seeds]
        if len(values) > 1:
            bar = next(lines)
            interval = mean_interval(values)
            assert bar.get_xydata().tolist() == [[interval.low, row], [interval.high, row]]
            drawn.append(bar)
        mean = next(lines)
        np.testing.assert_allclose(mean.get_xydata(), [[np.mean(values), row]])
        assert {line.get_color() for line in [*drawn, mean]} == {colour(label)}
    assert not list(lines)
    assert figure.get_suptitle() == "Test accuracy"
    assert figure.get_supxlabel() == "in words"
    assert png(figure)


def test_numbers_and_n_stand_beside_each_row():
    (axis,) = comparison(scores()).axes
    # Student's t at 2 degrees of freedom is 4.303; s = 0.5 points, √3 = 1.732.
    assert [text.get_text() for text in axis.texts] == [
        "78.50 ± 1.24 %, n = 3",
        "88.65 %, n = 1",
        "50.00 ± 0.00 %, n = 2",
    ]


def test_a_score_without_a_unit_is_written_as_it_is(png):
    figure = comparison(scores(), score=R_SQUARED)
    (axis,) = figure.axes
    assert axis.texts[0].get_text() == "0.7850 ± 0.0124, n = 3"
    assert axis.get_xlabel().startswith("R²: each seed")
    assert figure.get_suptitle() == "R²"
    assert png(figure)
    tick = axis.get_xticklabels()[1]
    assert float(tick.get_text()) == pytest.approx(tick.get_position()[0])


def test_rows_stand_from_top_to_bottom():
    (axis,) = comparison(scores()).axes
    assert [label.get_text() for label in axis.get_yticklabels()] == list(VALUES)
    bottom, top = axis.get_ylim()
    assert bottom > top


@pytest.mark.parametrize(
    ("level", "words"),
    [(0.95, "mean with its 95 % interval"), (0.99, "mean with its 99 % interval")],
)
def test_the_axis_says_what_is_drawn(level, words):
    (axis,) = comparison(scores(level=level)).axes
    assert axis.get_xlabel() == f"test accuracy (%): each seed, and the {words}"


def test_different_levels_are_both_named():
    mixed = scores({"a": (0.1, 0.2)}) | scores({"b": (0.1, 0.2)}, 0.99)
    assert comparison(mixed).axes[0].get_xlabel().endswith("its 95 % or 99 % interval")


def test_a_single_run_has_no_interval(png):
    figure = comparison(scores({"$x$ <b>": (0.5,)}))
    (axis,) = figure.axes
    assert axis.get_xlabel() == "test accuracy (%): each seed, and the mean"
    assert axis.get_yticklabels()[0].get_text() == r"\$x\$ <b>"
    assert png(figure)


def test_failures_do_not_squeeze_the_others(png):
    near = {f"f{i}": (0.88, 0.881 + i / 1e3, 0.883) for i in range(4)}
    figure = comparison(scores({**near, "sigmoid": (0.1, 0.1, 0.1), "relu": (0.88, 0.1, 0.882)}))
    assert png(figure)
    (axis,) = figure.axes
    low, high = axis.get_xlim()
    assert 0.85 < low < 0.88
    assert 0.884 < high < 0.9
    triangles = [line.get_ydata()[0] for line in axis.lines if line.get_marker() == "<"]
    assert triangles == pytest.approx([4.22, 4.22, 4.22, 4, 5.22, 5])  # seeds, then the mean
    assert axis.get_xlabel().endswith("; triangle: beyond the scale")


def test_many_rows_do_not_overlap(png):
    figure = comparison(scores({f"function_{i}": (0.5, 0.6) for i in range(30)}))
    png(figure)
    (axis,) = figure.axes
    boxes = [label.get_window_extent() for label in axis.get_yticklabels()]
    for upper, lower in pairwise(boxes):
        assert lower.y1 <= upper.y0


def test_scores_of_other_values_and_none_are_refused():
    with pytest.raises(ActscopeError, match="1 values and an interval of n = 2; expected the"):
        Scores((0.5,), mean_interval([0.1, 0.2]))
    with pytest.raises(ActscopeError, match="no score to draw"):
        comparison({})


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e30])
def test_scores_of_any_size_have_axes_that_hold_them(legible, size):
    scores = {"relu": found(size, 2 * size), "tanh": found(-size, 0.0), "elu": found(size)}
    figure = comparison(scores, score=R_SQUARED)
    legible(figure)
    low, high = figure.axes[0].get_xlim()
    assert -2 * size < low < -size
    assert 2 * size < high < 3 * size


@pytest.mark.parametrize("value", [0.0, 0.88, 1.0])
def test_equal_scores_are_drawn_apart_from_rounding(legible, value):
    figure = comparison({"relu": found(value, value), "tanh": found(value + 1e-12)})
    legible(figure)
    low, high = figure.axes[0].get_xlim()
    assert low < value < high


def test_a_diverged_network_spoils_no_other_row(legible):
    lost = Scores((math.nan, math.inf), Interval(math.nan, None, None, 2, 0.95))
    figure = comparison({"relu": found(0.5, 0.6), "lost": lost})
    legible(figure)
    assert figure.axes[0].get_xlim() == pytest.approx((0.495, 0.605))
    assert "–" in figure.axes[0].texts[1].get_text()


@pytest.mark.heavy
def test_odd_names_and_many_rows(legible, odd_name):
    legible(comparison({odd_name: found(0.5, 0.6), **{f"f{i}": found(0.5) for i in range(99)}}))


def found(*values):
    """Their mean, with their spread for an interval if there are two."""
    mean, half = sum(values) / len(values), max(values) - min(values)
    ends = (mean - half / 2, mean + half / 2) if len(values) > 1 else (None, None)
    return Scores(values, Interval(mean, *ends, len(values), 0.95))
