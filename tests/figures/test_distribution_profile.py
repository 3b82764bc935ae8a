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


@pytest.mark.heavy
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


@pytest.mark.heavy
@pytest.mark.parametrize("share", [0.5, 0.99, 0.9999])
def test_a_spike_leaves_the_others_their_height(legible, reading, share):
    values = RNG.gamma(2, size=50_000)
    values[: int(share * len(values))] = 0.0
    figure = distribution_profile([reading(values)] * 3, title="t", caption="c")
    legible(figure)
    heights, _ = steps(figure.axes[0])[0]
    assert np.sort(heights)[-3] > 0.3 * heights.max()
    end = np.quantile(values[values > 0], 0.999)
    assert float(words(figure.axes[0])[2]) == pytest.approx(end, rel=0.2)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("values", "told"),
    [
        (RNG.normal(0, 1e-12, 99), None),
        (RNG.normal(0, 1e30, 99), None),
        (np.zeros(9), "constant 0"),
        (np.full(9, -1e30), "constant −1e+30"),
        (np.full(9, math.nan), "no finite value"),
        (np.array([3.0]), "constant 3"),
        (np.array([1.0, 2.0, -math.inf]), "1 not finite"),
    ],
)
@pytest.mark.parametrize("count", [1, 30])
def test_whatever_a_signal_is_is_read(legible, reading, values, told, count):
    sites = [reading(values, gradient=values, name=f"layers.{i}") for i in range(count)]
    figure = distribution_profile(sites)
    legible(figure)
    for axis in figure.axes:
        assert words(axis).count(told) == (count if told else 0)
        bars_drawn = told is None or told.endswith("not finite")
        assert len(steps(axis)) == count * bars_drawn


def test_odd_names_are_read(legible, reading, odd_name):
    legible(distribution_profile([reading(RNG.normal(size=99), name=odd_name)] * 2))
