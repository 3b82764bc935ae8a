import math

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.figures import Foretold, colour, forecast_against_measured

MOMENT = Foretold(
    (1.0, 0.1, 0.01),
    (0.9, 0.08, 0.007),
    (1.1, 0.12, 0.013),
    ((1.0, 1.05), (0.1, 0.11), (0.01, 0.009)),
)
ZEROS = Foretold((0.5, 0.5, 0.5))


def test_prediction_scatter_and_measurement(png):
    figure = forecast_against_measured("relu", {"second moment": MOMENT, "zeros": ZEROS})
    moment, zeros = figure.axes
    line, dots = moment.lines
    np.testing.assert_array_equal(line.get_xydata(), [[1, 1.0], [2, 0.1], [3, 0.01]])
    assert line.get_color() == colour("relu")
    x, y = dots.get_data()
    np.testing.assert_array_equal(y, [1.0, 1.05, 0.1, 0.11, 0.01, 0.009])
    np.testing.assert_array_equal(np.round(x), [1, 1, 2, 2, 3, 3])
    assert len(set(x)) == 6  # networks stand side by side
    (band,) = moment.collections
    corners = {tuple(corner) for corner in band.get_paths()[0].vertices.tolist()}
    assert {(1.0, 0.9), (1.0, 1.1), (3.0, 0.007), (3.0, 0.013)} <= corners
    assert (moment.get_title(), zeros.get_title()) == ("second moment", "zeros")
    assert len(zeros.lines) == 1
    assert not zeros.collections
    (legend,) = figure.legends
    words = [text.get_text() for text in legend.get_texts()]
    assert words == ["predicted", "scatter of single networks", "measured, n = 2"]
    assert legend.get_title().get_text() == "relu"
    assert png(figure)


def test_an_axis_is_logarithmic_where_that_shows_more():
    moment, zeros, mean = forecast_against_measured(
        "relu", {"moment": MOMENT, "zeros": ZEROS, "mean": Foretold((-1.0, 0.01, 100.0))}
    ).axes
    assert [axis.get_yscale() for axis in (moment, zeros, mean)] == ["log", "linear", "linear"]


def test_a_share_has_no_logarithmic_axis():
    rare = Foretold((0.001, 0.1, 0.5), share=True)
    (axis,) = forecast_against_measured("relu", {"dead": rare}).axes
    assert axis.get_yscale() == "linear"


def test_what_is_not_finite_is_counted(png):
    broken = Foretold((1.0, math.inf), measured=((1.0,), (math.nan,)))
    figure = forecast_against_measured("relu", {"moment": broken})
    assert figure.axes[0].texts[0].get_text() == "not finite: 2"
    assert png(figure)


def test_without_a_measurement_the_legend_has_none():
    figure = forecast_against_measured("relu", {"zeros": ZEROS})
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["predicted"]


def test_counts_that_differ_are_said():
    figure = forecast_against_measured(
        "relu", {"a": Foretold((1.0, 1.0), measured=((1.0,), (1.0, 2.0)))}
    )
    assert figure.legends[0].get_texts()[-1].get_text() == "measured, n = 1 to 2"


@pytest.mark.parametrize(
    "wrong",
    [
        {"predicted": ()},
        {"predicted": (1.0,), "low": (0.5,)},
        {"predicted": (1.0, 2.0), "measured": ((1.0,),)},
    ],
)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(ActscopeError, match="as many of each"):
        Foretold(**wrong)


def test_no_quantity_is_refused():
    with pytest.raises(ActscopeError, match="no quantity to draw"):
        forecast_against_measured("relu", {})


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e30])
def test_layers_of_any_size_lie_within_their_axis(legible, size):
    found = Foretold((size, 2 * size), (0.5 * size,) * 2, (3 * size,) * 2, ((size, 4 * size),) * 2)
    figure = forecast_against_measured("relu", {"second moment": found, "share": found})
    legible(figure)
    low, high = figure.axes[0].get_ylim()
    assert low < 0.5 * size < 4 * size < high < 6 * size


@pytest.mark.parametrize(
    ("values", "lost"), [((0.0, 0.0), 0), ((1.0,), 0), ((math.nan, 1.0), 1), ((math.inf,), 1)]
)
def test_zeros_one_layer_and_diverged_layers(legible, values, lost):
    figure = forecast_against_measured("relu", {"gradient": Foretold(values)})
    legible(figure)
    told = [text.get_text() for text in figure.axes[0].texts]
    assert told == ([f"not finite: {lost}"] if lost else [])


def test_odd_names(legible, odd_name):
    legible(forecast_against_measured(odd_name, {odd_name: Foretold((1.0, 2.0))}))
