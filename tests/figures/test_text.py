import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from actscope.figures._text import (
    drawable,
    fitted,
    lines,
    number,
    percent,
    plain,
    shortened,
    tick,
    width,
)


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


def test_a_label_may_be_allowed_more_room():
    assert plain("a" * 50, longest=60) == "a" * 50
    assert plain("a" * 50 + "b" * 50, longest=60) == "a" * 30 + "…" + "b" * 30


@pytest.mark.parametrize(
    ("value", "decimals", "words"),
    [
        (0.0, 2, "0.00"),
        (-1.005, 1, "−1.0"),
        (88.456, 2, "88.46"),
        (99999, 0, "99999"),
        (1e5, 2, "1.0e+05"),
        (0.005, 2, "0.01"),
        (0.0049, 2, "4.9e−03"),
        (-1e-9, 4, "−1.0e−09"),
        (float("nan"), 2, "–"),
        (float("-inf"), 2, "–"),
    ],
)
def test_a_number_is_never_rounded_to_nothing_nor_endless(value, decimals, words):
    assert number(value, decimals) == words


def test_a_signed_number_has_its_sign_but_zero_has_none():
    assert [number(v, 1, signed=True) for v in (0.5, -0.5, 0.0, 1e-9)] == [
        "+0.5",
        "−0.5",
        "0.0",
        "+1.0e−09",
    ]


def test_lines_are_broken_between_parts_alone():
    parts = ["right is better", "thick: 95 % interval", "thin: simultaneous"]
    assert lines(parts, 10) == "; ".join(parts)
    assert lines(parts, 3) == "right is better; thick: 95 % interval;\nthin: simultaneous"
    assert lines(parts, 1).split("\n") == [f"{parts[0]};", f"{parts[1]};", parts[2]]
    assert lines([], 3) == ""


@pytest.mark.parametrize("words", ["leaky_relu", "+0.31 [+0.12, −0.50]", r"costs \$5"])
def test_a_text_is_as_wide_as_it_is_drawn(words):
    figure = Figure(dpi=100)
    FigureCanvasAgg(figure)
    drawn = figure.text(0, 0, words, fontsize=20, family="sans-serif")
    # Hinting moves the drawn glyphs to whole pixels: a few per cent of the width.
    assert width(words, 20) == pytest.approx(drawn.get_window_extent().width / 100, rel=0.04)


def test_a_sign_that_the_font_has_not_is_a_box():
    assert plain("激活_f") == "□□_f"
    assert plain("שלום φ′ √ ×") == "שלום φ′ √ ×"
    assert drawable("5 $\nand 激") == "5 \\$\nand □"


@pytest.mark.parametrize("text", ["one two three " * 9, "x" * 300, r"\$" * 200, "WWii" * 60])
def test_text_is_broken_where_a_line_would_be_too_long(text):
    broken = fitted(text, 3, 12)
    assert broken.replace("\n", "").replace(" ", "") == text.replace(" ", "")
    assert max(width(line, 12) for line in broken.split("\n")) <= 3
    assert all(line.count("$") == line.count(r"\$") for line in broken.split("\n"))
    assert fitted("short", 3, 12) == "short"


@pytest.mark.parametrize("letter", ["i", "x", "W", "$"])
@pytest.mark.parametrize("inches", [0.8, 2.0])
def test_a_text_is_shortened_to_its_room(letter, inches):
    found = shortened(letter * 10_000, inches, 9)
    assert 0.5 * inches < width(found, 9) <= inches
    assert "…" in found
    assert shortened("relu", inches, 9) == "relu"


def test_a_tick_is_short():
    assert [tick(value) for value in (0.1 + 0.2, -2.5, 1e-12, 1e30, 88.25)] == [
        *("0.3", "−2.5", "1e−12", "1e+30", "88.25")
    ]
