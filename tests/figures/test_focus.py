import numpy as np
import pytest
from matplotlib.figure import Figure

from actscope.figures._focus import focus, look_at, point_beyond

NEAR = (88.1, 88.3, 87.9, 88.0, 86.5, 88.6, 87.2, 88.4)


def test_what_most_values_fill_is_shown_without_the_few_far_away():
    assert focus([*NEAR, 10.0]) == (86.5, 88.6)
    assert focus([10.0, *NEAR, 10.2, 300.0]) == (86.5, 88.6)


@pytest.mark.parametrize(
    "values",
    [
        NEAR,
        (*NEAR, 80.5),  # odd, but the others keep a quarter of the width
        (*NEAR[:5], 10.0, 10.1, 10.0),  # more than a third
        (*NEAR[:6], 10.0),  # of so few none is odd
        np.linspace(0, 1, 50),
        [88.0] * 10 + [10.0],  # nothing to see between the others
        (),
    ],
)
def test_everything_is_shown_where_nothing_is_odd(values):
    assert focus(values) is None


def test_it_depends_on_no_unit_and_no_order():
    rng = np.random.default_rng(0)
    values = [*rng.normal(0, 1, 30), 40.0, -60.0]
    low, high = focus(values)
    shuffled = rng.permutation(values) * 1e-6 + 3e-6
    np.testing.assert_allclose(focus(shuffled), np.multiply((low, high), 1e-6) + 3e-6)


def test_what_is_not_a_number_is_not_looked_at():
    assert focus([*NEAR, 10.0, float("nan"), float("inf")]) == (86.5, 88.6)
    assert focus([float("nan")] * 20) is None


def test_a_triangle_points_to_what_lies_outside():
    axis = Figure().subplots()
    look_at(axis, (1.0, 2.0))
    assert axis.get_xlim() == pytest.approx((0.95, 2.05))
    found = [point_beyond(axis, value, 3.0, "#000000", size=7) for value in (0.0, 1.0, 2.04, 9.0)]
    assert found == [True, False, False, True]
    drawn = [(line.get_marker(), *line.get_xydata()[0]) for line in axis.lines]
    assert drawn == [("<", pytest.approx(0.95), 3.0), (">", pytest.approx(2.05), 3.0)]
    assert axis.get_xlim() == pytest.approx((0.95, 2.05))


def test_nothing_lies_outside_of_an_axis_that_shows_everything():
    axis = Figure().subplots()
    look_at(axis, None)
    assert not point_beyond(axis, 1e9, 0.0, "#000000", size=7)
    assert not axis.lines
