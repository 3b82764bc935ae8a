import math
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from actscope._errors import ActscopeError
from actscope.figures import R_SQUARED, Cell, interaction
from actscope.figures._heat import _MAP, _SHADES
from actscope.figures._style import INK, LABEL_SIZE
from actscope.stats import Interval

LONG = "my_company.research.activations.module_of_2026:squared_relu_x"


def cell(mean, margin=0.003, n=5, failed=0) -> Cell:
    ends = (None, None) if n == 1 else (mean - margin, mean + margin)
    return Cell(Interval(mean, *ends, n, 0.95), failed)


TABLE = {
    "sigmoid": {"2": cell(0.86), "8": cell(0.1, failed=5)},
    "relu": {"2": cell(0.87), "4": cell(0.88), "8": cell(0.85)},
    "tanh": {"2": cell(0.88), "8": cell(0.84)},
}
LEVELS = ["2", "8", "4"]  # as they first come


def patches(axis, *, hatched: bool) -> set[tuple[int, int]]:
    """Row and column of the hatched, or of the framed cells."""
    return {
        (int(patch.get_y()), int(patch.get_x()))
        for patch in axis.patches
        if bool(patch.get_hatch()) is hatched
    }


def written(axis) -> dict[tuple[int, int], list[str]]:
    """What stands in each cell."""
    found: dict[tuple[int, int], list[str]] = {}
    for text in axis.texts:
        x, y = text.get_position()
        found.setdefault((int(y), int(x)), []).append(text.get_text())
    return found


def test_colours_are_the_distance_to_the_best_of_the_column(png):
    figure = interaction(TABLE, factor="depth", caption="in words")
    assert png(figure)
    axis, bar = figure.axes
    drawn = axis.collections[0].get_array()
    expected = [[2, 75, np.nan], [1, 0, 0], [0, 1, np.nan]]
    np.testing.assert_allclose(np.ma.filled(drawn, np.nan), expected, atol=1e-12)
    assert [label.get_text() for label in axis.get_yticklabels()] == list(TABLE)
    assert [label.get_text() for label in axis.get_xticklabels()] == LEVELS
    assert axis.get_ylim() == (3, 0)
    assert bar.get_xlabel() == "below the best of the column (points)"
    assert figure.get_suptitle() == "Accuracy by depth"
    assert figure.get_supxlabel() == "in words"


def test_the_best_of_each_column_is_framed_and_what_is_missing_is_hatched():
    axis = interaction(TABLE, factor="depth").axes[0]
    assert patches(axis, hatched=False) == {(2, 0), (1, 1), (1, 2)}
    assert patches(axis, hatched=True) == {(0, 2), (2, 2)}
    words = axis.get_xlabel().replace("\n", " ")
    assert words == "depth framed: best of its column; ±: 95 % interval; n = 5; hatched: missing"


def test_cells_say_mean_margin_and_failures():
    found = written(interaction(TABLE, factor="depth").axes[0])
    assert found[0, 0] == ["86.00", "±0.30"]
    assert found[0, 1] == ["10.00", "±0.30\n5 of 5 failed"]
    assert set(found) == {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1)}


def test_failures_are_counted_among_all_networks_behind_a_mean():
    table = {"relu": {"2": Cell(Interval(0.5, 0.4, 0.6, 5, 0.95), 7, members=10)}}
    found = written(interaction(table, factor="depth").axes[0])
    assert found[0, 0] == ["50.00", "±10.00\n7 of 10 failed"]
    with pytest.raises(ActscopeError, match="11 failed of n = 10"):
        Cell(Interval(0.5, 0.4, 0.6, 5, 0.95), 11, members=10)


def test_failures_do_not_stretch_the_colours_and_lie_beyond_their_end():
    figure = interaction(TABLE, factor="depth")
    mesh = figure.axes[0].collections[0]
    assert mesh.norm.vmax == pytest.approx(2)  # sigmoid at depth 2; not the 75 of the failure
    assert tuple(mesh.to_rgba(75.0)) == pytest.approx((*to_rgb("#3B4257"), 1))
    colours = {t.get_text(): t.get_color() for t in figure.axes[0].texts}
    assert (colours["10.00"], colours["86.00"]) == ("white", INK)
    assert mesh.colorbar.extend == "max"
    whole = {label: {"2": row["2"]} for label, row in TABLE.items()}
    assert interaction(whole, factor="depth").axes[0].collections[0].colorbar.extend == "neither"


def test_a_cell_far_behind_all_others_lies_beyond_the_colours_too(png):
    table = {name: {str(j): cell(0.88 - i / 100) for j in range(3)} for i, name in enumerate("abc")}
    table["sigmoid"] = {"2": cell(0.1)}
    figure = interaction(table, factor="depth")
    assert png(figure)
    mesh = figure.axes[0].collections[0]
    assert mesh.norm.vmax == pytest.approx(2)
    assert mesh.colorbar.extend == "max"


def test_where_all_cells_have_failures_the_worst_ends_the_colours():
    table = {"a": {"2": cell(0.5, failed=1)}, "b": {"2": cell(0.1, failed=5)}}
    assert interaction(table, factor="f").axes[0].collections[0].norm.vmax == pytest.approx(40)


