import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from actscope.figures._text import percent, plain


@pytest.mark.parametrize("words", ["$x$ <b>", "$", "$$", "a_b^c", r"\frac", "$\\alpha$", "a & b"])
def test_plain_text_is_drawn_as_it_is_written(words):
    drawn = Text(text=plain(words))
    drawn.set_figure(Figure())
    # What matplotlib makes of it before it draws: the words, and whether mathtext reads them.
    assert drawn._preprocess_math(drawn.get_text()) == (words, False)


def test_a_label_stays_on_one_line():
    assert plain("two\nlines\tand a\x00bell") == "two lines and a bell"


@pytest.mark.parametrize("length", [39, 40, 41, 500])
def test_a_long_label_keeps_its_ends(length):
    label = "a" * (length - 3) + "end"
    found = plain(label)
    assert len(found) <= 41
    assert found.endswith("end")
    assert (found == label) is (length <= 40)


def test_dollars_are_not_counted_as_length():
    assert plain("$" * 40) == r"\$" * 40


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50.0 %"),
        (0.1234, "12.3 %"),
        (1e-9, "< 0.1 %"),
        (0.001, "0.1 %"),
        (0.9999, "> 99.9 %"),
        (0.999, "99.9 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_everything(share, words):
    assert percent(share) == words
