"""Names as they are shown."""

from actscope.pages import brief


def test_a_name_stays_what_it_is():
    assert brief(["relu", "leaky_relu, 0.1"]) == {
        "relu": "relu",
        "leaky_relu, 0.1": "leaky_relu, 0.1",
    }


def test_a_long_name_is_cut_in_the_middle_and_stays_unlike_all_others():
    names = ["a" * 5000 + end for end in ("x" * 30, "y" + "x" * 30, "z" + "x" * 30)]
    shown = brief(names)
    assert all(len(each) <= 53 for each in shown.values())
    assert len({*shown.values()}) == 3


def test_nothing_turns_or_breaks_the_line():
    (shown,) = brief(["\u202eulre\n\x1b[31m"]).values()
    assert shown.isprintable()
    assert "ulre" in shown
