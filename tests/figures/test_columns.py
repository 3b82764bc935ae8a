import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from actscope.figures._columns import columns, columns_width
from actscope.figures._style import panels, sheet

TABLE = {
    "mean": ["+0.31", "−12345.67"],
    "interval": ["", ""],
    "a long head": ["1", "2"],
    "verdict": ["not distinguishable", "$x$".replace("$", r"\$")],
}


def drawn(table=TABLE):
    with sheet(7, 2) as figure:
        (axis,) = panels(figure, 1, 1)
        axis.set_ylim(1.5, -0.5)
        columns(axis, [0, 1], table)
    FigureCanvasAgg(figure).draw()
    return figure, axis


def test_each_text_stands_in_its_row_right_of_the_panel():
    _, axis = drawn()
    right, rows = axis.get_window_extent().x1, axis.transData.inverted()
    cells = {text: row for texts in TABLE.values() for row, text in enumerate(texts) if text}
    seen = {text.get_text(): text.get_window_extent() for text in axis.texts}
    assert all(box.x0 > right for box in seen.values())
    for text, row in cells.items():
        assert rows.transform(seen[text])[:, 1].mean() == pytest.approx(row, abs=0.1)


def test_columns_come_in_their_order_without_overlap_and_the_empty_one_not_at_all():
    _, axis = drawn()
    seen = {text.get_text(): text.get_window_extent() for text in axis.texts}
    heads = [text for text in seen if text in TABLE]
    assert heads == ["mean", "a long head", "verdict"]
    end = 0.0
    for head in heads:
        boxes = [seen[text] for text in (head, *TABLE[head])]
        assert all(box.x0 >= end for box in boxes)
        assert [box.x0 for box in boxes] == pytest.approx([boxes[0].x0] * 3, abs=2)  # pixels
        end = max(box.x1 for box in boxes)


def test_the_width_is_what_they_take():
    figure, axis = drawn()
    reach = max(text.get_window_extent().x1 for text in axis.texts)
    taken = (reach - axis.get_window_extent().x1) / figure.dpi
    assert taken == pytest.approx(columns_width(TABLE), abs=0.12)
    assert columns_width({"a": [""]}) == 0
