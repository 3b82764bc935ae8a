import math

import numpy as np
import pytest
from matplotlib.colors import to_hex

from actscope._errors import ActscopeError
from actscope.figures import Reading, colour, depth_profile

RNG = np.random.default_rng(0)
SIGNAL, GRADIENT, UNITS, CORRELATION, RANK, ZEROS = range(6)  # the panels


@pytest.fixture
def reading(signal_of):
    """A site of 8 units; arrays become signals."""

    def make(name="layers.0", **changes):
        pre = changes.pop("pre", RNG.normal(size=(9, 8)))
        arrays = {"pre": pre, "post": np.tanh(pre), "gradient": RNG.normal(size=(9, 8))} | changes
        fields = {
            "name": name,
            "activation": "tanh",
            "units": 8,
            "dead": 0.25,
            "saturated": 0.125,
            "correlation": 0.5,
            "effective_rank": 4.0,
            "copies": 0.0,
        }
        kinds = ("pre", "post", "gradient")
        signals = {k: None if arrays[k] is None else signal_of(arrays[k]) for k in kinds}
        return Reading(**fields | signals | {k: v for k, v in changes.items() if k not in kinds})

    return make


def lines(axis):
    return [np.asarray(line.get_ydata(), float) for line in axis.lines]


def names(axis):
    return [label.get_text() for label in axis.get_xticklabels()]


def rms(values):
    return np.sqrt(np.square(values).mean())


def test_every_site_stands_in_its_place_with_what_was_measured(png, reading):
    pres = [RNG.normal(0, scale, (9, 8)) for scale in (1, 0.1, 10)]
    gradients = [RNG.normal(0, scale, (9, 8)) for scale in (1e-6, 1e-3, 1)]
    shares = [(0.0, 0.5, math.nan), (0.5, 0.25, 0.125), (0.1, 0.2, 0.3)]
    sites = [
        reading(
            f"layers.{i}",
            pre=pres[i],
            gradient=gradients[i],
            dead=shares[0][i],
            saturated=shares[1][i],
            correlation=0.3 * i,
            effective_rank=2.0 + i,
            copies=shares[2][i],
        )
        for i in range(3)
    ]
    figure = depth_profile(sites, title="3 sites", caption="a sentence")
    axes = figure.axes
    pre, post = lines(axes[SIGNAL])
    np.testing.assert_allclose(pre, [rms(each) for each in pres])
    np.testing.assert_allclose(post, [rms(np.tanh(each)) for each in pres])
    np.testing.assert_allclose(lines(axes[GRADIENT])[0], [rms(each) for each in gradients])
    np.testing.assert_array_equal(lines(axes[UNITS]), shares[:2])
    np.testing.assert_allclose(lines(axes[CORRELATION])[0], [0, 0.3, 0.6])
    np.testing.assert_allclose(lines(axes[RANK])[0], [2, 3, 4])
    np.testing.assert_array_equal(lines(axes[ZEROS])[1], shares[2])
    assert names(axes[ZEROS]) == ["layers.0", "layers.1", "layers.2"]
    assert (figure.get_suptitle(), figure.get_supxlabel()) == ("3 sites", "a sentence")
    assert png(figure)


def test_gradients_of_a_millionth_have_their_room(png, reading):
    sites = [reading(gradient=RNG.normal(0, scale, 99)) for scale in (1e-6, 1e-3, 1)]
    axis = depth_profile(sites).axes[GRADIENT]
    heights = axis.transAxes.inverted().transform(
        axis.transData.transform([(i, y) for i, y in enumerate(lines(axis)[0])])
    )[:, 1]
    assert 0 < heights[0] < heights[1] < heights[2] < 1
    np.testing.assert_allclose(np.diff(heights), 0.4, atol=0.1)  # as many decades, as far apart


def test_what_a_logarithmic_axis_cannot_show_is_marked(png, reading):
    lost = np.array([1.0, math.nan])
    sites = [reading(), reading(gradient=np.zeros(4)), reading(pre=lost, gradient=lost)]
    figure = depth_profile(sites)
    signal, gradient = figure.axes[SIGNAL], figure.axes[GRADIENT]
    assert signal.get_xlabel() == "✖ holds values not finite: 1 of 3 sites"
    assert gradient.get_xlabel() == (
        "▼ exactly 0: 1 of 3 sites; ✖ holds values not finite: 1 of 3 sites"
    )
    triangle, cross = gradient.lines[1:]
    assert triangle.get_xydata().tolist() == [[1, 0]]
    assert cross.get_xydata().tolist() == [[2, 1]]
    assert png(figure)


def test_what_is_not_known_at_any_site_is_said(png, reading):
    nothing = dict.fromkeys(["dead", "saturated", "correlation", "effective_rank"], math.nan)
    figure = depth_profile([reading(gradient=None, **nothing)])
    told = {place: figure.axes[place].texts[0].get_text() for place in (1, 2, 3, 4)}
    assert all(words.startswith("not known") for words in told.values())
    assert told[GRADIENT].endswith("there was no loss")
    assert not figure.axes[SIGNAL].texts
    assert png(figure)


