import math

import numpy as np
import pytest
from matplotlib.patches import StepPatch

from actscope._errors import ActscopeError
from actscope.figures import Reading, distribution_profile

RNG = np.random.default_rng(0)


@pytest.fixture
def reading(signal_of):
    """A site of which only the signals matter here."""

    def make(pre, post=None, gradient=None, name="layers.0"):
        signals = signal_of(pre), signal_of(pre if post is None else post)
        slope = None if gradient is None else signal_of(gradient)
        return Reading(name, "relu", 8, *signals, slope, 0.0, 0.0, 0.5, 4.0, 0.0)

    return make


def steps(axis):
    """Height of every bar above its base, and the edges, both as drawn, of each histogram."""
    patches = [patch for patch in axis.patches if isinstance(patch, StepPatch)]
    return [(d.baseline - d.values, d.edges) for d in (patch.get_data() for patch in patches)]


def words(axis):
    return [text.get_text() for text in axis.texts if text.get_text()]


def test_bars_have_the_heights_of_the_histogram(png, reading):
    values = RNG.uniform(-1, 3, 20_000)
    figure = distribution_profile([reading(values)], title="one", caption="a sentence")
    ((heights, edges),) = steps(figure.axes[0])
    density, _ = np.histogram(values, edges * np.ptp(values) + values.min(), density=True)
    np.testing.assert_allclose(heights / heights.max(), density / density.max(), atol=0.05)
    assert [edges[0], edges[-1]] == [0, 1]
    assert words(figure.axes[0]) == ["−1", "3"]
    assert (figure.get_suptitle(), figure.get_supxlabel()) == ("one", "a sentence")
    assert png(figure)


def test_many_zeros_do_not_flatten_the_rest(png, reading):
    values = RNG.gamma(2, size=20_000)
    values[:19_000] = 0.0
    figure = distribution_profile([reading(values)])
    ((heights, _),) = steps(figure.axes[0])
    assert sorted(heights)[-6] > 0.3 * heights.max()
    assert words(figure.axes[0])[0] == "0: 95.0 %"
    notches = [len(lines.get_segments()) for lines in figure.axes[0].collections]
    assert 1 in notches
    assert png(figure)


def test_a_few_far_values_do_not_narrow_the_rest(reading):
    values = np.append(RNG.normal(size=100_000), [50.0, -50.0])
    ((heights, _),) = steps(distribution_profile([reading(values)]).axes[0])
    assert (heights > 0.05 * heights.max()).sum() > len(heights) / 2


def test_what_no_bar_shows_is_written(png, reading):
    lost = np.array([1.0, 0.0, 2.0, math.nan, math.inf])
    figure = distribution_profile(
        [reading(lost), reading(np.full(9, 0.25)), reading(np.full(3, math.nan))]
    )
    assert words(figure.axes[0]) == [
        *("0: 33.3 %, 2 not finite", "0", "2"),
        "constant 0.25",
        "no finite value",
    ]
    assert words(figure.axes[2]) == ["no loss was given"] * 3
    assert len(steps(figure.axes[0])) == 1
    assert png(figure)


def test_every_site_has_a_row(png, reading):
    values = RNG.normal(size=(3, 500))
    few = distribution_profile([reading(*values, name=f"layers.{i}") for i in range(3)])
    assert [label.get_text() for label in few.axes[0].get_yticklabels()] == [
        f"layers.{i}\nrelu" for i in range(3)
    ]
    many = distribution_profile([reading(*values, name=f"layers.{i}") for i in range(40)])
    assert [label.get_text() for label in many.axes[0].get_yticklabels()][39] == "layers.39, relu"
    assert [len(steps(axis)) for axis in many.axes] == [40, 40, 40]
    assert png(few)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_tiny_and_huge_numbers(png, reading, scale):
    assert png(distribution_profile([reading(scale * RNG.normal(size=99))]))


def test_no_site_is_refused():
    with pytest.raises(ActscopeError, match="no site to draw"):
        distribution_profile([])
