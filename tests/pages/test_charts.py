"""Every kind of chart is one that Vega-Lite draws."""

import pytest

from actscope import pages
from pages.drawing import COLOURS, MEANS, drawn


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("facet", ["", "where"])
def test_bands(facet, log):
    rows = [row | {"layer": layer} for row in MEANS for layer in (1, 2, 3)]
    titles = ("layer", "size")
    spec = pages.bands(COLOURS, x="layer", titles=titles, steps=(1, 2, 3), facet=facet, log=log)
    found = drawn(spec, rows)
    assert all(colour in found for colour in COLOURS.values())
    assert ("1e-6" in found) is log


def test_a_path_has_dots_of_several_colours_along_one_line():
    rows = [
        {"choice": choice, "site": f"s{n}", "number": n, "mean": mean}
        for n, (choice, mean) in enumerate([("relu", 1.0), ("tanh", 1e-9), ("relu", 1e3)], 1)
    ]
    spec = pages.path(COLOURS, x="number", titles=("site", "size"), steps=(1, 2, 3), log=True)
    found = drawn(spec, rows)
    assert all(colour in found for colour in COLOURS.values())
    assert found.count('stroke="#808080"') == 1


def test_a_heat_map_has_its_numbers_in_it():
    rows = [
        {"choice": "relu", "level": "2", "mean": 1.0, "shown": "1.00", "light": True},
        {"choice": "tanh", "level": "2", "mean": 0.0, "shown": "0.00", "light": False},
    ]
    found = drawn(pages.heat(x="depth", title="accuracy"), rows)
    assert "1.00" in found
    assert "depth" in found


def test_curves():
    rows = [
        {"choice": choice, "which": which, "x": x, "y": x}
        for choice in COLOURS
        for which in ("f", "f'")
        for x in (-1.0, 1.0)
    ]
    found = drawn(pages.curves(COLOURS, titles=("x", "")), rows)
    assert all(colour in found for colour in COLOURS.values())


def test_histograms_are_those_of_the_epoch():
    ends = {"low": -1.0, "high": 1.0}
    rows = [
        {"choice": choice, "layer": layer, "epoch": epoch, "counts": counts, "top": 9, **ends}
        for choice in COLOURS
        for layer in ("1", "2")
        for epoch, counts in ((1, [5, 5, 5]), (2, [0, 9, 0]))
    ]
    spec = pages.histograms(COLOURS, row="choice", column="layer", columns=2, slider="epoch")
    first, second = (drawn(spec, rows, epoch=epoch) for epoch in (1, 2))
    assert first.count(COLOURS["relu"]) >= 6
    assert first != second
