from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from actscope._errors import ActscopeError
from actscope.figures import ACCURACY, R_SQUARED, Difference, colour, forest
from actscope.stats import Interval

ROWS = {
    "sigmoid": Difference(Interval(-0.02, -0.03, -0.01, 10, 0.95), (-0.04, 0.0), "worse"),
    "swish": Difference(Interval(0.003, 0.001, 0.005, 9, 0.95), (-0.001, 0.007), "12 seeds"),
}
LONG = "my_company.research.activations.module_of_2026:squared_relu_x"
SINGLE = Difference(Interval(0.003, None, None, 1, 0.95))


def texts(axis) -> list[str]:
    return [text.get_text() for text in axis.texts]


@pytest.mark.parametrize(("score", "factor"), [(ACCURACY, 100), (R_SQUARED, 1)])
def test_means_and_intervals_are_where_the_numbers_say(png, score, factor):
    figure = forest({"": ROWS}, reference="relu", score=score, caption="in words")
    (axis,) = figure.axes
    zero, *drawn = axis.lines
    assert list(zero.get_xdata()) == [0, 0]
    lines = iter(drawn)
    for row, (label, found) in enumerate(ROWS.items()):
        simultaneous, interval, mean = next(lines), next(lines), next(lines)
        ends = (found.interval.low, found.interval.high)
        np.testing.assert_allclose(interval.get_xdata(), np.multiply(ends, factor))
        np.testing.assert_allclose(
            simultaneous.get_xdata(), np.multiply(found.simultaneous, factor)
        )
        np.testing.assert_allclose(mean.get_xydata(), [[factor * found.interval.mean, row]])
        assert {*interval.get_ydata(), *simultaneous.get_ydata()} == {row}
        assert {line.get_color() for line in (simultaneous, interval, mean)} == {colour(label)}
        assert simultaneous.get_linewidth() < interval.get_linewidth()
    assert not list(lines)
    assert figure.get_suptitle() == f"{score.title}: difference to relu"
    assert figure.get_supxlabel() == "in words"
    assert png(figure)


def test_numbers_n_and_verdict_stand_beside_each_row():
    (axis,) = forest({"": ROWS}, reference="relu").axes
    assert texts(axis) == [
        *("−2.00", "+0.30", "difference"),
        *("[−3.00, −1.00]", "[+0.10, +0.50]", "interval"),
        *("10", "9", "n"),
        *("worse", "12 seeds", "verdict"),
    ]


def test_the_axis_says_what_is_drawn():
    (axis,) = forest({"": ROWS}, reference="relu", relevant=0.005).axes
    assert axis.get_xlabel().split("\n", 1)[0] == "mean difference over paired seeds (points)"
    marks = axis.get_xlabel().split("\n", 1)[1].replace("\n", " ")
    assert marks.split("; ") == [
        "right is better",
        "thick: 95 % interval",
        "thin: simultaneous",
        "shaded: within ±0.50",
    ]


def test_what_is_not_drawn_is_not_named():
    rows = {"tanh": Difference(Interval(0.1, 0.0, 0.2, 3, 0.9))}
    (axis,) = forest({"": rows}, reference="relu", score=R_SQUARED).axes
    assert axis.get_xlabel().split("\n") == [
        "mean difference over paired seeds",
        "right is better; thick: 90 % interval",
    ]
    assert not axis.patches


def test_differences_too_small_to_matter_are_shaded(png):
    figure = forest({"": ROWS}, reference="relu", relevant=0.005)
    (band,) = figure.axes[0].patches
    assert isinstance(band, Rectangle)
    assert (band.get_x(), band.get_width()) == pytest.approx((-0.5, 1.0))
    assert png(figure)


def test_strata_have_heads_and_rows_below_them(png):
    figure = forest({"depth 2": ROWS, "depth 6": ROWS}, reference="relu")
    png(figure)
    (axis,) = figure.axes
    assert axis.get_yticks().tolist() == [1, 2, 4, 5]
    assert [t.get_text() for t in axis.get_yticklabels()] == [*ROWS, *ROWS]
    heads = [text for text in axis.texts if text.get_text().startswith("depth")]
    assert [(t.get_text(), t.xy[1]) for t in heads] == [("depth 2", 0), ("depth 6", 3)]
    assert axis.get_ylim() == (5.5, -0.5)
    means = [line.get_ydata()[0] for line in axis.lines if line.get_marker() == "o"]
    assert means == [1, 2, 4, 5]
    edge = axis.get_window_extent().x0
    figure.draw_without_rendering()  # where all of it lies at one resolution
    left = min(label.get_window_extent().x0 for label in axis.get_yticklabels())
    assert [head.get_window_extent().x0 for head in heads] == pytest.approx([left] * 2, abs=2)
    assert left < edge


