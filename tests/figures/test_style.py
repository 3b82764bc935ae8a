import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D

from actscope._errors import ActscopeError
from actscope.figures import dead_units
from actscope.figures._style import NOTE_SIZE, beside, note, panels, require, sheet

LAYERS = {"relu": [(0, 4), (3, 4)], "tanh": [(1, 4), (0, 4)]}


def pixels(figure) -> np.ndarray:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


@pytest.mark.heavy
def test_drawing_needs_no_pyplot_and_no_backend():
    code = (
        "import sys\n"
        "from actscope.figures import dead_units\n"
        "import matplotlib\n"
        "before = matplotlib.rcParams._get_backend_or_none()\n"
        "dead_units({'relu': [(1, 2)]}, examples=3).savefig(sys.stdout.buffer, format='png')\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert matplotlib.rcParams._get_backend_or_none() == before\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(b"\x89PNG")


USERS = {
    "axes.grid": False,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "axes.facecolor": "black",
    "font.size": 30.0,
    "grid.color": "red",
    "lines.linewidth": 9.0,
    "xtick.labelsize": 25.0,
    "ytick.color": "red",
    "figure.dpi": 100.0,
    "axes.prop_cycle": matplotlib.rcsetup.cycler(color=["red"]),
}


def test_a_users_settings_change_nothing_and_are_left_alone():
    expected = pixels(dead_units(LAYERS, examples=8))
    with matplotlib.rc_context(USERS):
        before = dict(matplotlib.rcParams)
        found = pixels(dead_units(LAYERS, examples=8))
        assert dict(matplotlib.rcParams) == before
    np.testing.assert_array_equal(found, expected)


def test_settings_are_put_back_when_drawing_fails():
    before = dict(matplotlib.rcParams)
    with pytest.raises(ZeroDivisionError), sheet(1, 1):
        _ = 1 / 0
    assert dict(matplotlib.rcParams) == before


@pytest.mark.heavy
def test_threads_draw_the_same_figure():
    expected = pixels(dead_units(LAYERS, examples=8))
    before = dict(matplotlib.rcParams)
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: dead_units(LAYERS, examples=8), range(12)))
    assert dict(matplotlib.rcParams) == before
    for figure in drawn:
        np.testing.assert_array_equal(pixels(figure), expected)


def test_title_and_caption_are_on_the_sheet():
    with sheet(3, 2, title="what it is", caption="costs $5 or $6") as figure:
        pass
    assert figure.get_suptitle() == "what it is"
    assert figure.get_supxlabel() == r"costs \$5 or \$6"
    assert figure.get_size_inches().tolist() == [3, 2]


@pytest.mark.parametrize(("count", "columns", "rows"), [(1, 1, 1), (4, 2, 2), (5, 2, 3), (9, 4, 3)])
def test_panels_come_in_reading_order_without_surplus(count, columns, rows):
    with sheet(4, 4) as figure:
        axes = panels(figure, count, columns)
        assert figure.axes == axes
    places = [axis.get_subplotspec() for axis in axes]
    assert [place.rowspan.start for place in places] == [i // columns for i in range(count)]
    assert [place.colspan.start for place in places] == [i % columns for i in range(count)]
    assert places[0].get_gridspec().nrows == rows


def test_a_note_stands_in_its_corner():
    with sheet(4, 4) as figure:
        (axis,) = panels(figure, 1, 1)
        note(axis, ["one", "two"])
        note(axis, ["three"], side="left")
    right, left = axis.texts
    assert (right.get_text(), left.get_text()) == ("one\ntwo", "three")
    assert (right.get_ha(), left.get_ha()) == ("right", "left")
    assert right.get_position()[0] > 0.5 > left.get_position()[0]
    assert right.get_fontsize() == NOTE_SIZE


def test_nothing_is_not_drawn():
    with pytest.raises(ActscopeError, match="no thing to draw; expected at least one"):
        require({}, "thing")
    require(np.zeros(1), "thing")


def test_a_long_title_takes_more_lines_and_no_room_of_the_panels(legible):
    with sheet(4, 3, title="many words that do not fit on a line of four inches") as figure:
        panels(figure, 1, 1)
    lines = figure.get_suptitle().count("\n")
    assert lines >= 1
    assert figure.get_size_inches()[1] == pytest.approx(3 + 0.21 * lines)
    legible(figure)


@pytest.mark.heavy
@pytest.mark.parametrize("count", [1, 17, 200])
def test_a_legend_beside_the_panel_is_as_high_as_the_sheet_at_most(legible, count):
    names = [f"a network, {i}" for i in range(count)]
    columns, inches = beside(names, 4.0)
    with sheet(4 + inches, 4.0, title="t", caption="c") as figure:
        (axis,) = panels(figure, 1, 1)
        lines = [axis.plot([0, 1])[0] for _ in names]
        figure.legend(lines, names, loc="outside right center", ncols=columns)
    legible(figure)
    assert figure.legends[0].get_window_extent().width <= inches * figure.dpi
    assert axis.get_window_extent().width > 3 * figure.dpi


def test_the_check_of_all_figures_sees_what_it_is_to_see(legible):
    def word(figure, place):
        figure.text(place, 0.5, "a word")

    problems = {
        "cut off": [lambda figure: figure.add_artist(Line2D([0, 1], [0.5, 0.5]))],
        "beyond the sheet": [lambda figure: word(figure, 0.98)],
        "one over the other": [lambda figure: word(figure, 0.5)] * 2,
        "say the same": [lambda figure: figure.axes[0].xaxis.set_major_formatter(lambda *_: "1")],
    }
    for words, spoils in problems.items():
        with sheet(4, 4) as figure:
            panels(figure, 1, 1)
            for spoil in spoils:
                spoil(figure)
        with pytest.raises(AssertionError, match=words):
            legible(figure)
