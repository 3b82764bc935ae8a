import numpy as np
import pytest

from actscope.figures._grid import grid
from actscope.figures._style import sheet
from actscope.figures._text import width


def drawn(families):
    arranged = grid(families)
    with sheet(*arranged.size) as figure:
        axes = dict(arranged.panels(figure))
    return figure, axes


def place(axis):
    spec = axis.get_subplotspec()
    return spec.rowspan.start, spec.colspan.start


def heads(axes):
    return {label: [text.get_text() for text in axis.texts] for label, axis in axes.items()}


@pytest.mark.parametrize("count", range(1, 7))
def test_few_stand_two_a_row_as_they_come(count):
    families = {f"f{i}": f"family {i % 2}" for i in range(count)}
    figure, axes = drawn(families)
    assert list(axes) == list(families)
    assert [place(axis) for axis in axes.values()] == [
        divmod(i, min(2, count)) for i in range(count)
    ]
    assert not any(heads(axes).values())
    # The tutorial's size of a panel.
    assert figure.get_size_inches()[0] == pytest.approx(max(7.2, 4.2 * min(2, count)))


def test_many_stand_by_family_each_from_a_row_of_its_own():
    families = {f"a{i}": "one" for i in range(8)} | {"b0": "two", "a8": "one", "c": ""}
    _, axes = drawn(families)
    assert list(axes) == [*(f"a{i}" for i in range(9)), "b0", "c"]
    places = [place(axis) for axis in axes.values()]
    assert places == [*(divmod(i, 6) for i in range(9)), (2, 0), (3, 0)]
    found = {label: words for label, words in heads(axes).items() if words}
    assert found == {"a0": ["one"], "b0": ["two"], "c": ["functions of your own"]}


def test_only_the_lowest_panels_of_a_family_say_what_x_is():
    _, axes = drawn({f"f{i}": "one" for i in range(8)})
    silent = [label for label, axis in axes.items() if not axis.get_xlabel()]
    assert silent == ["f0", "f1"]


@pytest.mark.heavy
def test_many_small_panels_do_not_touch(png):
    families = {f"function_{i}(alpha=0.1, beta=2)": f"family {i // 8}" for i in range(14)}
    figure, axes = drawn(families)
    assert png(figure)
    boxes = [axis.get_tightbbox() for axis in axes.values()]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            across = min(one.x1, other.x1) - max(one.x0, other.x0)
            down = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert min(across, down) < 1.0  # pixels: of the edges' rounding


def test_a_long_title_fits_its_small_panel(png):
    label = "a_function_with_a_long_name(alpha=0.123456, beta=0.654321)"
    figure, axes = drawn({label: "x"} | {f"f{i}": "x" for i in range(6)})
    assert png(figure)
    title = axes[label].title
    assert "…" in title.get_text()
    panel = axes[label].get_window_extent().width / figure.dpi
    assert width(title.get_text(), title.get_fontsize()) < 1.25 * panel


def test_a_family_is_not_read_as_mathematics(png):
    figure, axes = drawn({f"f{i}": "$a$" for i in range(7)})
    assert axes["f0"].texts[0].get_text() == r"\$a\$"
    assert png(figure)
    assert np.isfinite(figure.get_size_inches()).all()
