"""Means and differences with their intervals are drawn."""

import pytest

from actscope import pages
from pages.drawing import COLOURS, MEANS, drawn


@pytest.mark.parametrize("facet", ["", "where"])
def test_intervals(facet):
    found = drawn(pages.intervals(COLOURS, title="accuracy (%)", facet=facet), MEANS)
    assert all(colour in found for colour in COLOURS.values())
    assert ("depth 8" in found) is bool(facet)


@pytest.mark.parametrize("facet", ["", "where"])
def test_differences(facet):
    rows = [row | {"difference": row["mean"], "verdict": "better"} for row in MEANS]
    spec = pages.differences(COLOURS, title="points", relevant=0.5, facet=facet)
    found = drawn(spec, rows)
    assert all(colour in found for colour in COLOURS.values())
