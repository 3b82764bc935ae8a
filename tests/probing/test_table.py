import math

import numpy as np

from actscope.probing import summarise
from actscope.probing._table import HEADS, heading, named, row, text
from profiles import finding, site


def test_a_row_has_the_numbers_of_its_site():
    gradient = np.array([[3e-6, -4e-6]])
    found = dict(zip(HEADS, row(site("a", gradient=summarise(gradient))), strict=True))
    assert found == {
        "site": "a",
        "activation": "tanh",
        "role": "hidden",
        "units": "4",
        "dead": "2 (50 %)",
        "saturated": "25 %",
        "gradient rms": "3.54e-06",  # sqrt((9 + 16) / 2)
        "correlation": "0.5",
        "effective rank": "3.5",
    }


def test_what_is_not_known_is_a_dash():
    unknown = dict.fromkeys(["saturated_fraction", "correlation", "effective_rank"], math.nan)
    alive = np.zeros(4, bool)
    assert row(site("a", gradient=None, dead=alive, **unknown))[4:] == ("0", *["–"] * 4)


def test_the_heading_says_only_what_is_known():
    assert heading([site("a")], 1200, None, None) == "1 site over 1,200 examples"
    assert heading([], 1, math.nan, 0.98765) == "0 sites over 1 examples, loss –, accuracy 98.8 %"


def test_columns_stand_below_each_other():
    title, head, *rows, told = text(
        "title", [site("a"), site("layers.11")], [finding()]
    ).splitlines()
    assert title == "title"
    assert told == "dead_units (warning, at layers.0): another start"
    for word, cell in (("units", "4"), ("saturated", "25 %"), ("effective rank", "3.5")):
        end = head.index(word) + len(word)
        assert all(line[:end].endswith(cell) for line in rows)
    assert {line.index("tanh") for line in rows} == {head.index("activation")}


def test_of_many_sites_the_first_and_the_last_are_shown():
    lines = text("title", [site(f"s{i}") for i in range(150)], []).splitlines()
    assert [line.split()[0] for line in lines[2:]] == [
        *(f"s{i}" for i in range(10)),
        "…",
        *(f"s{i}" for i in range(140, 150)),
    ]
    assert "130 more" in lines[12]


def test_a_name_is_no_order_to_the_terminal_and_no_line_of_its_own():
    shown = text("title", [site("\x1b[31mred\n" + 500 * "x")], [finding(site="\x1b]0;")])
    assert shown.count("\n") == 3
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) < 160


def test_a_finding_says_where():
    assert named([finding()]) == "dead_units (warning, at layers.0)"
    assert named([finding()] * 3) == "dead_units (warning, at 3 sites)"
    assert named([finding(site="", severity="error")]) == "dead_units (error)"
