"""Lines are drawn, in their colours."""

import pytest

from actscope import pages
from pages.drawing import COLOURS, MEANS, drawn

ACROSS = pages.Across("layer", "layer", (1, 2, 3))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("facet", ["", "where"])
def test_bands(facet, log):
    rows = [row | {"layer": layer} for row in MEANS for layer in (1, 2, 3)]
    spec = pages.bands(COLOURS, ACROSS, pages.Upward("size", log), facet=facet)
    found = drawn(spec, rows)
    assert all(colour in found for colour in COLOURS.values())
    assert ("1e-6" in found) is log


def test_a_path_has_dots_of_several_colours_along_one_line():
    rows = [
        {"choice": choice, "site": f"s{n}", "number": n, "mean": mean}
        for n, (choice, mean) in enumerate([("relu", 1.0), ("tanh", 1e-9), ("relu", 1e3)], 1)
    ]
    across = pages.Across("number", "site", (1, 2, 3))
    spec = pages.path(COLOURS, across, pages.Upward("size", log=True))
    found = drawn(spec, rows)
    assert all(colour in found for colour in COLOURS.values())
    assert found.count('stroke="#808080"') == 1


def test_a_second_line_is_dashed():
    rows = [row | {"layer": layer, "beside": 1.0} for row in MEANS for layer in (1, 2, 3)]
    upward = pages.Upward("size", reach=(0, 10))
    for dashed in ("", "beside"):
        found = drawn(pages.bands(COLOURS, ACROSS, upward, dashed=dashed), rows)
        assert found.count('stroke-dasharray="5,4"') == (len(COLOURS) if dashed else 0)


def test_an_axis_reaches_as_far_as_it_is_told():
    rows = [row | {"layer": layer} for row in MEANS[2:] for layer in (1, 2, 3)]
    narrow, wide = (
        drawn(pages.bands(COLOURS, ACROSS, pages.Upward("size", reach=reach)), rows)
        for reach in (None, (0, 400))
    )
    assert ">400<" in wide
    assert ">400<" not in narrow
