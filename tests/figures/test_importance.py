import math
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from actscope._errors import ActscopeError
from actscope.figures import Effect, importance

EFFECTS = [
    Effect("residual", 0.30, 0.25, 0.35, noise=True),
    Effect("depth", 0.2, 0.1, 0.3),
    Effect("activation", 0.43, 0.38, 0.48),
    Effect("seed", 0.01, noise=True),
    Effect("dropout", -0.003, -0.01, 0.004),
]
ORDER = ["activation", "depth", "dropout", "residual", "seed"]
NAN = float("nan")


def labels(axis) -> list[str]:
    return [label.get_text() for label in axis.get_yticklabels()]


def test_bars_and_intervals_are_where_the_numbers_say_the_largest_at_the_top(png):
    figure = importance(EFFECTS, n=5, caption="in words")
    assert png(figure)
    (axis,) = figure.axes
    assert labels(axis) == ORDER
    assert axis.get_ylim()[0] > axis.get_ylim()[1]
    by_name = {effect.name: effect for effect in EFFECTS}
    ends = {line.get_ydata()[0]: tuple(line.get_xdata()) for line in axis.lines[:-1]}
    for row, (name, bar) in enumerate(zip(ORDER, axis.patches, strict=True)):
        effect = by_name[name]
        assert bar.get_x() + bar.get_width() == pytest.approx(effect.share)
        assert bar.get_y() + bar.get_height() / 2 == pytest.approx(row)
        assert ends.get(row) == ((effect.low, effect.high) if effect.low is not None else None)
    assert figure.get_supxlabel() == "in words"
    assert axis.get_xlabel() == "share of the variance (%) with 95 % interval; seeds: n = 5"


def test_seed_and_residual_are_grey_and_nothing_else_is():
    (axis,) = importance(EFFECTS, n=5).axes
    spread = [np.ptp(to_rgb(bar.get_facecolor())) for bar in axis.patches]
    assert max(spread[3:]) < 0.05 < min(spread[:3])


def test_numbers_stand_beside_each_bar():
    (axis,) = importance(EFFECTS, n=5).axes
    assert [text.get_text() for text in axis.texts] == [
        *("43.0 %", "20.0 %", "−0.3 %", "30.0 %", "1.0 %", "share"),
        *("[38.0, 48.0]", "[10.0, 30.0]", "[−1.0, 0.4]", "[25.0, 35.0]", "", "interval"),
    ]


def test_a_share_that_is_almost_nothing_is_written_as_nothing():
    (axis,) = importance([Effect("depth", 1e-4, -4e-4, 2e-4), Effect("a", -2e-4)], n=5).axes
    texts = [text.get_text() for text in axis.texts]
    assert texts == ["0.0 %", "0.0 %", "share", "[0.0, 0.0]", "", "interval"]


def test_of_thirty_effects_the_largest_are_drawn_and_the_rest_is_counted(png):
    many = [Effect(f"$a$ × {i}", (i + 1) / 1000, 0, 0.05) for i in range(30)]
    figure = importance([EFFECTS[3], *many, EFFECTS[0]], n=3, level=0.9)
    png(figure)
    (axis,) = figure.axes
    assert labels(axis) == [
        *(rf"\$a\$ × {i}" for i in range(29, 9, -1)),
        "10 more, none above 1.0 %",
        "seed",
        "residual",
    ]
    assert "90 % interval" in axis.get_xlabel()
    boxes = [label.get_window_extent() for label in axis.get_yticklabels()]
    for upper, lower in pairwise(boxes):
        assert lower.y1 <= upper.y0
    everything = [*boxes, *(text.get_window_extent() for text in axis.texts)]
    assert min(box.x0 for box in everything) >= 0
    assert max(box.x1 for box in everything) <= figure.bbox.width


def test_one_effect_without_an_interval_has_no_column_for_it(png):
    figure = importance([Effect("activation", 0.43)], n=1)
    (axis,) = figure.axes
    assert [text.get_text() for text in axis.texts] == ["43.0 %", "share"]
    assert axis.get_xlabel() == "share of the variance (%); seeds: n = 1"
    assert png(figure)


def test_what_is_not_a_number_stands_last(png):
    figure = importance([Effect("bad", NAN), Effect("a" * 60, 1e-9, -1e-9, 2e-9)], n=2)
    (axis,) = figure.axes
    assert labels(axis)[1] == "bad"
    assert [text.get_text() for text in axis.texts][:2] == ["0.0 %", "–"]
    assert png(figure)


def test_nothing_is_not_drawn():
    with pytest.raises(ActscopeError, match="no effect to draw"):
        importance([], n=3)


@pytest.mark.parametrize("share", [0.0, 1e-12, -0.1, 1.0, 1e30])
def test_shares_of_any_size_lie_within_the_axis(legible, share):
    figure = importance([Effect("activation", share, share - 0.5 * abs(share), share)], n=5)
    legible(figure)
    low, high = figure.axes[0].get_xlim()
    assert low <= min(0, share) <= max(0, share) <= high


def test_a_share_that_is_not_known_spoils_no_other(legible):
    nothing = Effect("lost", math.nan, math.nan, math.nan)
    figure = importance([nothing, Effect("depth", 0.4)], n=1)
    legible(figure)
    assert 0.4 <= figure.axes[0].get_xlim()[1] < 0.5


def test_odd_names(legible, odd_name):
    legible(importance([Effect(odd_name, 0.5, 0.1, 0.6), Effect("seed", 0.1, noise=True)], n=5))