@pytest.mark.heavy
@pytest.mark.parametrize(
    "changes",
    [
        {"pre": np.full((9, 8), -2.0), "gradient": np.zeros((9, 8)), "dead": 1.0},  # all dead
        {"pre": np.zeros((9, 8)), "gradient": np.zeros((9, 8))},
        {"pre": np.full((9, 8), math.nan), "gradient": np.full((9, 8), math.inf)},
        {"pre": 1e38 * RNG.normal(size=(9, 8)), "correlation": -1.0, "effective_rank": 1.0},
    ],
)
@pytest.mark.parametrize("count", [1, 5])
def test_an_extreme_network_is_drawn(png, reading, changes, count):
    figure = depth_profile([reading(**changes)] * count)
    assert all(np.isfinite(axis.get_ylim()).all() for axis in figure.axes)
    assert png(figure)


@pytest.mark.heavy
def test_of_many_sites_some_bear_their_names_and_all_are_drawn(png, reading):
    sites = [reading(f"blocks[{i}].mlp.fc1") for i in range(150)]
    figure = depth_profile(sites)
    shown = names(figure.axes[ZEROS])
    assert shown[:2] == ["blocks[0].mlp.fc1", "blocks[5].mlp.fc1"]
    assert len(shown) <= 32
    assert len(lines(figure.axes[SIGNAL])[0]) == 150
    assert png(figure)


@pytest.mark.heavy
def test_a_dot_has_the_colour_of_its_activation(reading):
    kinds = ["relu", "tanh", "relu"]
    figure = depth_profile([reading(activation=kind) for kind in kinds])
    filled, opened = figure.axes[SIGNAL].collections
    assert [to_hex(ink).upper() for ink in filled.get_facecolors()] == [*map(colour, kinds)]
    assert {to_hex(ink) for ink in opened.get_facecolors()} == {"#ffffff"}
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["relu", "tanh"]
    many = depth_profile([reading(activation=f"custom {i}") for i in range(20)])
    assert [text.get_text() for text in many.legends[0].get_texts()][-1] == "and 4 more"
    assert not depth_profile([reading()]).legends


def test_a_name_means_nothing_to_mathtext(png, reading):
    assert png(depth_profile([reading(r"$\frac{</script>", activation="$x_{")] * 2))


def test_no_site_is_refused():
    with pytest.raises(ActscopeError, match="no site to draw"):
        depth_profile([])


def test_ten_sigmoids_down_to_a_millionth_are_read(legible, reading):
    sites = [
        reading(f"layers.{i}", gradient=RNG.normal(0, 10.0 ** (i - 15), 99)) for i in range(10)
    ]
    figure = depth_profile(sites, title="t", caption="c")
    legible(figure)
    axis = figure.axes[GRADIENT]
    low, high = axis.get_ylim()
    assert low < 1e-15 * 2 < 1e-6 / 2 < high
    assert len(lines(axis)[0]) == 10


@pytest.mark.heavy
@pytest.mark.parametrize("count", [1, 3, 60])
@pytest.mark.parametrize("state", ["dead", "zero", "diverged", "huge"])
def test_whatever_became_of_a_network_is_read(legible, reading, state, count):
    nothing = dict.fromkeys(["dead", "saturated", "correlation", "effective_rank"], math.nan)
    changes = {
        "dead": {
            "pre": np.full(9, -50.0),
            "post": np.zeros(9),
            "gradient": np.zeros(9),
            "dead": 1.0,
        },
        "zero": {"pre": np.zeros(9), "gradient": np.zeros(9), **nothing},
        "diverged": {"pre": np.full(9, math.nan), "gradient": np.full(9, -math.inf), **nothing},
        "huge": {"pre": RNG.normal(0, 1e30, 99), "gradient": RNG.normal(0, 1e30, 99)},
    }[state]
    figure = depth_profile([reading(f"layers.{i}", **changes) for i in range(count)])
    legible(figure)
    told = figure.axes[GRADIENT].get_xlabel()
    assert ("▼ exactly 0" in told) == (state in ("dead", "zero"))
    assert ("✖" in told) == (state == "diverged")
    if state == "dead":
        low, high = figure.axes[UNITS].get_ylim()
        assert low < 0
        assert high > 1


@pytest.mark.heavy
def test_odd_names_are_read(legible, reading, odd_name):
    legible(depth_profile([reading(odd_name, activation=odd_name), reading()]))


def test_where_two_shares_are_the_same_both_are_seen(reading):
    figure = depth_profile([reading(dead=1.0, saturated=1.0)])
    filled, opened = figure.axes[UNITS].collections
    assert filled.get_zorder() > opened.get_zorder()
    assert filled.get_sizes()[0] < opened.get_sizes()[0]
