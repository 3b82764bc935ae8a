import numpy as np
import pytest

from actscope._errors import ActscopeError
from actscope.figures import Densities, colour, densities
from actscope.theory import Atom, Distribution

EDGES = np.linspace(0, 2, 5)
SMOOTH = Distribution(EDGES, np.array([0.1, 0.2, 0.3, 0.4]), (), 0.0, 0.0)
HALF = Distribution(EDGES, np.array([0.2, 0.1, 0.1, 0.1]), (Atom(0.0, 0.5),), 0.0, 0.0)
STEPS = Distribution(np.zeros(2), np.zeros(1), (Atom(0.0, 0.5), Atom(1.0, 0.5)), 0.0, 0.0)


def panel(output, gradient):
    (axis,) = densities({"relu": Densities(output, gradient)}).axes
    return axis


def stems(axis):
    return [(line.get_xdata()[1], line.get_ydata()[1]) for line in axis.lines]


def test_densities_are_drawn_each_to_its_own_height(png):
    figure = densities({"relu": Densities(SMOOTH, HALF)}, q=2.5)
    (axis,) = figure.axes
    filled, outline, gradient = axis.patches
    np.testing.assert_allclose(outline.get_data().values, [0.25, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(filled.get_data().edges, EDGES)
    np.testing.assert_allclose(gradient.get_data().values, [1.0, 0.5, 0.5, 0.5])
    assert outline.get_edgecolor()[:3] == pytest.approx(
        [int(colour("relu")[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    )
    assert figure.legends[0].get_title().get_text() == "z ~ N(0, 2.5)"
    assert axis.get_title() == "relu"
    assert png(figure)


def test_single_values_are_stems_as_high_as_their_probability(png):
    figure = densities({"relu": Densities(HALF, STEPS)})
    (axis,) = figure.axes
    assert stems(axis) == [(0.0, 0.5), (0.0, 0.5), (1.0, 0.5)]
    assert axis.get_ylim()[1] > 1
    # The output's and the gradient's at 0 are equal, and written once.
    assert sorted((text.xy[0], text.get_text()) for text in axis.texts) == [
        (0.0, "50.0 %"),
        (1.0, "50.0 %"),
    ]
    assert png(figure)


def test_what_is_written_stands_within_the_panel(png):
    figure = densities({"relu": Densities(HALF, STEPS), "tanh": Densities(SMOOTH, STEPS)})
    assert png(figure)
    for axis in figure.axes:
        frame = axis.get_window_extent()
        for text in axis.texts:
            box = text.get_window_extent()
            assert frame.x0 < box.x0 < box.x1 < frame.x1


def test_a_pole_is_cut_off():
    masses = np.append(np.full(99, 0.005), 0.505)
    pole = Distribution(np.linspace(0, 1, 101), masses, (), 0.0, 0.0)
    axis = panel(SMOOTH, pole)
    heights = axis.patches[2].get_data().values
    assert heights[0] == pytest.approx(1 / 3)
    assert heights[-1] > axis.get_ylim()[1]


def test_atoms_alone_leave_no_density():
    axis = panel(STEPS, STEPS)
    assert not axis.patches
    low, high = axis.get_xlim()
    assert low < 0
    assert high > 1


def test_small_panels_leave_small_probabilities_unwritten(png):
    rare = Distribution(np.zeros(2), np.zeros(1), (Atom(0.0, 0.99), Atom(1.0, 0.01)), 0.0, 0.0)
    large = densities({"f": Densities(rare, SMOOTH)})
    small = densities({f"f{i}": Densities(rare, SMOOTH, "rectified") for i in range(7)})
    assert [text.get_text() for text in small.axes[1].texts] == ["99.0 %"]
    assert len(large.axes[0].texts) == 2
    assert small.axes[0].texts[0].get_text() == "rectified"
    assert png(small)


def test_no_function_is_refused():
    with pytest.raises(ActscopeError, match="no function to draw"):
        densities({})


@pytest.mark.parametrize("size", [1e-12, 1e30])
def test_densities_of_any_size_are_read(legible, size):
    wide = Distribution(size * EDGES, SMOOTH.masses, (), 0.0, 0.0)
    figure = densities({"relu": Densities(wide, wide)})
    legible(figure)
    low, high = figure.axes[0].get_xlim()
    assert low < 0 < 2 * size < high < 2.5 * size


def test_a_value_that_takes_99_percent_leaves_the_density_its_height(legible):
    rare = Distribution(EDGES, np.full(4, 0.0025), (Atom(0.0, 0.99),), 0.0, 0.0)
    figure = densities({"relu": Densities(rare, rare)})
    legible(figure)
    assert max(figure.axes[0].patches[1].get_data().values) == 1


@pytest.mark.parametrize("count", [3, 10, 40])
def test_of_many_single_values_as_many_are_named_as_there_is_room_for(legible, count):
    steps = Distribution(
        np.zeros(2), np.zeros(1), tuple(Atom(float(i), 1 / count) for i in range(count)), 0.0, 0.0
    )
    figure = densities({"floor": Densities(steps, steps)})
    legible(figure)
    assert len(stems(figure.axes[0])) == 2 * count
    assert min(count, 3) <= len(figure.axes[0].texts) <= count


@pytest.mark.heavy
@pytest.mark.parametrize("count", [1, 8])
def test_odd_names(legible, odd_name, count):
    legible(densities({f"{odd_name}{i}": Densities(HALF, STEPS) for i in range(count)}))