def test_a_single_seed_has_no_interval(png):
    figure = forest({"": {"tanh": SINGLE}}, reference="relu", relevant=0.005)
    (axis,) = figure.axes
    assert len(axis.lines) == 2  # zero and the mean
    assert texts(axis) == ["+0.30", "difference", "none", "interval", "1", "n"]
    assert "interval" not in axis.get_xlabel()
    assert png(figure)


def test_what_is_not_a_number_is_not_drawn_and_spoils_no_other_row(png):
    rows = ROWS | {"bad": Difference(Interval(float("nan"), float("nan"), float("nan"), 2, 0.95))}
    figure = forest({"": rows}, reference="relu")
    assert png(figure)
    assert "–" in texts(figure.axes[0])
    assert np.isfinite(figure.axes[0].get_xlim()).all()


def test_a_row_far_away_does_not_squeeze_the_others(png):
    near = {f"f{i}": Difference(Interval(i / 1e3, i / 1e3 - 2e-3, 0.01, 5, 0.95)) for i in range(5)}
    far = Difference(Interval(-0.78, -0.79, -0.77, 5, 0.95))
    figure = forest({"": {**near, "sigmoid": far}}, reference="relu")
    assert png(figure)
    (axis,) = figure.axes
    low, high = axis.get_xlim()
    assert -0.4 < low < -0.2  # the lowest end is -0.2 points, the highest 1
    assert 1 < high < 1.2
    (triangle,) = [line for line in axis.lines if line.get_marker() == "<"]
    assert triangle.get_xydata().tolist() == [[low, 5]]
    assert triangle.get_color() == colour("sigmoid")
    assert axis.get_xlabel().endswith("triangle: beyond the scale")
    assert "−78.00" in texts(axis)


@pytest.mark.parametrize("size", [1e-9, 1e3])
def test_tiny_and_huge_differences_are_drawn_to_their_own_scale(png, size):
    rows = {"tanh": Difference(Interval(size, -size, 3 * size, 5, 0.95))}
    figure = forest({"": rows}, reference="relu", score=R_SQUARED)
    png(figure)
    (axis,) = figure.axes
    low, high = axis.get_xlim()
    assert low < -size
    assert 3 * size < high < 5 * size
    assert not axis.xaxis.get_offset_text().get_text()  # every tick says its whole value
    for place, label in zip(axis.get_xticks(), axis.get_xticklabels(), strict=True):
        assert float(label.get_text().replace("−", "-")) == pytest.approx(place, abs=1e-3 * size)


@pytest.mark.heavy
def test_forty_rows_with_long_names_overlap_nowhere_and_are_not_cut_off(png):
    verdict = "not distinguishable; 1,340 seeds would tell them apart"
    rows = {f"{LONG}_{i}": Difference(SINGLE.interval, None, verdict) for i in range(40)}
    rows["$x$ <b>"] = SINGLE
    figure = forest({"a stratum of a long, long, long, long name": rows}, reference=LONG)
    png(figure)
    (axis,) = figure.axes
    labels = [label.get_window_extent() for label in axis.get_yticklabels()]
    for upper, lower in pairwise(labels):
        assert lower.y1 <= upper.y0
    everything = [*labels, *(text.get_window_extent() for text in axis.texts)]
    assert min(box.x0 for box in everything) >= 0
    assert max(box.x1 for box in everything) <= figure.bbox.width
    assert verdict in texts(axis)
    assert axis.get_yticklabels()[-1].get_text() == r"\$x\$ <b>"
    assert axis.get_window_extent().width / figure.dpi > 3


@pytest.mark.parametrize("strata", [{}, {"depth 2": {}}, {"a": ROWS, "b": {}}])
def test_nothing_is_not_drawn(strata):
    with pytest.raises(ActscopeError, match="no difference to draw"):
        forest(strata, reference="relu")


@pytest.mark.parametrize("size", [1e-12, 1e30])
def test_rows_of_any_size_are_read(legible, size):
    rows = {f"f{i}": Difference(Interval(i * size, -size, 9 * size, 5, 0.95)) for i in range(1, 9)}
    figure = forest({"": rows | {"tanh": SINGLE}}, reference=LONG, score=R_SQUARED)
    legible(figure)
    low, high = figure.axes[0].get_xlim()
    assert low <= -size
    assert high >= 9 * size


def test_no_difference_at_all_has_an_axis(legible):
    rows = {"tanh": Difference(Interval(0.0, 0.0, 0.0, 2, 0.95), (0.0, 0.0))}
    figure = forest({"": rows}, reference="relu")
    legible(figure)
    low, high = figure.axes[0].get_xlim()
    assert low < 0 < high


def test_odd_names(legible, odd_name):
    rows = {odd_name: replace(SINGLE, verdict=odd_name), "tanh": SINGLE}
    legible(forest({odd_name: rows}, reference=odd_name, relevant=0.001))
