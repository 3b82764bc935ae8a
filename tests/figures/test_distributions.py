import re

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from actscope._errors import ActscopeError
from actscope.figures import activation_distributions, colour, gradient_distributions

RNG = np.random.default_rng(0)
TITLES = [f"Layer {i} – {part}-activation" for i in range(4) for part in ("pre", "post")]
FIGURES = [gradient_distributions, activation_distributions]


def bars(axis) -> np.ndarray:
    return np.array([bar.get_height() for bar in axis.patches])


def widths(axis) -> np.ndarray:
    return np.array([bar.get_width() for bar in axis.patches])


def words(axis) -> list[str]:
    (note,) = axis.texts
    return note.get_text().split("\n")


def test_gradients_are_counted_in_30_bins(signal_of):
    values = RNG.laplace(0, 1e-3, 5000)
    (axis,) = gradient_distributions("relu", [("layers.0.kernel", signal_of(values))]).axes
    counts, edges = np.histogram(values, 30)
    # Fine and coarse edges differ by rounding: a value that near to one may change its bin.
    np.testing.assert_allclose(bars(axis), counts, atol=1)
    assert bars(axis).sum() == 5000
    np.testing.assert_allclose([bar.get_x() for bar in axis.patches], edges[:-1], atol=1e-9)
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("gradient", "entries in a bin")
    assert axis.get_ylim()[0] == 0


def test_the_curve_of_gradients_has_the_scale_of_the_counts(signal_of):
    values = RNG.normal(0, 1, 2000)
    (axis,) = gradient_distributions("relu", [("w", signal_of(values))]).axes
    x, y = axis.lines[0].get_data()
    expected = gaussian_kde(values)(x) * 2000 * widths(axis)[0]
    # The density is that of 1200 bins, and its bandwidth may use n where scipy uses n - 1.
    np.testing.assert_allclose(y, expected, rtol=5e-3, atol=5e-3 * expected.max())


def test_the_numbers_of_a_gradient_stand_in_its_panel(signal_of):
    values = np.array([0.0, 0.0, 3e-3, -4e-3])
    (axis,) = gradient_distributions("relu", [("w", signal_of(values))]).axes
    assert words(axis) == [
        f"std {values.std():.2g}",
        "largest 0.004",
        "l2 norm 0.005",
        "exactly 0: 50.0 %",
        "n = 4",
    ]


@pytest.mark.heavy
@pytest.mark.parametrize(("count", "rows"), [(1, 1), (5, 1), (11, 2)])
def test_gradients_stand_in_a_row_six_wide(count, rows, signal_of, png):
    signals = [(f"layers.{i}.kernel", signal_of(RNG.normal(0, 1, 50))) for i in range(count)]
    figure = gradient_distributions("swish", signals, caption="in words")
    assert [axis.get_title() for axis in figure.axes] == [title for title, _ in signals]
    assert figure.axes[0].get_subplotspec().get_gridspec().nrows == rows
    assert figure.get_suptitle() == "Gradient distribution for activation function swish"
    assert figure.get_supxlabel() == "in words"
    assert [axis.get_ylabel() != "" for axis in figure.axes] == [i % 6 == 0 for i in range(count)]
    assert png(figure)


@pytest.mark.heavy
def test_activations_have_50_bins_of_area_1_four_a_row(signal_of, png):
    samples = [RNG.normal(i, 1 + i, 700) for i in range(9)]
    signals = [*zip([*TITLES, "Logits"], map(signal_of, samples), strict=True)]
    figure = activation_distributions("tanh", signals)
    assert [axis.get_title() for axis in figure.axes] == [*TITLES, "Logits"]
    assert figure.get_suptitle() == "Activation distribution for activation function tanh"
    for axis, sample in zip(figure.axes, samples, strict=True):
        heights, _ = np.histogram(sample, 50, density=True)
        one = 1 / (700 * widths(axis)[0])  # height of one value, which may change its bin
        np.testing.assert_allclose(bars(axis), heights, atol=1.01 * one)
        assert (bars(axis) * widths(axis)).sum() == pytest.approx(1)
        x, y = axis.lines[0].get_data()
        np.testing.assert_allclose(y, gaussian_kde(sample)(x), rtol=1e-2, atol=1e-3 * y.max())
        assert words(axis) == ["n = 700"]
    assert [axis.get_subplotspec().colspan.start for axis in figure.axes] == [*range(4)] * 2 + [0]
    assert [axis.get_ylabel() for axis in figure.axes] == ["density", "", "", ""] * 2 + ["density"]
    assert png(figure)


@pytest.mark.parametrize("draw", FIGURES)
@pytest.mark.parametrize(
    "label", ["relu", "swish", "my_function", "leaky_relu(negative_slope=0.2)"]
)
def test_an_activation_keeps_its_colour(draw, label, signal_of):
    from matplotlib.colors import to_hex

    (axis,) = draw(label, [("w", signal_of(RNG.normal(0, 1, 50)))]).axes
    assert {to_hex(bar.get_facecolor()).upper() for bar in axis.patches} == {colour(label)}
    assert axis.lines[0].get_color() == colour(label)


def test_a_spike_of_exact_zeros_is_cut_off_and_said(signal_of, png):
    values = np.maximum(RNG.normal(0, 1, 20_000), 0)
    figure = activation_distributions("relu", [("post", signal_of(values))])
    (axis,) = figure.axes
    heights = np.sort(bars(axis))
    assert heights[-2] < axis.get_ylim()[1] < heights[-1] / 2
    zeros, cut, n = words(axis)
    assert zeros == f"exactly 0: {100 * (values == 0).mean():.1f} %"
    assert float(re.fullmatch(r"its bar ends at ([\d.]+)", cut)[1]) == pytest.approx(
        heights[-1], rel=5e-3
    )
    assert n == "n = 20,000"
    assert axis.texts[0].get_ha() == "right"
    assert png(figure)