def test_n_stands_in_each_cell_where_it_differs():
    table = {"relu": {"2": cell(0.8), "4": cell(0.8, n=3)}, "elu": {"2": cell(0.7, n=1)}}
    axis = interaction(table, factor="depth").axes[0]
    found = written(axis)
    assert found[0, 0] == ["80.00", "±0.30\nn = 5"]
    assert found[0, 1] == ["80.00", "±0.30\nn = 3"]
    assert found[1, 0] == ["70.00", "n = 1"]
    assert "n = " not in axis.get_xlabel()


def luminance(rgb) -> float:
    """Relative luminance (WCAG 2.1)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_letters_can_be_read_on_every_colour_and_farther_is_darker():
    lights = [luminance(shade[:3]) for shade in _SHADES]
    assert lights == sorted(lights, reverse=True)
    assert (min(lights) + 0.05) / (luminance(to_rgb(INK)) + 0.05) >= 4.5  # WCAG's AA
    assert 1.05 / (luminance(_MAP(2.0)[:3]) + 0.05) >= 4.5  # white on what lies beyond


def test_equal_scores_are_all_the_best(png):
    table = {label: {"2": cell(0.5), "4": cell(0.5)} for label in ("a", "b")}
    figure = interaction(table, factor="depth")
    assert patches(figure.axes[0], hatched=False) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert png(figure)


def test_a_table_without_a_number_is_hatched_all_over(png):
    figure = interaction({"a": {"x": cell(float("nan"), n=1)}}, factor="f", score=R_SQUARED)
    axis = figure.axes[0]
    assert patches(axis, hatched=True) == {(0, 0)}
    assert not axis.texts
    assert axis.get_xlabel() == "f\nhatched: missing"
    assert png(figure)


@pytest.mark.parametrize("size", [1e-9, 1e3, -1e6])
def test_tiny_and_huge_scores_can_be_drawn(png, size):
    table = {"a": {"x": cell(size, abs(size))}, "b": {"x": cell(0.0, 0.0)}}
    figure = interaction(table, factor="f", score=R_SQUARED)
    assert png(figure)
    assert figure.axes[0].collections[0].norm.vmax == pytest.approx(abs(size))
    assert written(figure.axes[0])[0, 0][0] == R_SQUARED.written(size)


def test_a_single_seed_in_one_column_has_its_mean_alone(png):
    figure = interaction({"relu": {"dense": cell(0.5, n=1)}}, factor="layer")
    axis = figure.axes[0]
    assert written(axis) == {(0, 0): ["50.00", ""]}
    assert axis.get_xlabel() == "layer\nframed: best of its column; n = 1"
    assert png(figure)


@pytest.mark.heavy
def test_a_large_table_with_long_names_overlaps_nowhere_and_is_not_cut_off(png):
    table = {
        f"{i} {LONG}": {f"$j$ = {j}, {LONG}": cell(0.5 + i * j / 1000) for j in range(20)}
        for i in range(12)
    }
    figure = interaction(table, factor="$f$")
    png(figure)
    axis, bar = figure.axes
    rows = [label.get_window_extent() for label in axis.get_yticklabels()]
    for upper, lower in pairwise(rows):
        assert lower.y1 <= upper.y0
    ticks = axis.get_xticklabels()
    assert {tick.get_rotation() for tick in ticks} == {35}
    # Slanted lines of print keep clear of each other: their distance exceeds the height of type.
    wide = axis.get_window_extent().width / 20
    assert wide * np.sin(np.radians(35)) > 1.2 * LABEL_SIZE / 72 * figure.dpi
    boxes = [*rows, *(tick.get_window_extent() for tick in ticks), bar.get_tightbbox()]
    assert min(box.x0 for box in boxes) >= 0
    assert min(box.y0 for box in boxes) >= 0
    assert max(box.x1 for box in boxes) <= figure.bbox.width
    for text in axis.texts:
        assert text.get_window_extent().width < wide


def test_short_names_stand_upright():
    ticks = interaction(TABLE, factor="depth").axes[0].get_xticklabels()
    assert {tick.get_rotation() for tick in ticks} == {0}


def test_impossible_cells_and_empty_tables_are_refused():
    with pytest.raises(ActscopeError, match="6 failed of n = 5; expected no more than there are"):
        cell(0.5, failed=6)
    for table in ({}, {"relu": {}}):
        with pytest.raises(ActscopeError, match="no cell to draw"):
            interaction(table, factor="depth")


@pytest.mark.heavy
@pytest.mark.parametrize("size", [1e-12, 1.0, 1e30])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_table_of_any_size_is_read(legible, size, rows):
    cells = {f"{i}": Cell(Interval(size * i, None, None, 1, 0.95)) for i in range(12)}
    figure = interaction({f"f{i}": cells for i in range(rows)}, factor="depth", score=R_SQUARED)
    legible(figure)
    told = [text.get_text() for text in figure.axes[0].texts]
    assert R_SQUARED.written(11 * size) in told


def test_a_table_of_diverged_networks_is_hatched(legible):
    lost = Cell(Interval(math.nan, None, None, 3, 0.95), 3)
    figure = interaction({"relu": {"2": lost, "4": lost}}, factor="depth")
    legible(figure)
    assert len([patch for patch in figure.axes[0].patches if patch.get_hatch()]) == 2


def test_odd_names_everywhere(legible, odd_name):
    cells = {odd_name: Cell(Interval(0.5, 0.4, 0.6, 3, 0.95)), "other": Cell(SURE)}
    legible(interaction({odd_name: cells, "relu": cells}, factor=odd_name))


SURE = Interval(0.5, 0.5, 0.5, 3, 0.95)
