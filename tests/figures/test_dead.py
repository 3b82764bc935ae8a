from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex

from actscope._errors import ActscopeError
from actscope.figures import colour, dead_units

# The tutorial's own counts: untrained, trained, and the ten-layer network.
UNTRAINED = [*zip([0, 0, 3, 7], [512, 256, 256, 128], strict=True)]
TEN = [*zip([0, 1, 1, 19, 75, 53, 71, 57, 64, 69], [256] * 5 + [128] * 5, strict=True)]


def heights(container) -> list[float]:
    return [bar.get_height() for bar in container]


def ticks(axis) -> list[str]:
    return [label.get_text() for label in axis.get_xticklabels()]


def test_bars_are_shares_with_their_counts(png):
    figure = dead_units({"relu": TEN}, examples=50_000, caption="in words")
    (axis,) = figure.axes
    np.testing.assert_allclose(heights(axis.containers[0]), [dead / of for dead, of in TEN])
    assert [text.get_text() for text in axis.texts] == [str(dead) for dead, _ in TEN]
    assert ticks(axis) == [f"{i}\n{of}" for i, (_, of) in enumerate(TEN, 1)]
    assert figure.get_suptitle() == "Dead units over 50,000 examples"
    assert figure.get_supxlabel() == "in words"
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("layer, and its units", "dead units (%)")
    assert axis.get_ylim()[1] > max(heights(axis.containers[0]))
    assert png(figure)


def test_networks_stand_side_by_side_in_their_colours(png):
    networks = {"relu": UNTRAINED, "tanh": [(0, 512), (0, 256), (0, 256), (1, 128)], "mine": TEN}
    figure = dead_units(networks, examples=10)
    (axis,) = figure.axes
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(networks)
    for container, (label, layers) in zip(axis.containers, networks.items(), strict=True):
        assert {to_hex(bar.get_facecolor()).upper() for bar in container} == {colour(label)}
        np.testing.assert_allclose(heights(container), [dead / of for dead, of in layers])
    edges = [
        (bar.get_x(), bar.get_x() + bar.get_width()) for bars in axis.containers for bar in bars
    ]
    edges.sort()
    for (_, right), (left, _) in pairwise(edges):
        assert left >= right - 1e-9
    # Around the tick of their layer.
    for bars in axis.containers:
        for layer, bar in enumerate(bars):
            assert layer - 0.5 < bar.get_x() < bar.get_x() + bar.get_width() < layer + 0.5
    assert png(figure)


def test_widths_that_differ_stand_with_the_counts():
    (axis,) = dead_units({"trained": UNTRAINED, "ten layers": TEN}, examples=10).axes
    assert ticks(axis)[:5] == ["1", "2\n256", "3\n256", "4", "5\n256"]
    assert [text.get_text() for text in axis.texts[:4]] == ["0\n/512", "0", "3", "7\n/128"]
    assert axis.texts[4 + 3].get_text() == "19\n/256"


def test_a_colour_that_comes_again_is_hatched(png):
    labels = [f"function_{i}" for i in range(9)]  # one more than the cycle has colours
    figure = dead_units({label: [(1, 2)] for label in labels}, examples=1)
    bars = [container[0] for container in figure.axes[0].containers]
    looks = {(to_hex(bar.get_facecolor()), bar.get_hatch()) for bar in bars}
    assert len(looks) == 9
    assert png(figure)


@pytest.mark.parametrize("layers", [[(0, 5)], [(5, 5), (0, 1)]])
def test_none_and_all_can_be_dead(layers, png):
    figure = dead_units({"relu": layers}, examples=1)
    assert figure.axes[0].get_ylim()[1] >= 0.05
    assert png(figure)


def test_labels_are_not_read_as_mathematics(png):
    figure = dead_units({"_$x$ <b>": [(1, 2)]}, examples=1)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [r"_\$x\$ <b>"]
    assert png(figure)


@pytest.mark.parametrize("layer", [(3, 2), (-1, 2), (0, 0)])
def test_impossible_counts_are_refused(layer):
    with pytest.raises(ActscopeError, match=rf"relu, layer 2: {layer[0]} dead of {layer[1]} units"):
        dead_units({"relu": [(0, 1), layer]}, examples=1)


def test_nothing_is_refused():
    with pytest.raises(ActscopeError, match="no network to draw"):
        dead_units({}, examples=1)
    with pytest.raises(ActscopeError, match="relu without a layer"):
        dead_units({"relu": []}, examples=1)


@pytest.mark.parametrize("share", [0.0, 1e-12, 1.0])
def test_none_hardly_any_and_all_dead(legible, share):
    units = 10**12
    figure = dead_units({"relu": [(round(share * units), units)] * 3}, examples=10**9)
    legible(figure)
    (axis,) = figure.axes
    low, high = axis.get_ylim()
    assert low == 0
    assert max(0.05, 1.1 * share) <= high
    assert [text.get_text() for text in axis.texts] == [f"{round(share * units)}"] * 3


@pytest.mark.heavy
@pytest.mark.parametrize(("depth", "turned"), [(1, 0), (10, 90), (40, None)])
def test_counts_stand_over_their_bars_or_not_at_all(legible, depth, turned):
    networks = {f"f{i}": [(123, 512)] * depth for i in range(6)}
    figure = dead_units(networks, examples=9)
    legible(figure)
    (axis,) = figure.axes
    assert {text.get_rotation() for text in axis.texts} == {turned} - {None}
    assert len(axis.patches) == 6 * depth
    for bar, text in zip(axis.patches, axis.texts, strict=False):
        box, over = text.get_window_extent(), bar.get_window_extent()
        assert over.x0 - 1 < box.x0 < box.x1 < over.x1 + 1


def test_of_many_layers_some_bear_their_numbers(legible):
    figure = dead_units({"relu": [(1, 256)] * 200}, examples=9)
    legible(figure)
    (axis,) = figure.axes
    numbers = [int(label.get_text().split("\n")[0]) for label in axis.get_xticklabels()]
    assert numbers == [tick + 1 for tick in axis.get_xticks()]
    assert 10 < len(numbers) < 60


@pytest.mark.heavy
def test_odd_names_of_many_networks(legible, odd_name):
    many = {f"f{i}": [(1, 4), (2, 8)] for i in range(40)}
    legible(dead_units({odd_name: [(1, 4), (3, 9)], **many}, examples=9))
