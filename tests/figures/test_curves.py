import math
from dataclasses import replace

import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Curve, Facts
from actscope.figures import colour, curves
from actscope.figures._style import INK

X = np.linspace(-5, 5, 101)
TUTORIAL = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")


def given(y, gradient, x=X, kinks=(), family="", curvature=None) -> Curve:
    activation = replace(activations.get("tanh"), family=family)
    return Curve(activation, x, y, gradient, Facts(kinks=kinks), curvature)


def panel(curve):
    (axis,) = curves({"f": curve}).axes
    return axis


@pytest.mark.heavy
def test_the_tutorials_table_is_drawn_two_a_row_with_its_numbers(png):
    table = {name: activations.curve(activations.get(name)) for name in TUTORIAL}
    figure = curves(table)
    assert [axis.get_title() for axis in figure.axes] == list(table)
    for axis, (name, curve) in zip(figure.axes, table.items(), strict=True):
        function, gradient = axis.lines[-2:]
        np.testing.assert_array_equal(function.get_xydata(), np.c_[curve.x, curve.y])
        np.testing.assert_array_equal(gradient.get_xydata(), np.c_[curve.x, curve.gradient])
        assert function.get_color() == colour(name)
        assert gradient.get_color() == INK
        assert axis.get_ylim() == (-1.5, 5.0)  # the tutorial's
        assert axis.get_xlabel() == "x"
    assert [axis.get_subplotspec().colspan.start for axis in figure.axes] == [0, 1] * 3
    assert png(figure)


def test_the_legend_says_what_the_lines_are():
    smooth, kinked = given(X, X), given(abs(X), np.sign(X), kinks=(0.0,))
    for table, words in [
        ({"a": smooth}, ["function", "gradient"]),
        ({"a": smooth, "b": kinked}, ["function", "gradient", "kink"]),
    ]:
        (legend,) = curves(table).legends
        assert [text.get_text() for text in legend.get_texts()] == words


def test_the_second_derivative_is_drawn_on_demand(png):
    curve = given(X**2, 2 * X, kinks=(0.0,), curvature=np.full_like(X, 2.0))
    assert len(curves({"f": curve}).axes[0].lines) == 3
    figure = curves({"f": curve}, second_derivative=True)
    (axis,), (legend,) = figure.axes, figure.legends
    *_, gradient, second = axis.lines
    np.testing.assert_array_equal(second.get_ydata(), curve.curvature)
    assert second.get_linestyle() != gradient.get_linestyle()
    words = [text.get_text() for text in legend.get_texts()]
    assert words == ["function", "gradient", "second derivative", "kink"]
    assert not axis.texts
    assert png(figure)


def test_a_program_without_a_second_derivative_is_told():
    figure = curves({"f": given(X, X)}, second_derivative=True)
    assert [text.get_text() for text in figure.axes[0].texts] == ["no second derivative"]
    assert len(figure.axes[0].lines) == 2


def test_a_second_derivative_that_is_not_finite_is_counted():
    curve = given(X, np.ones_like(X), curvature=np.where(X > 4.95, np.inf, 0.0))
    words = curves({"f": curve}, second_derivative=True).axes[0].texts[0].get_text()
    assert words.endswith("function 0, gradient 0, second derivative 1")


def test_the_axis_reaches_as_far_as_the_second_derivative():
    curve = given(X, X, curvature=np.full_like(X, 9.0))
    assert curves({"f": curve}).axes[0].get_ylim()[1] < 9
    assert curves({"f": curve}, second_derivative=True).axes[0].get_ylim()[1] > 9


def test_kinks_inside_of_the_range_are_marked():
    axis = panel(given(X, X, kinks=(-7.0, -1.0, 0.5, 5.1)))
    marks = [line.get_xdata()[0] for line in axis.lines[:-2]]
    assert marks == [-1.0, 0.5]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_an_odd_number_of_functions_leaves_no_empty_panel(count, png):
    table = {f"f{i}": given(X, X) for i in range(count)}
    figure = curves(table)
    assert len(figure.axes) == count
    assert png(figure)


def test_the_axis_reaches_as_far_as_the_function():
    bottom, top = panel(given(X**2 - 3, 2 * X)).get_ylim()
    assert bottom < -10  # the gradient's least
    assert top > 22
    assert top - bottom < 1.2 * 32


