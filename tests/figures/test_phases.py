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