@pytest.mark.parametrize(
    "values",
    [
        np.r_[RNG.normal(0, 1e-3, 9000), 1.0],  # a peak, but none of it exactly 0
        np.r_[0.0, RNG.normal(0, 1, 9000)],  # a zero, but no peak
        np.r_[np.zeros(9), np.ones(9)],
        np.zeros(9),
    ],
)
def test_nothing_else_is_cut_off(values, signal_of):
    (axis,) = activation_distributions("relu", [("post", signal_of(values))]).axes
    assert axis.get_ylim()[1] > bars(axis).max()
    assert not [line for line in words(axis) if "ends at" in line]


@pytest.mark.heavy
@pytest.mark.parametrize("draw", FIGURES)
@pytest.mark.parametrize(
    ("values", "said", "lines"),
    [
        ([0.25] * 5, ["n = 5", "constant: 0.25"], 0),
        ([0.0] * 5, ["n = 5", "constant: 0"], 0),
        ([7.0], ["n = 1", "constant: 7"], 0),
        ([], ["no finite value"], 0),
        ([np.nan, np.inf], ["no finite value", "not finite: 2"], 0),
        ([1.0, 2.0, -np.inf, 4.0], ["n = 3", "not finite: 1"], 1),
        ([1e-42, 3e-42, -2e-42], ["n = 3"], 1),
        ([1e37, -1e38], ["n = 2"], 1),
        (np.float32([0.5, 0.50000006]), ["n = 2"], 1),
    ],
)
def test_odd_signals_are_drawn_and_said(draw, values, said, lines, signal_of, png):
    figure = draw("relu", [("w", signal_of(values))])
    (axis,) = figure.axes
    assert words(axis)[-len(said) :] == said
    assert len(axis.lines) == lines
    seen = np.isfinite(values).sum()
    area = 1 if draw is activation_distributions else widths(axis)[0] * seen
    assert (bars(axis) * widths(axis)).sum() == pytest.approx(area if seen else 0)
    assert axis.get_ylim()[1] > bars(axis).max()
    assert png(figure)


@pytest.mark.parametrize("draw", FIGURES)
def test_small_print_hides_no_bar(draw, signal_of):
    for values in [RNG.uniform(-1, 1, 999), RNG.beta(0.3, 0.3, 999), RNG.beta(9, 1, 999)]:
        figure = draw("tanh", [("w", signal_of(values))])
        figure.draw_without_rendering()
        (axis,) = figure.axes
        box = axis.texts[0].get_window_extent().transformed(axis.transData.inverted())
        hidden = [
            bar
            for bar in axis.patches
            if bar.get_x() + bar.get_width() > box.x0
            and bar.get_x() < box.x1
            and bar.get_height() > box.y0
        ]
        assert not hidden


@pytest.mark.parametrize("draw", FIGURES)
def test_words_are_not_read_as_mathematics(draw, signal_of, png):
    figure = draw("$f$ <b>", [("$w$", signal_of([1.0, 2.0]))])
    assert figure.get_suptitle().endswith(r" \$f\$ <b>")
    assert figure.axes[0].get_title() == r"\$w\$"
    assert png(figure)


def test_no_signal_is_refused():
    with pytest.raises(ActscopeError, match="no gradient to draw"):
        gradient_distributions("relu", [])
    with pytest.raises(ActscopeError, match="no signal to draw"):
        activation_distributions("relu", [])


@pytest.mark.heavy
@pytest.mark.parametrize("draw", FIGURES)
@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(0, 1e-6, 999),
        RNG.normal(0, 1e-12, 999),
        RNG.normal(0, 1e30, 999),
        1e6 + RNG.normal(0, 1e-3, 999),
        np.zeros(9),
        np.full(9, 1e-12),
        np.full(9, -1e30),
        np.full(9, np.nan),
        np.r_[np.zeros(9900), RNG.normal(0, 1e-6, 100)],
    ],
    ids=["1e-6", "1e-12", "1e30", "offset", "zeros", "constant", "-1e30", "nan", "spike"],
)
def test_extreme_signals_are_read(draw, values, signal_of, legible):
    figure = draw(
        "relu", [(f"layers.{i}.kernel", signal_of(values)) for i in range(5)], caption="c"
    )
    legible(figure)
    seen = values[np.isfinite(values)]
    for axis in figure.axes:
        low, high = axis.get_xlim()
        assert low < high
        assert ((low <= seen) & (seen <= high)).all()
        assert len(seen) == 0 or bars(axis).any() or axis.lines


def test_values_beside_99_percent_of_zeros_have_their_height(signal_of, legible):
    values = np.r_[np.zeros(99_000), RNG.normal(0, 1e-6, 1000)]
    figure = activation_distributions("relu", [("post", signal_of(values))])
    legible(figure)
    (axis,) = figure.axes
    assert np.sort(bars(axis))[-2] > 0.4 * axis.get_ylim()[1]


@pytest.mark.heavy
@pytest.mark.parametrize("draw", FIGURES)
def test_odd_names_are_read(draw, odd_name, signal_of, legible):
    signal = signal_of(RNG.normal(size=99))
    legible(draw(odd_name, [(odd_name, signal)]))
    legible(draw(odd_name, [(odd_name, signal)] * 6))
