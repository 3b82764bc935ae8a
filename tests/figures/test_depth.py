import math

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.figures import Passage, colour, through_depth

FALLING = Passage((1.0, 0.1, 0.01), (1e-6, 1e-3, 1.0))
LEVEL = Passage((0.5, 0.5, 0.5), (1.0, 1.0, 1.0))


def test_signal_and_gradient_by_layer_on_logarithmic_axes(png):
    figure = through_depth({"tanh": FALLING, "relu": LEVEL}, caption="a sentence")
    signal, gradient = figure.axes
    for axis, name in ((signal, "second_moment"), (gradient, "gradient_norm")):
        assert axis.get_yscale() == "log"
        assert axis.get_xlabel() == "layer"
        for line, (label, found) in zip(
            axis.lines, {"tanh": FALLING, "relu": LEVEL}.items(), strict=True
        ):
            np.testing.assert_array_equal(
                line.get_xydata(), list(enumerate(getattr(found, name), 1))
            )
            assert line.get_color() == colour(label)
    low, high = gradient.get_ylim()
    assert low < 1e-6
    assert high > 1
    assert png(figure)


def test_two_starts_of_one_function_differ_by_their_dashes():
    figure = through_depth({"tanh, critical": LEVEL, "tanh, PyTorch's default": FALLING})
    one, other = figure.axes[0].lines
    assert one.get_color() == other.get_color() == colour("tanh")
    assert one.get_linestyle() != other.get_linestyle()
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["tanh, critical", "tanh, PyTorch's default"]


@pytest.mark.heavy
def test_what_a_logarithmic_axis_cannot_show_is_named(png):
    dead = Passage((1.0, 0.0, math.nan), (0.0, math.inf, 1.0))
    figure = through_depth({"tanh": FALLING, "relu": dead})
    for axis in figure.axes:
        assert axis.get_xlabel() == "layer\n0 or not finite:\nrelu: 2 of 3 layers"
        assert np.isfinite(axis.get_ylim()).all()
    assert png(figure)
    assert png(through_depth({"nothing": Passage((0.0,), (0.0,))}))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ActscopeError, match="as many of each"):
        Passage((1.0,), ())
    with pytest.raises(ActscopeError, match="no network to draw"):
        through_depth({})


@pytest.mark.heavy
@pytest.mark.parametrize(
    "values", [(1e-12, 3e-12), (1e30, 1e30), (1e-150, 1e150), (1.0,), (1.0, 1.0 + 1e-12)]
)
def test_an_axis_holds_values_of_any_size(legible, values):
    figure = through_depth({"relu": Passage(values, values)})
    legible(figure)
    for axis in figure.axes:
        low, high = axis.get_ylim()
        assert low <= min(values) / 2 < max(values) * 2 <= high


@pytest.mark.heavy
@pytest.mark.parametrize("value", [0.0, math.nan, math.inf])
def test_what_has_no_place_on_the_axis_is_counted(legible, value):
    networks = {f"f{i}": Passage((value, 1.0), (1.0, 1.0)) for i in range(50)}
    figure = through_depth(networks)
    legible(figure)
    lines = figure.axes[0].get_xlabel().split("\n")
    assert lines[1:] == [
        "0 or not finite:",
        *(f"f{i}: 1 of 2 layers" for i in range(3)),
        "and 47 networks more",
    ]


def test_beyond_what_an_axis_may_hold_lines_leave_the_panel(legible):
    figure = through_depth({"relu": Passage((1e-300, 1e300), (1.0, 1.0))})
    legible(figure)
    low, high = figure.axes[0].get_ylim()
    assert low == pytest.approx(1e-200)
    assert high == pytest.approx(1e200)


@pytest.mark.heavy
def test_odd_names(legible, odd_name):
    legible(through_depth({odd_name: Passage((1.0, 0.0), (1.0, 2.0)), "relu": Passage((1,), (2,))}))
