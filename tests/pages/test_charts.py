"""Every kind of chart is one that Vega-Lite draws."""

import re

import pytest

from actscope import pages
from pages.drawing import COLOURS, drawn


def test_a_heat_map_has_its_numbers_in_it():
    rows = [
        {"choice": "relu", "level": "2", "mean": 1.0, "shown": "1.00"},
        {"choice": "tanh", "level": "2", "mean": 0.0, "shown": "0.00"},
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


def test_histograms():
    ends = {"low": -1.0, "high": 1.0}
    rows = [
        {"choice": choice, "layer": layer, "counts": counts, "top": 9, **ends}
        for choice in COLOURS
        for layer, counts in (("1", [5, 5, 5]), ("2", [0, 9, 0]))
    ]
    found = drawn(pages.histograms(COLOURS, row="choice", column="layer", columns=2), rows)
    assert all(found.count(colour) == 2 for colour in COLOURS.values())
    # Every bin ends where the next begins, the last at the right end of its panel.
    (path, *_) = re.findall(rf'd="([^"]+)" fill="{COLOURS["relu"]}"', found)
    rights = [float(x) for x in re.findall(r"[ML]([\d.]+),", path)]
    assert sorted(set(rights)) == pytest.approx(
        [0, max(rights) / 3, max(rights) * 2 / 3, max(rights)], rel=1e-3
    )
