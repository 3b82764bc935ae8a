import math

import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.figures import CriticalLine, Phases, colour, phase_diagram

B, W = np.linspace(0, 1, 5), np.linspace(0.5, 2.5, 9)
CHI = W[:, None] - 0.5 * B  # critical along σ_w = 1 + σ_b / 2
LINE = CriticalLine((0.0, 1.0), (1.0, 1.5))


def keys(figure):
    (legend,) = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def shaded(axis):
    """How many cells each colour has."""
    return [int((~np.ma.getmaskarray(mesh.get_array())).sum()) for mesh in axis.collections]


def test_regions_and_lines(png):
    unstable = CriticalLine((0.2, 0.4), (2.0, 2.2), stable=False)
    figure = phase_diagram("tanh", Phases(B, W, CHI), [LINE, unstable], caption="a sentence")
    (axis,) = figure.axes
    assert keys(figure) == [
        "ordered: χ₁ < 1",
        "chaotic: χ₁ > 1",
        "critical, stable",
        "critical, unstable",
    ]
    assert shaded(axis) == [(CHI <= 1).sum(), (CHI > 1).sum()]
    solid, dashed = axis.lines
    np.testing.assert_array_equal(solid.get_xydata(), [[0, 1], [1, 1.5]])
    assert solid.get_color() == colour("tanh")
    assert (solid.get_linestyle(), dashed.get_linestyle()) == ("-", "--")
    assert axis.get_title() == "tanh"
    assert not axis.texts
    assert png(figure)


def test_a_point_is_a_dot(png):
    figure = phase_diagram("relu", Phases(B, W, CHI), [CriticalLine((0.0,), (2**0.5,))])
    (dot,) = figure.axes[0].lines
    assert dot.get_marker() == "o"
    assert keys(figure)[-1] == "critical, stable: a point"
    assert figure.axes[0].get_xlim()[0] < 0  # the dot at σ_b = 0 stands within
    assert png(figure)


def test_without_a_line_the_reason_is_given_within_the_panel(png):
    reason = "χ₁ stays below 1 at every stable fixed point, however large the weights are " * 2
    figure = phase_diagram("sigmoid", Phases(B, W, CHI / 9), reason=reason)
    (axis,) = figure.axes
    (words,) = axis.texts
    assert " ".join(words.get_text().split()) == f"no critical line: {reason.strip()}"
    assert keys(figure) == ["ordered: χ₁ < 1"]
    assert png(figure)
    box, frame = words.get_window_extent(), axis.get_window_extent()
    assert frame.x0 < box.x0 < box.x1 < frame.x1


def test_where_signals_settle_nowhere_it_says_so(png):
    figure = phase_diagram("relu", Phases(B, W, np.where(CHI > 1, np.nan, CHI)), [LINE])
    assert "second moment unbounded" in keys(figure)
    assert shaded(figure.axes[0]) == [(CHI <= 1).sum(), (CHI > 1).sum()]
    assert png(figure)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ActscopeError, match="a row for each sigma_w"):
        Phases(B, W, CHI.T)
    with pytest.raises(ActscopeError, match="as many of each"):
        CriticalLine((0.0,), ())


@pytest.mark.heavy
@pytest.mark.parametrize("size", [1e-12, 1e30])
@pytest.mark.parametrize("chi", [0.5, 2.0, math.nan, math.inf])
def test_a_grid_of_any_size_and_of_one_phase(legible, size, chi):
    edges = size * np.linspace(0.5, 1.5, 5)
    figure = phase_diagram("relu", Phases(edges, edges, np.full((5, 5), chi)), reason="x" * 10_000)
    legible(figure)
    (axis,) = figure.axes
    assert axis.get_xlim() == pytest.approx((0.375 * size, 1.625 * size))
    assert len(axis.collections) == 1
    assert len(axis.texts[0].get_text()) < 500


def test_cells_are_pixels_in_any_format():
    figure = phase_diagram("relu", Phases(np.arange(5.0), np.arange(5.0), np.ones((5, 5))))
    assert all(cells.get_rasterized() for cells in figure.axes[0].collections)


def test_odd_names(legible, odd_name):
    grid = Phases(np.arange(5.0), np.arange(5.0), np.ones((5, 5)))
    legible(phase_diagram(odd_name, grid, reason=odd_name))