def test_a_bounded_function_is_not_flattened_by_a_wide_range():
    wide = np.linspace(-100, 100, 201)
    assert panel(given(np.tanh(wide), 1 - np.tanh(wide) ** 2, wide)).get_ylim()[1] < 1.2


def test_a_step_near_the_end_is_not_taken_for_a_pole():
    x = np.linspace(-5, 0.05, 200)
    assert panel(given(np.maximum(x, 0), (x > 0) * 1.0, x)).get_ylim()[1] > 1


def test_a_narrow_peak_within_the_axis_is_not_taken_for_a_pole():
    assert panel(given((X == 0) * 4.0, np.zeros_like(X))).get_ylim() == (-1.5, 5.0)
    assert panel(given((X == 0) * 8.0, np.zeros_like(X))).get_ylim()[1] > 8


def test_a_pole_is_cut_off():
    x = np.linspace(-5, 5, 1000)  # 0 is not among them; the largest value is 200
    bottom, top = panel(given(1 / x, -1 / x**2, x)).get_ylim()
    assert -100 < bottom < -5
    assert 5 < top < 100


@pytest.mark.parametrize("x", [np.linspace(-50, -10, 9), np.array([2.0]), np.array([2.0, 2.0])])
def test_any_range_has_an_axis(x, png):
    figure = curves({"f": given(np.zeros(len(x)), np.zeros(len(x)), x)})
    (axis,) = figure.axes
    assert axis.get_ylim()[0] == -1.5
    assert axis.get_ylim()[1] >= 1
    assert axis.get_xlim()[0] < x[0] <= x[-1] < axis.get_xlim()[1]
    assert png(figure)


def test_values_that_are_not_finite_leave_a_gap_and_are_counted(png):
    y, gradient = X.copy(), np.ones_like(X)
    y[:3], gradient[7] = [np.nan, np.inf, -np.inf], np.nan
    figure = curves({"f": given(y, gradient)})
    (axis,) = figure.axes
    np.testing.assert_array_equal(axis.lines[0].get_ydata(), y)
    assert axis.texts[0].get_text() == "of 101 points not finite:\nfunction 3, gradient 1"
    assert axis.get_ylim()[0] < np.nanmin(y[3:])
    assert png(figure)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300, -1e300])
def test_any_value_can_be_drawn(value, png):
    figure = curves({"f": given(np.full_like(X, value), np.full_like(X, value))})
    assert np.isfinite(figure.axes[0].get_ylim()).all()
    assert figure.axes[0].get_xlim() == pytest.approx((-5.5, 5.5))
    assert png(figure)


def test_half_precision_is_drawn():
    half = X.astype(np.float16)
    axis = panel(given(half, half, half))
    np.testing.assert_array_equal(axis.lines[0].get_ydata(), half.astype(np.float64))


def test_a_label_is_not_read_as_mathematics(png):
    figure = curves({"$x$ <b>": given(X, X)})
    assert figure.axes[0].get_title() == r"\$x\$ <b>"
    assert png(figure)


def test_no_function_is_refused():
    with pytest.raises(ActscopeError, match="no function to draw"):
        curves({})


@pytest.mark.heavy
@pytest.mark.parametrize("size", [0.0, 1e-12, 1e30, math.nan])
@pytest.mark.parametrize("reach", [1e-12, 1.0, 1e30])
def test_functions_of_any_size_over_any_range_are_read(legible, size, reach):
    x = reach * X
    figure = curves({"f": given(size * X, size * np.ones_like(X), x=x, kinks=(0.0,))})
    legible(figure)
    (axis,) = figure.axes
    assert axis.get_xlim() == pytest.approx((-5.5 * reach, 5.5 * reach))
    low, high = axis.get_ylim()
    assert math.isnan(size) or low <= -5 * size <= 5 * size <= high


@pytest.mark.heavy
@pytest.mark.parametrize("count", [1, 5, 8])
def test_odd_names_are_read(legible, odd_name, count):
    table = {f"{odd_name}{i}": given(X, X, family=odd_name) for i in range(count)}
    legible(curves(table, second_derivative=True, caption="c"))
