import math

import numpy as np
import pytest

from actscope import activations
from actscope._errors import ActscopeError
from actscope.activations import Curve, Facts
from actscope.figures import colour, overlay

X = np.linspace(-5, 5, 101)


def given(y, gradient, curvature=None, x=X) -> Curve:
    return Curve(activations.get("tanh"), x, y, gradient, Facts(), curvature)


def test_each_derivative_has_its_panel_with_all_functions(png):
    table = {name: activations.curve(activations.get(name)) for name in ("relu", "tanh")}
    figure = overlay(table)
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == ["function", "gradient", "second derivative"]
    for axis, drawn in zip(figure.axes, ("y", "gradient", "curvature"), strict=True):
        for line, (name, curve) in zip(axis.lines, table.items(), strict=True):
            np.testing.assert_array_equal(line.get_xydata(), np.c_[curve.x, getattr(curve, drawn)])
            assert line.get_color() == colour(name)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["relu", "tanh"]
    assert png(figure)


def test_two_of_one_colour_differ_by_their_dashes_in_all_panels(png):
    figure = overlay({"tanh": given(X, X, X), "tanh, again": given(X, X, X)})
    for axis in figure.axes:
        one, other = axis.lines
        assert one.get_color() == other.get_color()
        assert one.get_linestyle() != other.get_linestyle()
    assert png(figure)


def test_one_without_a_second_derivative_is_named(png):
    figure = overlay({"a": given(X, X), "b": given(X, X, X)})
    *others, third = figure.axes
    assert len(third.lines) == 1
    assert third.texts[0].get_text() == "none: a"
    assert not any(axis.texts for axis in others)
    assert png(overlay({"a": given(X, X)}))


def test_who_is_not_finite_is_named(png):
    broken = np.where(X > 4, np.nan, X)
    figure = overlay({f"f{i}": given(broken, X, X) for i in range(5)} | {"whole": given(X, X, X)})
    words = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert words == [["not everywhere finite: f0, f1, f2 and 2 more"], [], []]
    assert png(figure)


def test_the_axes_reach_as_far_as_the_values():
    first, second, third = overlay({"a": given(X**2, 2 * X, 0 * X + 2)}).axes
    assert first.get_ylim()[1] > 25
    assert second.get_ylim() == pytest.approx((-11.2, 11.2))
    assert third.get_ylim()[0] < 2 < third.get_ylim()[1]
    assert first.get_xlim() == pytest.approx((-5.5, 5.5))


def test_the_legend_of_many_has_columns(png):
    figure = overlay({f"f{i}": given(X, X, X) for i in range(30)})
    assert png(figure)
    assert figure.legends[0].get_window_extent().height < figure.bbox.height


def test_no_function_is_refused():
    with pytest.raises(ActscopeError, match="no function to draw"):
        overlay({})


@pytest.mark.heavy
@pytest.mark.parametrize("size", [0.0, 1e-12, 1e30, math.nan])
def test_functions_of_any_size_are_read(legible, size):
    figure = overlay({"f": given(size * X, size * X, size * X)})
    legible(figure)
    for axis in figure.axes:
        low, high = axis.get_ylim()
        assert math.isnan(size) or low <= -5 * size <= 5 * size <= high


@pytest.mark.heavy
def test_odd_names_of_many_functions_are_read(legible, odd_name):
    table = {odd_name: given(X, X), **{f"f{i}": given(X, X) for i in range(70)}}
    legible(overlay(table))
