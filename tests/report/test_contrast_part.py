"""Two probed networks in one part."""

from actscope.pages import Chart, Table
from actscope.report import Probed, contrast
from profiles import finding, profile, site


def blocks(part, kind):
    return [block for block in part.blocks if isinstance(block, kind)]


def test_what_is_wrong_with_one_alone_is_said():
    one = profile(findings=(finding("diverged", "error"), finding(), finding(site="layers.1")))
    other = profile(findings=(finding(), finding("not_learning")), loss=0.25)
    part = contrast(Probed("before", one), Probed("after", other))
    assert part.finding == (
        "Wrong with before alone: diverged. Wrong with after alone: not_learning. "
        "Wrong with both: dead_units. Loss 1.5 and 0.25."
    )
    rules, _ = blocks(part, Table)
    assert rules.heads == ("rule", "before", "after")
    assert rules.rows == (
        ("diverged", "error, 1 place", "–"),
        ("dead_units", "warning, 2 places", "warning, 1 place"),
        ("not_learning", "–", "warning, 1 place"),
    )


def test_the_numbers_have_their_difference():
    one, other = profile(), profile(loss=0.25, accuracy=0.75, sites=(site("a"),))
    (table,) = blocks(contrast(Probed("one", one, 0.5), Probed("other", other)), Table)
    assert table.rows == (
        ("examples", "9", "9", "0"),
        ("loss", "1.5", "0.25", "-1.25"),
        ("accuracy on these (%)", "50.00", "75.00", "+25.00"),
        ("test accuracy (%)", "50.00", "–", "–"),
        ("units", "8", "4", "-4"),
        ("dead units", "6", "2", "-4"),
        ("dead units (%)", "75", "50", "-25"),
    )


def test_the_charts_are_of_both_on_one_scale():
    one, other = profile(), profile(sites=(site("a", activation="relu"),))
    part = contrast(Probed("same", one), Probed("same", other))
    assert part.finding == "Nothing is wrong with either. Loss 1.5 and 1.5."
    for chart in blocks(part, Chart):
        assert [row["network"] for row in chart.rows] == ["same (1)", "same (1)", "same (2)"]
        assert chart.spec["facet"]["field"] == "network"


def test_what_is_not_known_is_no_number():
    empty = profile(loss=None, accuracy=None, sites=(), parameters=())
    part = contrast(Probed("one", empty), Probed("other", profile()))
    assert part.finding == "Nothing is wrong with either."
    (table,) = blocks(part, Table)
    assert table.rows[1] == ("loss", "–", "1.5", "–")
    assert table.rows[-1] == ("dead units (%)", "–", "75", "–")
