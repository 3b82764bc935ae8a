"""Words and numbers as they stand in a figure."""

import math
from collections.abc import Iterable
from functools import cache
from textwrap import wrap

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

_LONGEST = 40  # characters; the longest label that fits the title of half a page's width
_LETTERS = 13.5  # an inch, in the type of an axis' label
_UNKNOWN = "□"  # what stands for a sign that the font has not
_EVEN = 0.85  # of the letters that a line holds on average: some lines have wider ones
_HELD = "\xa0"  # a space at which no line is broken

POINTS = 72  # an inch


def plain(text: str, longest: int = _LONGEST) -> str:
    r"""Text that means nothing to mathtext, on one line, shortened in the middle if it is long.

    See `drawable` for what cannot stand in it as it is.
    """
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    if len(printable) > longest:
        half = longest // 2
        printable = f"{printable[:half]}…{printable[-half:]}"
    return drawable(printable)


def drawable(text: str) -> str:
    r"""Text of which each sign is drawn.

    A `$` is written `\$`, which matplotlib draws as the sign itself; one that the font does not
    have is □, of which matplotlib would warn at every drawing.
    """
    known = _signs()
    seen = (sign if sign == "\n" or ord(sign) in known else _UNKNOWN for sign in text)
    return "".join(seen).replace("$", r"\$")


@cache
def _signs() -> frozenset[int]:
    """The code points of matplotlib's own font, which is the one of every figure."""
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def percent(share: float) -> str:
    """A share of 1 in percent: one decimal, and never rounded to nothing or to everything."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def number(value: float, decimals: int, *, signed: bool = False) -> str:
    """A number with its decimals; by its exponent where they would leave nothing, or too much.

    One that is not finite is "–". The minus sign is that of the axes.
    """
    if not math.isfinite(value):
        return "–"
    usual = value == 0 or 0.5 * 10**-decimals <= abs(value) < 1e5
    kind = f".{decimals}f" if usual else ".1e"
    return format(value, f"+{kind}" if signed and value else kind).replace("-", "−")


def lines(parts: Iterable[str], inches: float) -> str:
    """One part after the other, broken between two where the label of an axis would be too wide."""
    whole = "; ".join(part.replace(" ", _HELD) for part in parts)
    broken = wrap(whole, int(_LETTERS * inches), break_long_words=False, break_on_hyphens=False)
    return "\n".join(broken).replace(_HELD, " ")


def tick(value: float) -> str:
    """What stands at a tick: as short as can be, without a power of ten somewhere else."""
    return f"{value:.10g}".replace("-", "−")


def fitted(text: str, inches: float, size: float) -> str:
    """Text as `drawable` has it in lines of so many inches, by its own average letter.

    Args:
        text: on one line.
        inches: how long a line may be.
        size: of the font, in points.
    """
    whole = width(text, size)
    if whole <= inches:
        return text
    letters = text.replace(r"\$", "$")  # no line is broken within a sign
    broken = wrap(letters, max(1, int(_EVEN * len(letters) * inches / whole)))
    return "\n".join(broken).replace("$", r"\$")


def shortened(text: str, inches: float, size: float) -> str:
    """A line as `plain` has it that is no wider than that, by its own average letter.

    Args:
        text: of any length.
        inches: how wide it may be.
        size: of the font, in points.
    """
    whole = plain(text)
    wide = width(whole, size)
    letters = len(whole.replace(r"\$", "$"))
    return whole if wide <= inches else plain(text, max(2, int(_EVEN * letters * inches / wide)))


def width(text: str, size: float) -> float:
    """How wide a line is drawn, in inches.

    Args:
        text: as `plain` has it.
        size: of the font, in points.
    """
    font = FontProperties(family="sans-serif", size=size)
    points, _, _ = text_to_path.get_text_width_height_descent(text.replace(r"\$", "$"), font, False)
    return points / POINTS
